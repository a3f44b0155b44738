"""Each invariant broken by hand: on the board after one run, gone after the run that follows."""

from datetime import UTC, datetime, timedelta

from services.operations.documents import Invariant, Trouble
from tests.api.market import Market, Person
from tests.reconciliation.auditor import Auditor

LAST_WEEK = datetime.now(UTC) - timedelta(days=7)


async def test_a_ticket_sold_to_nobody_is_found_and_gone_once_it_is_put_right(
    auditor: Auditor, seller: Person
) -> None:
    ticket = await seller.lists()
    await auditor.change_ticket(ticket["id"], status="sold", updated_at=datetime.now(UTC))
    assert (await auditor.check()).found == 1
    board = await auditor.board()
    (found,) = board.values()
    assert (found.kind, found.subject) == (Invariant.ONE_ORDER_PER_TICKET, ticket["id"])
    assert "is sold to no order" in found.detail
    await auditor.change_ticket(ticket["id"], status="available")
    assert (await auditor.check()).found == 0
    assert await auditor.board() == {}


async def test_two_active_orders_for_one_ticket_are_found(
    auditor: Auditor, market: Market, seller: Person, buyer: Person
) -> None:
    order = await auditor.sold(seller, buyer)
    orders = market.databases.orders["orders"]
    index = "one_active_order_per_ticket"
    options = (await orders.index_information())[index]
    await orders.drop_index(index)
    try:
        twin = await orders.find_one({"_id": order["id"]})
        assert twin is not None
        twin |= {"_id": "twin", "payment": {**twin["payment"], "payment_intent_id": None}}
        await orders.insert_one(twin)
        await auditor.check()
        board = await auditor.board()
        assert f"I1:{order['ticket']['id']}" in board
        assert "both claim" in board[f"I1:{order['ticket']['id']}"].detail
        await orders.delete_one({"_id": "twin"})
        assert (await auditor.check()).found == 0
    finally:
        await orders.delete_one({"_id": "twin"})
        await orders.create_index(
            options["key"],
            name=index,
            unique=True,
            partialFilterExpression=options["partialFilterExpression"],
        )


async def test_a_paid_ticket_that_is_for_sale_again_is_found(
    auditor: Auditor, seller: Person, buyer: Person
) -> None:
    order = await auditor.sold(seller, buyer)
    ticket_id = order["ticket"]["id"]
    await auditor.change_ticket(ticket_id, status="available", held_by=None)
    assert (await auditor.check()).found == 1
    found = (await auditor.board())[f"I2:{order['id']}"]
    assert "has paid 180.80 CAD" in found.detail
    assert found.detail.endswith(f"ticket {ticket_id} is for sale.")
    assert found.ticket_id == ticket_id
    await auditor.change_ticket(ticket_id, status="sold", held_by=order["id"])
    assert (await auditor.check()).found == 0


async def test_money_that_does_not_match_the_sale_is_found(
    auditor: Auditor, seller: Person, buyer: Person
) -> None:
    order = await auditor.sold(seller, buyer)
    await auditor.change_order(order, total__amount=17000)
    assert (await auditor.check()).found == 1
    found = (await auditor.board())[f"I3:{order['id']}"]
    assert "total of 170.00 CAD" in found.detail
    assert "captured 180.80 CAD and given back 0.00 CAD" in found.detail
    await auditor.change_order(order, total__amount=18080)
    assert (await auditor.check()).found == 0


async def test_a_refund_that_nobody_here_knows_of_is_found(
    auditor: Auditor, market: Market, seller: Person, buyer: Person
) -> None:
    order = await auditor.sold(seller, buyer)
    await market.hooks.post("/webhooks/mode", drop=True)
    await market.stripe.v1.refunds.create_async({"payment_intent": order["pi"]})
    await auditor.check()
    assert "given back 180.80 CAD" in (await auditor.board())[f"I3:{order['id']}"].detail


async def test_a_ticket_held_past_its_deadline_by_a_living_purchase_is_found(
    auditor: Auditor, market: Market, seller: Person, buyer: Person
) -> None:
    order = await auditor.billed(seller, buyer)
    ticket = await market.stored_ticket(order["ticket"])
    await auditor.let_the_hold_run_out(order)
    assert (await auditor.check()).found == 1
    found = (await auditor.board())[f"I4:{order['ticket']['id']}"]
    assert "still at work" in found.detail
    await auditor.change_ticket(order["ticket"]["id"], held_until=ticket["held_until"])
    await auditor.change_order(order, expires_at=ticket["held_until"])
    assert (await auditor.check()).found == 0


