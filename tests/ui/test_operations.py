"""The operators' pages: watching purchases, steering them, and what needs a person."""

from datetime import datetime, timedelta

import pytest
from playwright.async_api import Locator, expect

from tests.browser import PHONE
from tests.e2e.system import BILLING, System
from tests.ui.conftest import RUNS_OUT_WITHIN_MS, People
from tests.ui.duty import CHECKED_WITHIN_MS, a_finding, an_operator
from tests.ui.person import Json, Person

WHY = "The bank's app was down."
FOUND = "113.00 CAD are captured and the ticket is still reserved."
OPERATORS_CODE = ("desk", "purchase", "board", "operations")


def row(operator: Person, order: Json) -> Locator:
    """The purchase in the list."""
    return operator.page.get_by_role("article").filter(has_text=order["id"])


def files_of(person: Person) -> list[str]:
    """What this person's page asks for from now on: the last part of each address."""
    asked: list[str] = []
    person.page.on("request", lambda request: asked.append(request.url.rpartition("/")[2]))
    return asked


def operators_code(asked: list[str]) -> list[str]:
    return [name for name in asked if name.endswith(".js") and name.startswith(OPERATORS_CODE)]


async def opens_purchase(operator: Person, order: Json) -> None:
    await operator.opens(f"/operations/orders/{order['id']}")


async def answers(operator: Person, question: str, answer: str, reason: str = WHY) -> None:
    """Press a button, say why, and wait until the dialog is gone."""
    await operator.button(question).click()
    dialog = operator.page.get_by_role("alertdialog")
    await dialog.get_by_label("Reason").fill(reason)
    await dialog.get_by_role("button", name=answer, exact=True).click()
    await expect(dialog).to_be_hidden()


async def is_billed(buyer: Person, order: Json) -> Json:
    billed: Json = await buyer.ask("PUT", f"/api/orders/{order['id']}/billing", BILLING)
    return billed


async def test_an_operator_watches_a_purchase_come_and_complete(
    people: People, web: System
) -> None:
    operator = await an_operator(people, web)
    seller, buyer = await people.member(web), await people.member(web)
    await operator.opens("/")
    await operator.page.get_by_role("link", name="Operations").click()
    await expect(operator.heading("Purchases")).to_be_focused()

    order = await buyer.reserves(await seller.sells())
    await expect(row(operator, order)).to_contain_text("Reserved")
    billed = await is_billed(buyer, order)
    await expect(row(operator, order)).to_contain_text("$113.00 CAD")
    await expect(row(operator, order)).to_contain_text("Waiting for payment")

    watching = await operator.another_tab()
    await opens_purchase(watching, order)
    await expect(watching.says("Waiting for payment until")).to_be_visible()
    web.pay(billed)
    await expect(watching.says("Sold for $113.00 CAD.")).to_be_visible()
    await expect(watching.page.get_by_text("Payment authorized", exact=True)).to_be_visible()

    await operator.page.bring_to_front()
    await expect(row(operator, order)).to_be_hidden()
    await operator.field("State").select_option(label="Complete")
    await operator.is_at("/operations?state=complete")
    await expect(row(operator, order)).to_contain_text("captured")
    await operator.page.reload()
    await expect(row(operator, order)).to_contain_text("Complete")
    await operator.page.go_back()
    await operator.is_at("/operations")
    await expect(operator.field("State")).to_have_value("open")
    await operator.finds_nothing_wrong()


async def test_an_operator_watches_a_purchase_run_out_of_time(
    people: People, hurried: System
) -> None:
    operator = await an_operator(people, hurried)
    seller, buyer = await people.member(hurried), await people.member(hurried)
    await operator.opens("/operations")
    order = await buyer.reserves(await seller.sells())
    await row(operator, order).get_by_role("link").click()
    await expect(operator.says("Waiting for the billing address until")).to_be_visible()
    await expect(operator.says("Cancelled: the time to pay ran out.")).to_be_visible(
        timeout=RUNS_OUT_WITHIN_MS
    )
    await expect(operator.page.get_by_text("Cancelled: expired", exact=True)).to_be_visible()


