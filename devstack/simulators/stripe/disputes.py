"""Disputes: the cardholder's bank takes the money back, or asks first, and in the end decides."""

from typing import Final

from devstack.simulators.stripe.cards import BY_NUMBER
from devstack.simulators.stripe.documents import Document
from devstack.simulators.stripe.errors import ApiError, invalid
from devstack.simulators.stripe.events import PAGING, emit
from devstack.simulators.stripe.ids import new_id
from devstack.simulators.stripe.parameters import Parameters, names
from devstack.simulators.stripe.store import Query
from devstack.simulators.stripe.work import Work

LIST: Final = PAGING | {"charge", "payment_intent"}
FEE: Final = 1500
"""What Stripe takes for a dispute in Canada, in minor units; it keeps it."""
DAYS_TO_RESPOND: Final = 9
NETWORK_CODES: Final = {"fraudulent": "10.4", "product_not_received": "13.1"}
REASONS: Final = frozenset(
    names(
        "bank_cannot_process check_returned credit_not_processed customer_initiated"
        " debit_not_authorized duplicate fraudulent general incorrect_account_details"
        " insufficient_funds noncompliant product_not_received product_unacceptable"
        " subscription_canceled unrecognized"
    )
)
NO_REFUND: Final = ("needs_response", "under_review", "lost")
"""The bank has the money, so that a refund would give it back twice. An inquiry moves none."""
ENDS: Final = {
    "needs_response": ("won", "lost"),
    "under_review": ("won", "lost"),
    "warning_needs_response": ("warning_closed",),
    "warning_under_review": ("warning_closed",),
}


def retrieve(work: Work, _params: Parameters, dispute_id: str) -> Document:
    """One dispute."""
    return work.need("dispute", dispute_id)


def open_by_card(work: Work, charge_id: str) -> None:
    """What a test card for disputes does once it is charged."""
    charge = work.need("charge", charge_id)
    method = work.need("payment_method", charge["payment_method"])
    course = BY_NUMBER[method["_number"]].dispute
    if course is not None:
        reason = "fraudulent" if course == "inquiry" else course
        create(work, charge, reason, inquiry=course == "inquiry")


def create(work: Work, charge: Document, reason: str, *, inquiry: bool = False) -> Document:
    """The bank disputes all of a charge; an inquiry only asks, and takes nothing yet."""
    if reason not in REASONS:
        raise invalid(f"Invalid reason: must be one of {', '.join(sorted(REASONS))}", "reason")
    if not charge["captured"]:
        raise ApiError(f"Charge {charge['id']} took no money that could be disputed.")
    dispute = _dispute(work, charge, reason, inquiry=inquiry)
    work.store.insert(dispute)
    charge["disputed"] = True
    work.store.update(charge)
    emit(work, "charge.dispute.created", dispute)
    if not inquiry:
        _move(work, dispute, -dispute["amount"], FEE)
        emit(work, "charge.dispute.funds_withdrawn", dispute)
    return dispute


def respond(work: Work, dispute_id: str) -> Document:
    """The merchant hands evidence in; now the bank thinks."""
    dispute = work.need("dispute", dispute_id)
    if not dispute["status"].endswith("needs_response"):
        raise _decided(dispute)
    dispute["status"] = dispute["status"].replace("needs_response", "under_review")
    dispute["evidence_details"] |= {"has_evidence": True, "submission_count": 1}
    work.store.update(dispute)
    emit(work, "charge.dispute.updated", dispute)
    return dispute


def close(work: Work, dispute_id: str, status: str) -> Document:
    """The bank decides; what is won comes back."""
    dispute = work.need("dispute", dispute_id)
    if dispute["status"] == status:
        return dispute
    ends = ENDS.get(dispute["status"])
    if ends is None:
        raise _decided(dispute)
    if status not in ends:
        raise invalid(f"Invalid status: must be one of {', '.join(ends)}", "status")
    dispute["status"] = status
    if status == "won":
        _move(work, dispute, dispute["amount"], 0)
    work.store.update(dispute)
    emit(work, "charge.dispute.closed", dispute)
    if status == "won":
        emit(work, "charge.dispute.funds_reinstated", dispute)
    return dispute


def refuse_refund(work: Work, charge: Document) -> None:
    """Stripe refunds nothing that the bank has taken back already."""
    if not charge["disputed"]:
        return
    found, _ = work.store.page(Query("dispute", equal={"charge": charge["id"]}))
    if any(dispute["status"] in NO_REFUND for dispute in found):
        raise ApiError(
            f"Charge {charge['id']} has been charged back; cannot issue a refund.",
            code="charge_disputed",
        )


def _decided(dispute: Document) -> ApiError:
    return invalid(f"This dispute is {dispute['status']} already.", "status")


def _move(work: Work, dispute: Document, amount: int, fee: int) -> None:
    """Take it from the balance, or put it back: ``amount`` is what changes for the merchant."""
    what = "disputed" if amount < 0 else "dispute_won"
    work.record(what, dispute["payment_intent"], abs(amount), dispute["id"])
    category = "dispute" if amount < 0 else "dispute_reversal"
    description = f"Chargeback {'withdrawal' if amount < 0 else 'reversal'} for {dispute['charge']}"
    details = {"amount": fee, "application": None, "currency": dispute["currency"]}
    fee_details = [{**details, "description": "Dispute fee", "type": "stripe_fee"}] if fee else []
    dispute["balance_transactions"].append(
        {
            "id": new_id("txn"),
            "object": "balance_transaction",
            "amount": amount,
            "available_on": work.now(),
            "balance_type": "payments",
            "created": work.now(),
            "currency": dispute["currency"],
            "description": description,
            "exchange_rate": None,
            "fee": fee,
            "fee_details": fee_details,
            "net": amount - fee,
            "reporting_category": category,
            "source": dispute["id"],
            "status": "available",
            "type": "adjustment",
        }
    )
    work.store.update(dispute)


def _dispute(work: Work, charge: Document, reason: str, *, inquiry: bool) -> Document:
    brand, code = charge["payment_method_details"]["card"]["brand"], NETWORK_CODES.get(reason)
    card = {
        "brand": brand,
        "case_type": "inquiry" if inquiry else "chargeback",
        "network": brand,
        "network_reason_code": code,
    }
    return {
        "id": new_id("du"),
        "object": "dispute",
        "amount": charge["amount_captured"] - charge["amount_refunded"],
        "balance_transactions": [],
        "charge": charge["id"],
        "created": work.now(),
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {},
        "evidence_details": {
            "due_by": work.now() + DAYS_TO_RESPOND * 86_400,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        "is_charge_refundable": inquiry,
        "livemode": False,
        "metadata": {},
        "network_reason_code": code,
        "payment_intent": charge["payment_intent"],
        "payment_method_details": {"card": card, "type": "card"},
        "reason": reason,
        "status": "warning_needs_response" if inquiry else "needs_response",
    }
