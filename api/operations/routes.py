"""Operations: every purchase, what happened to it, and what a person on duty can do."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import StreamingResponse

from api.answers import A_FILE
from api.limits import LimitDesk
from api.operations.access import Operator
from api.operations.desk import OperatorDesk
from api.operations.schemas import (
    Because,
    Board,
    ExtensionDraft,
    PersonFound,
    PersonQuery,
    PurchaseDetail,
    PurchaseFilter,
    PurchasePage,
    PurchaseQuery,
)
from api.problems import (
    ActionRefused,
    ForeignOrigin,
    InsufficientScope,
    InvalidRequest,
    NotFound,
    NotSignedIn,
    OperatorsOnly,
    Problem,
    TooLate,
    TooManyRequests,
    problems,
)
from services.auth.documents import User
from services.limits.rules import Rule

router = APIRouter(prefix="/api/operations", tags=["operations"])

OrderId = Annotated[str, Path(max_length=64, description="The order's id.")]
FindingId = Annotated[str, Path(max_length=300, description="The finding's id.")]

LOOKING: tuple[type[Problem], ...] = (NotSignedIn, InsufficientScope, OperatorsOnly)
ASKING: tuple[type[Problem], ...] = (*LOOKING, ForeignOrigin, TooManyRequests)
ACTING: tuple[type[Problem], ...] = (*ASKING, NotFound, TooLate, ActionRefused, InvalidRequest)


async def _desk(request: Request) -> OperatorDesk:
    desk: OperatorDesk = request.app.state.operator_desk
    return desk


Desk = Annotated[OperatorDesk, Depends(_desk)]


async def _acting(operator: Operator, limits: LimitDesk) -> User:
    await limits.hit(Rule.OPERATE_USER, operator.id)
    return operator


Acting = Annotated[User, Depends(_acting)]
"""An operator who does something, which is counted."""


@router.get(
    "/purchases",
    operation_id="listPurchases",
    summary="Purchases",
    responses=problems(*LOOKING, InvalidRequest),
)
async def page(query: Annotated[PurchaseQuery, Query()], _: Operator, desk: Desk) -> PurchasePage:
    """Everybody's. Open ones begin with the nearest deadline, all others with the newest."""
    return await desk.page(query)


@router.get(
    "/purchases.csv",
    operation_id="exportPurchases",
    summary="Purchases as a table",
    response_class=StreamingResponse,
    responses={
        200: {"headers": A_FILE, "content": {"text/csv": {"schema": {"type": "string"}}}},
        **problems(*LOOKING, InvalidRequest, TooManyRequests),
    },
)
async def table(
    query: Annotated[PurchaseFilter, Query()], operator: Operator, limits: LimitDesk, desk: Desk
) -> StreamingResponse:
    """All rows of the list, in its order. Ids, amounts in minor units and states; nobody's name."""
    await limits.hit(Rule.EXPORT_USER, operator.id)
    return StreamingResponse(
        await desk.table(operator, query),
        media_type="text/csv",
        headers={"Content-Disposition": 'attachment; filename="purchases.csv"'},
    )


@router.post(
    "/people",
    operation_id="findPerson",
    summary="Find a person",
    responses=problems(*ASKING, InvalidRequest),
)
async def find_person(body: PersonQuery, operator: Acting, desk: Desk) -> PersonFound:
    """The ids under which somebody buys and sells, to search purchases by.

    Empty when nobody has proven the address and nobody has opened an account under it.
    """
    return await desk.find_person(operator, body.email)


@router.get(
    "/purchases/{order_id}",
    operation_id="getPurchase",
    summary="All about one purchase",
    responses=problems(*LOOKING, NotFound),
)
async def get(order_id: OrderId, _: Operator, desk: Desk) -> PurchaseDetail:
    """What happened to the order, at Stripe and in the post; its workflows; what can be done now.

    While Temporal does not answer, workflows are `unknown` and nothing can be done.
    """
    return await desk.get(order_id)


@router.post(
    "/purchases/{order_id}/extend",
    operation_id="extendPurchase",
    summary="Give the buyer more time",
    responses=problems(*ACTING),
)
async def extend(
    order_id: OrderId, body: ExtensionDraft, operator: Acting, desk: Desk
) -> PurchaseDetail:
    """Adds to the deadline that the operator has seen. The same again changes nothing more."""
    return await desk.extend(operator, order_id, body)


@router.post(
    "/purchases/{order_id}/cancel",
    operation_id="cancelPurchase",
    summary="Cancel a purchase",
    responses=problems(*ACTING),
)
async def cancel(order_id: OrderId, body: Because, operator: Acting, desk: Desk) -> PurchaseDetail:
    """Until the money is being taken; whatever the bank holds is let go, the ticket is free."""
    return await desk.cancel(operator, order_id, body.reason)


@router.post(
    "/purchases/{order_id}/retry-capture",
    operation_id="retryCapture",
    summary="Ask Stripe again now",
    responses=problems(*ACTING),
)
async def retry_capture(
    order_id: OrderId, body: Because, operator: Acting, desk: Desk
) -> PurchaseDetail:
    """For a purchase that waits for its next try. Money is never taken twice."""
    return await desk.retry_capture(operator, order_id, body.reason)


@router.post(
    "/purchases/{order_id}/refund",
    status_code=202,
    operation_id="refundPurchase",
    summary="Refund a purchase",
    responses=problems(*ACTING),
)
async def refund(order_id: OrderId, body: Because, operator: Acting, desk: Desk) -> PurchaseDetail:
    """All of it, or once more after Stripe has failed to. Refused while the payment is disputed."""
    return await desk.refund(operator, order_id, body.reason)


@router.post(
    "/purchases/{order_id}/settle-refund",
    operation_id="settleRefund",
    summary="The money went back by other means",
    responses=problems(*ACTING),
)
async def settle_refund(
    order_id: OrderId, body: Because, operator: Acting, desk: Desk
) -> PurchaseDetail:
    """Ends a refund that Stripe has failed to make: the order is refunded, the ticket is free."""
    return await desk.settle_refund(operator, order_id, body.reason)


@router.post(
    "/purchases/{order_id}/check",
    operation_id="checkPurchase",
    summary="Check a purchase",
    responses=problems(*ASKING, NotFound),
)
async def check(order_id: OrderId, operator: Acting, desk: Desk) -> PurchaseDetail:
    """Holds the order against Stripe and Temporal, heals what is safe, and shows what it found."""
    return await desk.check(operator, order_id)


@router.get(
    "/board",
    operation_id="getBoard",
    summary="What needs a person",
    responses=problems(*LOOKING),
)
async def board(_: Operator, desk: Desk) -> Board:
    """Open findings, oldest first, and when was checked last."""
    return await desk.board()


@router.post(
    "/findings/{finding_id}/dismiss",
    status_code=204,
    operation_id="dismissFinding",
    summary="Take a finding off the board",
    responses=problems(*ASKING, NotFound, InvalidRequest),
)
async def dismiss(finding_id: FindingId, body: Because, operator: Acting, desk: Desk) -> None:
    """Somebody has dealt with it. Not found when it is not open."""
    await desk.dismiss(operator, finding_id, body.reason)


@router.post(
    "/reconciliation",
    status_code=202,
    operation_id="reconcile",
    summary="Check everything now",
    responses=problems(*ASKING),
)
async def reconcile(operator: Acting, desk: Desk) -> None:
    """As every five minutes, without waiting for the next time. One that is at work goes on."""
    await desk.reconcile(operator)