async def test_an_event_about_something_unknown_is_found_until_it_has_been_handled(
    auditor: Auditor, market: Market
) -> None:
    inbox = market.databases.payments["inbox"]
    row = {"type": "payment_intent.succeeded", "status": "received", "received_at": LAST_WEEK}
    await inbox.insert_one({"_id": "evt_odd", "object_id": "pi_unknown", "outcome": None, **row})
    assert (await auditor.check()).found == 1
    assert "pi_unknown" in (await auditor.board())["I5:evt_odd"].detail
    await inbox.update_one({"_id": "evt_odd"}, {"$set": {"status": "handled"}})
    assert (await auditor.check()).found == 0


async def test_an_event_whose_order_is_as_it_should_be_is_handled(
    auditor: Auditor, market: Market, seller: Person, buyer: Person
) -> None:
    order = await auditor.sold(seller, buyer)
    inbox = market.databases.payments["inbox"]
    row = {"type": "payment_intent.succeeded", "status": "received", "received_at": LAST_WEEK}
    await inbox.insert_one({"_id": "evt_late", "object_id": order["pi"], "outcome": None, **row})
    assert (await auditor.check()).found == 0
    kept = await inbox.find_one({"_id": "evt_late"})
    assert kept is not None
    assert (kept["status"], kept["outcome"]) == ("handled", "reconciled")


async def test_money_held_for_no_order_is_given_back_in_the_same_run(
    auditor: Auditor, market: Market
) -> None:
    await market.hooks.post("/webhooks/mode", drop=True)
    intent = await market.stripe.v1.payment_intents.create_async(
        {
            "amount": 5000,
            "currency": "cad",
            "capture_method": "manual",
            "allowed_payment_method_types": ["card"],
            "payment_method": "pm_card_visa",
            "confirm": True,
            "metadata": {"order_id": "nobody's", "environment": "test"},
        }
    )
    assert intent.status == "requires_capture"
    result = await auditor.check()
    assert (result.healed, result.found) == (1, 0)
    assert (await market.ledger(intent.id))["voided"] == 5000
    assert (await auditor.check()).healed == 0


async def test_a_refund_that_failed_stays_on_the_board_while_it_is_so(
    auditor: Auditor, market: Market, seller: Person, buyer: Person
) -> None:
    await market.hooks.post("/refund_mode", status="failed")
    order = await auditor.sold(seller, buyer)
    await buyer.asks_money_back(order)
    await buyer.when(order, lambda found: (found["refund"] or {}).get("status") == "failed")
    await auditor.check()
    found = (await auditor.board())[f"{Trouble.REFUND_FAILED}:{order['id']}"]
    assert "180.80 CAD" in found.detail
    await auditor.check()
    assert (await auditor.board()).keys() == {found.id}


async def test_a_dispute_is_on_the_board_until_it_is_decided(
    auditor: Auditor, seller: Person, buyer: Person
) -> None:
    order = await auditor.sold(seller, buyer)
    dispute = {
        "id": "du_1",
        "status": "needs_response",
        "reason": "fraudulent",
        "amount": {"amount": 18080, "currency": "CAD"},
        "opened_at": LAST_WEEK,
    }
    await auditor.change_order(order, dispute=dispute)
    await auditor.check()
    assert (await auditor.board()).keys() == {f"dispute:{order['id']}"}
    await auditor.change_order(order, dispute=dispute | {"status": "won"})
    assert (await auditor.check()).found == 0


async def test_one_order_is_checked_on_demand_and_the_others_are_left_alone(
    auditor: Auditor, seller: Person, buyer: Person
) -> None:
    one, other = await auditor.sold(seller, buyer), await auditor.sold(seller, buyer)
    for order in (one, other):
        await auditor.change_order(order, total__amount=1)
    result = await auditor.check(one)
    assert (result.orders_checked, result.found) == (1, 1)
    assert (await auditor.board()).keys() == {f"I3:{one['id']}"}
    await auditor.check()
    await auditor.change_order(one, total__amount=18080)
    assert (await auditor.check(one)).found == 0
    assert (await auditor.board()).keys() == {f"I3:{other['id']}"}