async def test_an_operator_gives_a_buyer_more_time(people: People, web: System) -> None:
    operator = await an_operator(people, web)
    seller, buyer = await people.member(web), await people.member(web)
    order = await buyer.reserves(await seller.sells())
    await opens_purchase(operator, order)

    await operator.button("More time").click()
    dialog = operator.page.get_by_role("alertdialog")
    await expect(dialog.get_by_label("Minutes")).to_be_focused()
    await dialog.get_by_label("Minutes").fill("5")
    await dialog.get_by_label("Reason").fill(f"{buyer.email} asked")
    await dialog.get_by_role("button", name="Extend").click()
    await expect(dialog).to_contain_text("Name nobody: leave the e-mail address out.")
    await dialog.get_by_label("Reason").fill(WHY)
    await dialog.get_by_role("button", name="Extend").dblclick()
    await expect(dialog).to_be_hidden()

    await expect(operator.page.locator("q", has_text=WHY)).to_be_visible()
    extended = await buyer.order(order)
    assert _moment(extended) - _moment(order) == timedelta(minutes=5)
    assert WHY not in str(extended)
    await operator.finds_nothing_wrong()


async def test_an_operator_cancels_a_purchase_and_says_why(people: People, web: System) -> None:
    operator = await an_operator(people, web)
    seller, buyer = await people.member(web), await people.member(web)
    ticket = await seller.sells()
    order = await buyer.reserves(ticket)
    await is_billed(buyer, order)
    await buyer.opens(f"/orders/{order['id']}")
    await opens_purchase(operator, order)

    await answers(operator, "Cancel", "Cancel the purchase")
    await expect(operator.says("Cancelled by an operator.")).to_be_visible()
    await expect(operator.page.locator("q", has_text=WHY)).to_be_visible()
    await expect(operator.button("Cancel")).to_be_hidden()
    await expect(buyer.says("We had to cancel this order.")).to_be_visible()
    await expect(buyer.page.get_by_text(WHY)).to_be_hidden()
    freed = await seller.ask("GET", f"/api/tickets/{ticket['id']}")
    assert freed["status"] == "available"


async def test_an_operator_refunds_a_purchase_and_sees_the_money_go_back(
    people: People, web: System
) -> None:
    operator = await an_operator(people, web)
    seller, buyer = await people.member(web), await people.member(web)
    order = await buyer.has_bought(await seller.sells())
    await opens_purchase(operator, order)
    await answers(operator, "Refund", "Refund it")
    await expect(operator.says("Refunded: $113.00 CAD went back to the buyer.")).to_be_visible()
    await expect(operator.page.locator("q", has_text=WHY)).to_be_visible()
    await expect(operator.page.get_by_text(f"refund-{order['id']}", exact=True)).to_be_visible()
    await expect(operator.button("Refund")).to_be_hidden()
    await operator.finds_nothing_wrong()


async def test_a_link_leads_to_the_workflow_in_temporal(people: People, web: System) -> None:
    operator = await an_operator(people, web)
    seller, buyer = await people.member(web), await people.member(web)
    order = await buyer.reserves(await seller.sells())
    await opens_purchase(operator, order)
    link = operator.page.get_by_role("link", name="Open in Temporal").first
    await expect(link).to_have_attribute("rel", "noopener noreferrer")
    async with operator.page.context.expect_page() as opened:
        await link.click()
    temporal = await opened.value
    await expect(temporal.get_by_text(f"purchase-{order['id']}").first).to_be_visible()


