"""An event that was taken and never acted upon is known, and only the inbox knows it."""

from tests.api.market import Json, Market, Person
from tests.api.webhooks.inboxes import NoInbox, events_kept_in
from tests.api.webhooks.signed import an_event, deliver
from tests.reconciliation.auditor import Auditor


async def taken_in_vain(market: Market, order: Json) -> str:
    """Stripe tells of a dispute, once, to an API that goes no further than to take the event."""
    await market.hooks.post("/webhooks/mode", drop=True)
    dispute = await market.hooks.post("/disputes", payment_intent=order["pi"])
    event = an_event("charge.dispute.created", data={"object": {"id": dispute["id"]}})
    async with market.cables.stripe.pulled():
        assert (await deliver(market, event)).status_code == 503
    event_id: str = event["id"]
    return event_id


async def test_an_event_over_which_the_api_died_is_told_to_people_on_duty(
    auditor: Auditor, market: Market, seller: Person, buyer: Person
) -> None:
    order = await auditor.sold(seller, buyer)
    event_id = await taken_in_vain(market, order)
    assert (await auditor.check()).found == 1
    found = (await auditor.board())[f"I5:{event_id}"]
    assert found.order_id == order["id"]
    assert "charge.dispute.created" in found.detail


async def test_without_the_inbox_nobody_ever_hears_of_it(
    auditor: Auditor, market: Market, seller: Person, buyer: Person
) -> None:
    order = await auditor.sold(seller, buyer)
    with events_kept_in(market, NoInbox()):
        await taken_in_vain(market, order)
    assert (await auditor.check()).found == 0
    assert await auditor.board() == {}
    assert (await buyer.order(order))["status"] == "complete"
