"""Refunds: money back, at once or later, and sometimes not at all."""

from typing import Final

from devstack.simulators.stripe import disputes
from devstack.simulators.stripe.cards import BY_NUMBER, RefundCourse
from devstack.simulators.stripe.documents import Document
from devstack.simulators.stripe.errors import ApiError, invalid
from devstack.simulators.stripe.events import PAGING, emit
from devstack.simulators.stripe.ids import new_id, random_text
from devstack.simulators.stripe.parameters import Parameters, names
from devstack.simulators.stripe.work import Work

CREATE: Final = names(
    "amount charge currency customer expand instructions_email metadata origin payment_intent"
    " reason refund_application_fee reverse_transfer"
)
UPDATE: Final = frozenset({"expand", "metadata"})
LIST: Final = PAGING | {"charge", "payment_intent"}
REASONS: Final = ("duplicate", "fraudulent", "requested_by_customer")
STATUSES: Final = ("pending", "requires_action", "succeeded", "failed")
MODE: Final = "refund_mode"
FAILURE: Final = "expired_or_canceled_card"


def create(work: Work, params: Parameters) -> Document:
    """Give back a charge, or a part of it."""
    wanted, reason = params.positive("amount"), params.choice("reason", REASONS)
    metadata = params.metadata()
    charge = _charge(work, params)
    disputes.refuse_refund(work, charge)
    left = charge["amount_captured"] - charge["amount_refunded"]
    if charge["refunded"] or left == 0:
        message = f"Charge {charge['id']} has already been refunded."
        raise ApiError(message, code="charge_already_refunded")
    amount = left if wanted is None else wanted
    if amount > left:
        raise ApiError(
            f"Refund amount ({_money(amount)}) is greater than unrefunded amount on charge"
            f" ({_money(left)})",
            param="amount",
        )
    course = _course(work, charge)
    refund = _refund(work, charge, amount) | {"metadata": metadata, "reason": reason}
    _begin(refund, work.store.setting(MODE) or _first_status(course))
    work.store.insert(refund)
    emit(work, "refund.created", refund)
    if refund["status"] == "failed":
        emit(work, "refund.failed", refund)
        return refund
    work.record("refunded", charge["payment_intent"], amount, refund["id"])
    _move(work, charge, amount)
    emit(work, "charge.refunded", charge)
    if course != "succeeds" and work.store.setting(MODE) is None:
        work.later(work.settings.refund_settle_seconds, "settle_refund", refund["id"])
    return refund


def retrieve(work: Work, _params: Parameters, refund_id: str) -> Document:
    """One refund."""
    return work.need("refund", refund_id)


def update(work: Work, params: Parameters, refund_id: str) -> Document:
    """Change its metadata, which is all that can change."""
    refund = work.need("refund", refund_id)
    refund["metadata"] = params.metadata(refund["metadata"])
    work.store.update(refund)
    emit(work, "refund.updated", refund)
    return refund


def settle(work: Work, refund_id: str) -> None:
    """Let an asynchronous test card change its mind, unless someone already did."""
    refund = work.need("refund", refund_id)
    course = _course(work, work.need("charge", refund["charge"]))
    if course == "pending_then_succeeds" and refund["status"] == "pending":
        change(work, refund_id, "succeeded")
    elif course == "succeeds_then_fails" and refund["status"] == "succeeded":
        change(work, refund_id, "failed", FAILURE)


def change(work: Work, refund_id: str, status: str, failure_reason: str | None = None) -> Document:
    """What the bank reports later; a failed refund leaves the money with the seller again."""
    refund = work.need("refund", refund_id)
    if refund["status"] == status:
        return refund
    if refund["status"] == "failed":
        raise ApiError("A failed refund stays failed.", code="refund_failed")
    _begin(refund, status, failure_reason)
    work.store.update(refund)
    if status == "failed":
        charge = work.need("charge", refund["charge"])
        work.record("refund_failed", refund["payment_intent"], refund["amount"], refund_id)
        _move(work, charge, -refund["amount"])
        emit(work, "refund.failed", refund)
    emit(work, "refund.updated", refund)
    emit(work, "charge.refund.updated", refund)
    return refund


def _charge(work: Work, params: Parameters) -> Document:
    """The charge to refund: named, or the one that paid the PaymentIntent."""
    charge_id, intent_id = params.text("charge"), params.text("payment_intent")
    if intent_id is not None:
        intent = work.need("payment_intent", intent_id, "payment_intent")
        charge_id = intent["latest_charge"]
    elif charge_id is None:
        raise invalid(
            "One of the following params should be provided for this request: payment_intent or"
            " charge.",
            code="parameter_missing",
        )
    charge = None if charge_id is None else work.need("charge", charge_id, "charge")
    if charge is None or not charge["captured"]:
        owner = intent_id or (charge["payment_intent"] if charge else charge_id)
        message = f"This PaymentIntent ({owner}) does not have a successful charge to refund."
        raise ApiError(message)
    return charge


def _course(work: Work, charge: Document) -> RefundCourse:
    method = work.need("payment_method", charge["payment_method"])
    return BY_NUMBER[method["_number"]].refund


def _first_status(course: RefundCourse) -> str:
    return "pending" if course == "pending_then_succeeds" else "succeeded"


def _begin(refund: Document, status: str, failure_reason: str | None = None) -> None:
    refund["status"] = status
    refund.pop("pending_reason", None)
    if status == "pending":
        refund["pending_reason"] = "processing"
    if status == "failed":
        refund["failure_reason"] = failure_reason or "unknown"


def _move(work: Work, charge: Document, amount: int) -> None:
    refunded = charge["amount_refunded"] + amount
    charge |= {"amount_refunded": refunded, "refunded": refunded == charge["amount_captured"]}
    work.store.update(charge)


def _money(amount: int) -> str:
    return f"${amount / 100:,.2f}"


def _refund(work: Work, charge: Document, amount: int) -> Document:
    reference = {"reference": random_text(12), "reference_status": "available"}
    return {
        "id": new_id("re"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": charge["id"],
        "created": work.now(),
        "currency": charge["currency"],
        "destination_details": {
            "card": {**reference, "reference_type": "acquirer_reference_number", "type": "refund"},
            "type": "card",
        },
        "payment_intent": charge["payment_intent"],
        "receipt_number": None,
        "source_transfer_reversal": None,
        "transfer_reversal": None,
    }
