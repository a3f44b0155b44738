"""The market: looking for a ticket, selling one, and what others do meanwhile."""

import re
from uuid import uuid4

from playwright.async_api import expect

from tests.e2e.system import System
from tests.ui.conftest import People


async def test_what_is_looked_for_is_in_the_address_bar(people: People, web: System) -> None:
    word = uuid4().hex[:8]
    seller, visitor = await people.member(web), await people.visitor(web)
    for cents in (2000, 5000, 8000):
        await seller.sells(f"{word} for {cents}", price={"amount": cents, "currency": "CAD"})

    await visitor.opens("/")
    await visitor.field("Keywords").fill(f"{word} FOR")
    await visitor.field("Min").fill("$30")
    await visitor.field("Max").fill("100,00")
    await visitor.button("Apply").click()
    await visitor.is_at(f"/?q={word}&q=FOR&min=30&max=100")
    await expect(visitor.page.get_by_role("article")).to_have_count(2)

    await visitor.page.get_by_role("button", name=re.compile("^Price")).click()
    await expect(visitor.page.get_by_role("article").first).to_contain_text(f"{word} for 5000")
    await visitor.page.get_by_role("button", name="Price, lowest first").click()
    await expect(visitor.page.get_by_role("article").first).to_contain_text(f"{word} for 8000")

    await visitor.page.reload()
    await expect(visitor.page.get_by_role("article").first).to_contain_text(f"{word} for 8000")
    await visitor.page.get_by_role("button", name="Remove filter: from $30.00").click()
    await expect(visitor.page.get_by_role("article")).to_have_count(3)
    await visitor.page.go_back()
    await expect(visitor.page.get_by_role("article")).to_have_count(2)

    await visitor.button("Reset").click()
    await visitor.is_at("/?sort=-price")


async def test_amounts_that_are_none_are_refused_at_their_field(
    people: People, web: System
) -> None:
    visitor = await people.visitor(web)
    await visitor.opens("/")
    await visitor.field("Min").fill("cheap")
    await visitor.button("Apply").click()
    await expect(visitor.field("Min")).to_have_accessible_description(
        "Enter an amount, such as 20."
    )
    await visitor.field("Min").fill("50")
    await visitor.field("Max").fill("20")
    await visitor.button("Apply").click()
    await expect(visitor.field("Max")).to_have_accessible_description(
        "Must not be less than the minimum."
    )
    assert visitor.page.url == f"{web.api}/"


async def test_more_than_a_page_is_shown_when_it_is_asked_for(people: People, web: System) -> None:
    word = uuid4().hex[:8]
    seller = await people.member(web)
    for number in range(30):
        await seller.sells(f"{word} {number}")
    await seller.opens(f"/?q={word}")
    await expect(seller.page.get_by_role("article")).to_have_count(24)
    await seller.button("Show more").click()
    await expect(seller.page.get_by_role("article")).to_have_count(30)
    await expect(seller.button("Show more")).to_be_hidden()


async def test_a_seller_lists_edits_and_removes_a_ticket(people: People, web: System) -> None:
    seller = await people.member(web)
    title = f"Opera {uuid4().hex[:8]}"
    await seller.opens("/")
    await seller.link("Sell").click()
    await seller.field("Title").fill(title)
    await seller.field("Price (CAD)").fill("1,234.5")
    await seller.page.get_by_label("Venue").fill("Massey Hall")
    await seller.page.get_by_label("Date and time").fill("2030-05-01T19:30")
    await seller.button("Put it on the market").click()

    await expect(seller.heading(title)).to_be_focused()
    await expect(seller.says("$1,234.50")).to_be_visible()
    await expect(seller.says("Wednesday, May 1, 2030")).to_be_visible()
    await expect(seller.says("7:30 p.m. EDT")).to_be_visible()

    await seller.link("Edit").click()
    await expect(seller.field("Price (CAD)")).to_have_value("1234.50")
    await expect(seller.page.get_by_label("Date and time")).to_have_value("2030-05-01T19:30")
    await seller.field("Price (CAD)").fill("20")
    await seller.button("Save changes").click()
    await expect(seller.says("$20.00")).to_be_visible()

    await seller.button("Delete").click()
    await seller.button("Keep it").click()
    await expect(seller.says("$20.00")).to_be_visible()
    await seller.button("Delete").click()
    await seller.button("Delete listing").click()
    await expect(seller.says("Your listing is off the market.")).to_be_visible()
    await seller.is_at("/")
    assert (await seller.ask("GET", f"/api/tickets?keywords={title.split()[1]}"))["items"] == []


async def test_an_open_listing_follows_the_market(people: People, web: System) -> None:
    word = uuid4().hex[:8]
    seller, buyer, visitor = (
        await people.member(web),
        await people.member(web),
        await people.visitor(web),
    )
    first = await seller.sells(f"{word} first")
    await visitor.opens(f"/?q={word}")
    cards = visitor.page.get_by_role("article")
    await expect(cards).to_have_count(1)

    second = await seller.sells(f"{word} second")
    await expect(cards).to_have_count(2)
    await buyer.reserves(first)
    await expect(cards.filter(has_text="first")).to_contain_text("Being bought now")
    await seller.ask("DELETE", f"/api/tickets/{second['id']}")
    await expect(cards.filter(has_text="second")).to_have_count(0)


async def test_a_ticket_that_is_sold_while_somebody_looks_says_so(
    people: People, web: System
) -> None:
    seller, buyer, visitor = (
        await people.member(web),
        await people.member(web),
        await people.member(web),
    )
    ticket = await seller.sells()
    await visitor.opens(f"/tickets/{ticket['id']}")
    await expect(visitor.button("Buy this ticket")).to_be_enabled()

    await buyer.has_bought(ticket)
    await expect(visitor.says("Somebody else was faster. This ticket is sold.")).to_be_visible()
    await expect(visitor.button("Buy this ticket")).to_be_hidden()

    await visitor.opens(f"/tickets/{(await seller.sells())['id']}")
    await visitor.finds_nothing_wrong()


async def test_a_click_that_comes_too_late_is_told_so(people: People, web: System) -> None:
    seller, buyer, late = (
        await people.member(web),
        await people.member(web),
        await people.member(web),
    )
    ticket = await seller.sells()
    await late.page.route("**/api/tickets/events", lambda route: route.abort())
    await late.opens(f"/tickets/{ticket['id']}")
    await expect(late.button("Buy this ticket")).to_be_enabled()
    await buyer.reserves(ticket)
    await late.button("Buy this ticket").click()
    await expect(late.says("Somebody is paying for this ticket right now.")).to_be_visible()
    assert (await late.ask("GET", "/api/orders"))["items"] == []


async def test_nobody_can_buy_or_edit_what_is_not_theirs_to(people: People, web: System) -> None:
    seller, other = await people.member(web), await people.member(web)
    ticket = await seller.sells()
    await seller.opens(f"/tickets/{ticket['id']}")
    await expect(seller.says("This is your listing.")).to_be_visible()
    await expect(seller.button("Buy this ticket")).to_be_hidden()
    await other.opens(f"/tickets/{ticket['id']}/edit")
    await expect(other.says("Only its seller can change a ticket.")).to_be_visible()
    await expect(other.field("Title")).to_be_hidden()
