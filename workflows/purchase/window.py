"""What an operator sees of a purchase in Temporal's own pages."""

from datetime import datetime

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from workflows.purchase.messages import OVER, PurchaseState, PurchaseStatus, WaitingFor
    from workflows.purchase.words import at, decline_in_words
    from workflows.search_attributes import AMOUNT_MINOR, DEADLINE, ORDER_STATUS

Searched = tuple[PurchaseStatus, datetime, int]


class Window:
    """Keeps search attributes and current details true; neither costs a state transition."""

    def __init__(self) -> None:
        self._searched: Searched | None = None
        workflow.set_current_details("Reserving the ticket.")

    def show(
        self,
        state: PurchaseState,
        *,
        doing: str | None = None,
        away_since: datetime | None = None,
        extended: bool = False,
        mailing: bool = False,
    ) -> None:
        """Show this; ``doing`` is what is being done once nothing more is waited for."""
        searched = (state.status, state.deadline, state.amount)
        if searched != self._searched:
            self._searched = searched
            _make_searchable(*searched)
        said = f"{_sentence(state, doing, away_since)}."
        if mailing:
            said += " The mail about it is on its way."
        if extended and state.waiting_for is not WaitingFor.NOTHING and doing is None:
            said += " Extended by an operator."
        workflow.set_current_details(said)


def _make_searchable(status: PurchaseStatus, deadline: datetime, amount: int) -> None:
    workflow.upsert_search_attributes(
        [
            ORDER_STATUS.value_set(status),
            DEADLINE.value_set(deadline),
            AMOUNT_MINOR.value_set(amount),
        ]
    )


def _sentence(state: PurchaseState, doing: str | None, away_since: datetime | None) -> str:
    away = f"Stripe is away since **{at(away_since)}**, trying again" if away_since else None
    if doing is not None:
        return f"{doing}; {away}" if away else doing
    if state.status in OVER:
        return _ending(state)
    return _waiting(state, away)


def _waiting(state: PurchaseState, away: str | None) -> str:
    until = f"until **{at(state.deadline)}**"
    if away is not None:
        return f"The address is there, {away}; the ticket is held {until}"
    if state.status is PurchaseStatus.CREATED:
        return f"Waiting for the billing address {until}"
    declined = state.last_decline
    reason = f"; last card declined: {decline_in_words(declined)}" if declined else ""
    return f"Waiting for payment {until}{reason}"


def _ending(state: PurchaseState) -> str:
    reason = (state.cancel_reason or "").replace("_", " ")
    return {
        PurchaseStatus.COMPLETE: "Paid, ticket sold",
        PurchaseStatus.CANCELLED: f"Cancelled: **{reason}**; the ticket is back on the market",
        PurchaseStatus.UNAVAILABLE: "The ticket was not to be had",
        PurchaseStatus.ABANDONED: "Nobody was waiting any more when a worker came; no ticket taken",
    }[state.status]