async def test_an_operator_finds_purchases_by_payment_and_by_person(
    people: People, web: System
) -> None:
    operator = await an_operator(people, web)
    seller, buyer = await people.member(web), await people.member(web)
    other = await buyer.reserves(await seller.sells())
    order = await is_billed(buyer, await buyer.reserves(await seller.sells()))
    intent = web.pay(order)
    await operator.opens("/operations")

    await operator.field("Search").fill(order["payment"]["client_secret"])
    await operator.field("Search").press("Enter")
    await operator.is_at(f"/operations?q={intent}")
    await expect(operator.page.get_by_role("article")).to_have_count(1)
    await expect(row(operator, order)).to_be_visible()

    asked: list[str] = []
    operator.page.on("request", lambda request: asked.append(request.url))
    await operator.field("Search").fill(buyer.email)
    await operator.button("Search").click()
    await expect(operator.page.get_by_role("article")).to_have_count(2)
    await expect(row(operator, other)).to_be_visible()
    await expect(row(operator, order)).to_be_visible()
    assert not [url for url in [operator.page.url, *asked] if buyer.email.partition("@")[0] in url]

    await operator.field("Search").fill("nobody-at-all@example.com")
    await operator.button("Search").click()
    await expect(operator.says("Nobody has an account under this address.")).to_be_visible()
    await operator.button("Show all").click()
    await operator.is_at("/operations")


async def test_an_operator_exports_the_purchases_that_are_listed(
    people: People, web: System
) -> None:
    operator = await an_operator(people, web)
    seller, buyer = await people.member(web), await people.member(web)
    ticket = await seller.sells()
    order, other = await buyer.reserves(ticket), await buyer.reserves(await seller.sells())
    await operator.opens(f"/operations?q={ticket['id']}")
    async with operator.page.expect_download() as downloading:
        await operator.link("Export CSV").click()
    download = await downloading.value
    assert download.suggested_filename == "purchases.csv"
    table = (await download.path()).read_text()
    assert order["id"] in table
    assert other["id"] not in table
    assert buyer.email not in table


async def test_a_finding_is_on_the_board_until_somebody_has_dealt_with_it(
    people: People, web: System
) -> None:
    operator = await an_operator(people, web)
    seller, buyer = await people.member(web), await people.member(web)
    order = await buyer.reserves(await seller.sells())
    await a_finding(web, order, f"{FOUND} ({order['id']})")
    await operator.opens("/operations")
    await expect(row(operator, order)).to_contain_text("1 finding")

    await operator.page.get_by_role("link", name="Board").click()
    found = operator.page.get_by_role("article").filter(has_text=order["id"])
    await expect(found).to_contain_text("5 h old")
    await found.get_by_role("link", name="Order").click()
    await expect(operator.says("What does not add up")).to_be_visible()
    await operator.page.go_back()
    await expect(operator.heading("What needs a person")).to_be_visible()

    await found.get_by_role("button", name="Dismiss").click()
    dialog = operator.page.get_by_role("alertdialog")
    await dialog.get_by_label("Reason").fill("Sold by hand, and checked.")
    await dialog.get_by_role("button", name="Dismiss").click()
    await expect(found).to_be_hidden()
    await operator.finds_nothing_wrong()


async def test_what_was_put_right_by_itself_is_told_without_a_badge(
    people: People, web: System
) -> None:
    operator = await an_operator(people, web)
    seller, buyer = await people.member(web), await people.member(web)
    order = await buyer.reserves(await seller.sells())
    await a_finding(web, order, f"{FOUND} ({order['id']})", healed=True)
    await operator.opens("/operations/board")
    mended = operator.page.get_by_role("region", name="Put right by itself")
    card = mended.get_by_role("article").filter(has_text=order["id"])
    await expect(card).to_contain_text("Put right")
    await expect(card.get_by_role("button")).to_have_count(0)
    await operator.finds_nothing_wrong()


async def test_an_operator_has_one_purchase_checked_or_all(people: People, web: System) -> None:
    operator = await an_operator(people, web)
    seller, buyer = await people.member(web), await people.member(web)
    order = await buyer.has_bought(await seller.sells())
    await opens_purchase(operator, order)
    await operator.button("Check now").click()
    await expect(operator.says("Checked: all adds up.")).to_be_visible()

    await operator.page.get_by_role("link", name="Board").click()
    await operator.button("Run now").click()
    await expect(operator.says("A check of everything is under way.")).to_be_visible()
    await expect(operator.says("Orders checked")).to_be_visible(timeout=CHECKED_WITHIN_MS)
    await operator.finds_nothing_wrong()


