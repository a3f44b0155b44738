"""Orders: buy, bill, cancel, refund, look."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response

from api.answers import PLACED
from api.dependencies import Buyer, OrderReader
from api.limits import LimitDesk, limited
from api.orders.desk import OrderDesk
from api.orders.entrance import Entrance, Place
from api.orders.schemas import BillingDraft, OrderDraft, OrderPage, OrderQuery, OrderView
from api.problems import (
    Disputed,
    ForeignOrigin,
    InsufficientScope,
    InvalidRequest,
    NotComplete,
    NotFound,
    NotSignedIn,
    OwnTicket,
    PaymentRefused,
    TicketUnavailable,
    TooLate,
    TooManyHolds,
    TooManyRequests,
    problems,
)
from services import security_log
from services.limits.rules import Rule
from services.security_log import Event

router = APIRouter(prefix="/api/orders", tags=["orders"])

OrderId = Annotated[str, Path(max_length=64, description="The order's id.")]
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        pattern=r"^[\x21-\x7e]+$",
        description="The same key again, with the same body, gives the same order.",
        examples=["8c1f2c3e-0b1a-4b56-9c55-0f6a5d0f2d11"],
    ),
]


async def _desk(request: Request) -> OrderDesk:
    desk: OrderDesk = request.app.state.order_desk
    return desk


Desk = Annotated[OrderDesk, Depends(_desk)]


async def _entered(request: Request) -> AsyncIterator[Place]:
    entrance: Entrance = request.app.state.entrance
    async with entrance.place() as place:
        yield place


Inside = Annotated[Place, Depends(_entered, scope="function")]


@router.post(
    "",
    status_code=201,
    operation_id="createOrder",
    summary="Buy a ticket",
    dependencies=[Depends(_entered, scope="function"), Depends(limited(Rule.RESERVE))],
    responses={
        201: {"headers": PLACED},
        **problems(
            NotSignedIn,
            ForeignOrigin,
            InsufficientScope,
            NotFound,
            OwnTicket,
            TicketUnavailable,
            TooManyHolds,
            InvalidRequest,
            TooManyRequests,
        ),
    },
)
async def buy(
    body: OrderDraft,
    *,
    buyer: Buyer,
    desk: Desk,
    limits: LimitDesk,
    place: Inside,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> OrderView:
    """Reserves the ticket and answers with the order and its deadline.

    With a billing address the order becomes payable at once; without, it is sent later.
    """
    await limits.hit(Rule.RESERVE_USER, buyer.id)
    place.leave()
    order = await desk.buy(buyer, body, idempotency_key)
    response.headers["Location"] = f"/api/orders/{order.id}"
    return order


@router.get(
    "",
    operation_id="listOrders",
    summary="My orders",
    responses=problems(NotSignedIn, InsufficientScope, InvalidRequest),
)
async def page(query: Annotated[OrderQuery, Query()], buyer: OrderReader, desk: Desk) -> OrderPage:
    """The newest first."""
    return await desk.page(buyer, query.limit, query.cursor)


@router.get(
    "/{order_id}",
    operation_id="getOrder",
    summary="Look at an order",
    responses=problems(NotSignedIn, InsufficientScope, NotFound),
)
async def get(order_id: OrderId, buyer: OrderReader, desk: Desk) -> OrderView:
    """Only one's own; another's is not found."""
    return await desk.get(buyer, order_id)


@router.put(
    "/{order_id}/billing",
    operation_id="setBilling",
    summary="Give the billing address",
    responses=problems(
        NotSignedIn,
        ForeignOrigin,
        InsufficientScope,
        NotFound,
        TooLate,
        PaymentRefused,
        InvalidRequest,
    ),
)
async def bill(order_id: OrderId, body: BillingDraft, buyer: Buyer, desk: Desk) -> OrderView:
    """Fixes lines and total, and makes the order payable. May be changed until it is paid."""
    return await desk.bill(buyer, order_id, body)


@router.post(
    "/{order_id}/cancel",
    operation_id="cancelOrder",
    summary="Cancel an order",
    responses=problems(NotSignedIn, ForeignOrigin, InsufficientScope, NotFound, TooLate),
)
async def cancel(order_id: OrderId, buyer: Buyer, desk: Desk) -> OrderView:
    """Until the money is being taken; whatever the bank holds is let go."""
    return await desk.cancel(buyer, order_id)


@router.post(
    "/{order_id}/refund",
    status_code=202,
    operation_id="refundOrder",
    summary="Refund an order",
    responses=problems(
        NotSignedIn, ForeignOrigin, InsufficientScope, NotFound, NotComplete, Disputed
    ),
)
async def refund(order_id: OrderId, buyer: Buyer, desk: Desk) -> OrderView:
    """All of it, once; the order is `refunding` until Stripe has said its last word."""
    order = await desk.refund(buyer, order_id)
    security_log.record(Event.REFUND_ASKED, user_id=buyer.id, order_id=order.id)
    return order
