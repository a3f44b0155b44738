"""Every page, at the size of a phone and of a desk: shown whole, without barriers."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from playwright.async_api import ViewportSize, expect

from tests.e2e.system import BILLING, System
from tests.ui.conftest import People
from tests.ui.duty import CHECKED_WITHIN_MS, a_finding, an_operator
from tests.ui.person import DECLINED, Person
from tests.ui.pictures import Camera

ON_THE_MARKET = [
    ("Arcade Fire", 16000, "Centre Bell, Montréal", 21, "Section 112, row F"),
    ("Les Misérables", 9450, "Royal Alexandra Theatre, Toronto", 9, "Balcony B, seat 31"),
    ("Jazz on the Quay", 3500, "Lonsdale Quay, Vancouver", 4, "General admission"),
    ("Canadiens v. Maple Leafs", 24800, "Centre Bell, Montréal", 12, "Section 305, row A"),
    ("Swan Lake", 13200, "Four Seasons Centre, Toronto", 33, "Orchestra, row K"),
    ("Symphony No. 9", 7600, "Orpheum, Vancouver", 55, "Dress circle, row 2"),
]


async def a_seller(people: People, web: System, size: ViewportSize) -> Person:
    seller = await people.member(web, size)
    evening = datetime.now(UTC).replace(hour=23, minute=30, second=0, microsecond=0)
    for title, cents, venue, days, seat in ON_THE_MARKET:
        await seller.sells(
            title,
            price={"amount": cents, "currency": "CAD"},
            venue=venue,
            seat=seat,
            starts_at=(evening + timedelta(days=days)).isoformat(),
        )
    return seller


async def test_the_pages_of_anybody(
    people: People, web: System, size: ViewportSize, camera: Camera
) -> None:
    seller = await a_seller(people, web, size)
    visitor = await people.visitor(web, size)

    await visitor.opens("/")
    await expect(visitor.link("Swan Lake").first).to_be_visible()
    await camera.look(visitor, "landing")

    await visitor.opens("/?q=centre&max=5&q=quay&sort=-price")
    await expect(visitor.says("No tickets match these filters.")).to_be_visible()
    await camera.look(visitor, "filters")

    ticket = await seller.sells("Winter Poetry Night", venue="Massey Hall, Toronto")
    await visitor.opens(f"/tickets/{ticket['id']}")
    await expect(visitor.link("Log in to buy")).to_be_visible()
    await camera.look(visitor, "ticket-signed-out")

    for path, name in [
        ("/login", "login"),
        ("/register", "register"),
        ("/reset", "reset"),
        ("/terms", "terms"),
        ("/nowhere", "not-found"),
    ]:
        await visitor.opens(path)
        await camera.look(visitor, name)

    await visitor.opens("/reset#token=something-from-a-mail")
    await camera.look(visitor, "reset-password")

    await visitor.opens("/verify#token=something-from-a-mail")
    await expect(visitor.alert).to_be_visible()
    await camera.look(visitor, "verify")


async def test_the_pages_of_a_seller(
    people: People, web: System, size: ViewportSize, camera: Camera
) -> None:
    seller = await a_seller(people, web, size)

    await seller.opens("/?mine=1")
    await expect(seller.button("Delete Swan Lake")).to_be_visible()
    await camera.look(seller, "your-listings")

    await seller.button("Delete Swan Lake").click()
    await expect(seller.page.get_by_role("alertdialog")).to_be_visible()
    await camera.look(seller, "delete-listing")
    await seller.button("Keep it").click()

    await seller.button("Your account").click()
    await expect(seller.page.get_by_role("button", name="Log out")).to_be_visible()
    await camera.look(seller, "menu")

    await seller.opens("/tickets/create")
    await seller.button("Put it on the market").click()
    await expect(seller.says("Give the ticket a title.")).to_be_visible()
    await camera.look(seller, "create-ticket")

    await seller.opens("/?mine=1")
    await seller.link("Edit Swan Lake").click()
    await expect(seller.heading("Edit your listing")).to_be_visible()
    await camera.look(seller, "edit-ticket")

    await seller.ask(
        "POST", "/api/users/me/tokens", {"name": "Box office", "scopes": ["tickets:write"]}
    )
    await seller.opens("/account")
    await expect(seller.says("Box office")).to_be_visible()
    await camera.look(seller, "account")


async def test_the_pages_of_a_buyer(
    people: People, web: System, size: ViewportSize, camera: Camera
) -> None:
    seller, buyer = await people.member(web, size), await people.member(web, size)
    evening = (datetime.now(UTC) + timedelta(days=20)).replace(hour=23, minute=30, second=0)
    ticket = await seller.sells(
        "Arcade Fire",
        price={"amount": 16000, "currency": "CAD"},
        venue="Centre Bell, Montréal",
        seat="Section 112, row F, seat 8",
        starts_at=evening.isoformat(),
        description="Paper ticket, sent by registered mail.",
    )

    await buyer.opens("/orders")
    await expect(buyer.says("You have no orders yet.")).to_be_visible()
    await camera.look(buyer, "orders-empty")

    await buyer.opens(f"/tickets/{ticket['id']}")
    await expect(buyer.button("Buy this ticket")).to_be_enabled()
    await camera.look(buyer, "ticket")

    await buyer.button("Buy this ticket").click()
    await expect(buyer.field("Full name")).to_be_visible()
    await camera.look(buyer, "checkout-address")

    await buyer.gives_the_address()
    await camera.look(buyer, "checkout-payment")

    await buyer.pays(DECLINED)
    await expect(buyer.alert).to_contain_text("The card was declined.")
    await camera.look(buyer, "checkout-declined")

    await buyer.pays()
    await expect(buyer.heading("It is yours!")).to_be_visible()
    await camera.look(buyer, "confirmation")

    cancelled = await buyer.reserves(await seller.sells("Jazz on the Quay"))
    await buyer.ask("POST", f"/api/orders/{cancelled['id']}/cancel")
    await buyer.reserves(await seller.sells("Swan Lake"))
    await buyer.opens("/orders")
    await expect(buyer.says("Cancelled by you")).to_be_visible()
    await camera.look(buyer, "orders")

    await buyer.opens(f"/orders/{cancelled['id']}")
    await expect(buyer.says("You cancelled this order.")).to_be_visible()
    await camera.look(buyer, "order-cancelled")

    await buyer.opens("/orders")
    await buyer.link("Arcade Fire").click()
    await expect(buyer.says("Paid: the ticket is yours")).to_be_visible()
    await camera.look(buyer, "order")

    await buyer.button("Refund").click()
    await expect(buyer.page.get_by_role("alertdialog")).to_be_visible()
    await camera.look(buyer, "refund")
    await buyer.page.get_by_role("button", name="Refund $").click()
    await expect(buyer.says("Your money is on its way back.")).to_be_visible()
    await camera.look(buyer, "order-refunded")


async def test_the_pages_of_an_operator(
    people: People, web: System, size: ViewportSize, camera: Camera
) -> None:
    operator = await an_operator(people, web, size)
    seller, buyer = await people.member(web, size), await people.member(web, size)
    somebody = await people.member(web, size)
    for title, cents, venue, _, seat in ON_THE_MARKET[:3]:
        price = {"amount": cents, "currency": "CAD"}
        await somebody.reserves(await seller.sells(title, price=price, venue=venue, seat=seat))
    order = await buyer.has_bought(await seller.sells("Winter Poetry Night"))
    await a_finding(web, order, "113.00 CAD are captured and the ticket is still reserved.")
    paying = await buyer.reserves(await seller.sells("Comedy Late Show"))
    await buyer.ask("PUT", f"/api/orders/{paying['id']}/billing", BILLING)

    await operator.opens("/operations")
    await expect(operator.link("Comedy Late Show").first).to_be_visible()
    await camera.look(operator, "operations")

    await operator.opens(f"/operations/orders/{paying['id']}")
    await expect(operator.says("Waiting for payment until")).to_be_visible()
    await expect(operator.button("More time")).to_be_visible()
    await camera.look(operator, "operations-purchase")

    await operator.button("More time").click()
    await operator.page.get_by_role("alertdialog").get_by_role("button", name="Extend").click()
    await expect(operator.says("Say in a few words why.")).to_be_visible()
    await camera.look(operator, "operations-extend")

    await operator.opens(f"/operations/orders/{order['id']}")
    await expect(operator.says("What does not add up")).to_be_visible()
    await camera.look(operator, "operations-finding")

    await operator.opens("/operations/board")
    await expect(operator.says("113.00 CAD are captured")).to_be_visible()
    await operator.button("Run now").click()
    await expect(operator.says("Orders checked")).to_be_visible(timeout=CHECKED_WITHIN_MS)
    await expect(operator.says("A check of everything is under way.")).to_be_hidden()
    await camera.look(operator, "operations-board")


async def test_a_page_whose_code_cannot_be_loaded_says_so(
    people: People, web: System, size: ViewportSize, camera: Camera
) -> None:
    visitor = await people.visitor(web, size)
    await visitor.opens("/")
    await visitor.page.route("**/assets/terms-page*", lambda route: route.abort())
    await visitor.link("Terms and conditions").click()
    await expect(visitor.heading("Something went wrong")).to_be_visible()
    visitor.complaints.clear()  # the router's own word about it
    await camera.look(visitor, "error")


@pytest.mark.parametrize(
    "path", ["/", "/login", "/terms", "/tickets/create", "/orders", "/account"]
)
@pytest.mark.parametrize("width", [320, 640], ids=["320 px", "200 % of 1280 px"])
async def test_a_narrow_or_enlarged_page_needs_no_sideways_scrolling(
    people: People, web: System, path: str, width: int
) -> None:
    member = await people.member(web, {"width": width, "height": 400})
    await member.sells(f"A title{' that goes on' * 8} {uuid4().hex}")
    await member.opens(path)
    await expect(member.page.get_by_role("contentinfo")).to_be_visible()
    assert await member.overflow() <= 0