async def test_copying_an_id_copies_all_of_it(people: People, web: System) -> None:
    operator = await an_operator(people, web)
    seller, buyer = await people.member(web), await people.member(web)
    order = await buyer.reserves(await seller.sells())
    await operator.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await opens_purchase(operator, order)
    await operator.button("Copy Order id").click()
    await expect(operator.says("Order id copied.")).to_be_visible()
    assert await operator.page.evaluate("navigator.clipboard.readText()") == order["id"]


async def test_an_operator_with_a_phone_and_the_keyboard_alone_gets_everywhere(
    people: People, web: System
) -> None:
    operator = await an_operator(people, web, PHONE)
    seller, buyer = await people.member(web), await people.member(web)
    order = await buyer.has_bought(await seller.sells())
    await operator.opens("/")
    await operator.button("Your account").click()
    await operator.link("Operations").click()
    await expect(operator.heading("Purchases")).to_be_visible()

    keys = operator.page.keyboard
    await operator.tabs_to(operator.field("Search"))
    await keys.type(order["id"])
    await keys.press("Enter")
    await expect(operator.page.get_by_role("article")).to_have_count(1)
    await operator.tabs_to(row(operator, order).get_by_role("link"))
    await keys.press("Enter")
    await operator.tabs_to(operator.button("Refund"))
    await keys.press("Enter")
    dialog = operator.page.get_by_role("alertdialog")
    await expect(dialog.get_by_label("Reason")).to_be_focused()
    await keys.press("Escape")
    await expect(dialog).to_be_hidden()
    await expect(operator.button("Refund")).to_be_focused()
    await operator.finds_nothing_wrong()


@pytest.mark.parametrize("width", [320, 640], ids=["320 px", "200 % of 1280 px"])
async def test_narrow_or_enlarged_pages_need_no_sideways_scrolling(
    people: People, web: System, width: int
) -> None:
    operator = await an_operator(people, web, {"width": width, "height": 400})
    seller, buyer = await people.member(web), await people.member(web)
    order = await buyer.reserves(await seller.sells(f"A title{' that goes on' * 8}"))
    await a_finding(web, order, FOUND + " And so on." * 20)
    for path in ("", f"?q={order['id']}", f"/orders/{order['id']}", "/board"):
        await operator.opens(f"/operations{path}")
        await expect(operator.page.locator("[data-loading]")).to_have_count(0)
        assert await operator.overflow() <= 0


async def test_for_everybody_else_there_is_nothing_here(people: People, web: System) -> None:
    operator, member = await an_operator(people, web), await people.member(web)
    visitor = await people.visitor(web)
    for person in (member, visitor):
        asked = files_of(person)
        await person.opens("/nowhere")
        ways = person.page.get_by_role("navigation", name="Main").get_by_role("link")
        await expect(ways.first).to_be_visible()
        nothing = await person.page.locator("body").inner_text()
        for path in ("/operations", "/operations/board", "/operations/orders/some-order"):
            await person.opens(path)
            await expect(person.heading("There is nothing here")).to_be_visible()
            assert await person.page.locator("body").inner_text() == nothing
        assert "Operations" not in nothing
        assert not operators_code(asked)

    asked = files_of(operator)
    await operator.opens("/operations")
    await expect(operator.heading("Purchases")).to_be_visible()
    assert operators_code(asked)


async def test_an_operator_whose_session_ends_signs_in_and_comes_back(
    people: People, web: System
) -> None:
    operator = await an_operator(people, web)
    await operator.opens("/operations?state=complete")
    await expect(operator.heading("Purchases")).to_be_visible()
    await expect(operator.page.locator("[data-loading]")).to_have_count(0)
    await operator.ask("POST", "/api/users/logout")
    await operator.field("State").select_option(label="Cancelled")
    await expect(operator.heading("Log in")).to_be_visible()
    await operator.logs_in()
    await operator.is_at("/operations?state=cancelled")


def _moment(order: Json) -> datetime:
    return datetime.fromisoformat(order["expires_at"])
