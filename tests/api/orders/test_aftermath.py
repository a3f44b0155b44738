"""What an order is like after something has happened to it, or beside it."""

from tests.api.market import BILLING, Json, Market, Person, until


async def sold(market: Market, seller: Person, buyer: Person) -> Json:
    """An order that is paid, as it was when it could be."""
    order = await buyer.bills(await buyer.buys(await seller.lists()))
    await market.pay(order)
    await buyer.when_it_is(order, "complete")
    return order


async def declined(market: Market, seller: Person, buyer: Person) -> Json:
    """An order whose buyer has been refused by the bank, and knows it."""
    order = await buyer.bills(await buyer.buys(await seller.lists()))
    await market.decline(order)
    await buyer.when(order, lambda found: found["payment"]["last_error"])
    return order


async def is_for_sale(seller: Person, ticket: Json) -> bool:
    return bool((await seller.ticket(ticket))["status"] == "available")


async def test_a_refund_leaves_the_same_buyers_other_orders_alone(
    market: Market, seller: Person, buyer: Person
) -> None:
    earlier, meant, latest = [await sold(market, seller, buyer) for _ in range(3)]
    await buyer.asks_money_back(meant)
    await buyer.when_it_is(meant, "refunded")
    await market.letters(buyer, 4)
    for other in (earlier, latest):
        assert (await buyer.order(other))["status"] == "complete"
        assert (await market.ledger(other))["refunded"] == 0
        assert (await seller.ticket(other["ticket"]))["status"] == "sold"
    (letter,) = [each for each in await market.mail_to(buyer) if "Refunded" in each["subject"]]
    assert meant["id"] in letter["text"]


async def test_a_decline_does_not_keep_an_order_from_being_cancelled(
    market: Market, seller: Person, buyer: Person
) -> None:
    order = await declined(market, seller, buyer)
    assert (await buyer.cancels(order))["cancel_reason"] == "buyer"
    assert await is_for_sale(seller, order["ticket"])


async def test_a_decline_does_not_keep_a_sale_from_being_refunded(
    market: Market, seller: Person, buyer: Person
) -> None:
    order = await declined(market, seller, buyer)
    await market.pay(order)
    await buyer.when_it_is(order, "complete")
    await buyer.asks_money_back(order)
    await buyer.when_it_is(order, "refunded")
    await until(lambda: is_for_sale(seller, order["ticket"]))
    assert (await market.ledger(order))["refunded"] == order["total"]["amount"]


async def test_an_order_keeps_its_price_when_its_ticket_comes_back_at_another(
    market: Market, seller: Person, buyer: Person
) -> None:
    ticket = await seller.lists()
    over = await buyer.cancels(await buyer.buys(ticket))
    draft = {"title": "Back row", "price": {"amount": 99900}}
    changed = await seller.http.put(f"/api/tickets/{ticket['id']}", json=draft)
    assert changed.is_success
    assert await buyer.order(over) == over
    assert over["ticket"]["price"] == ticket["price"] != changed.json()["price"]
    other = await market.person()
    dearer = await other.buys(changed.json(), billing=BILLING)
    assert dearer["ticket"]["price"] == changed.json()["price"]
