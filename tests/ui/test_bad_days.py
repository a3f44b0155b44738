"""What people meet when something is away, slow, over or blocked."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

from playwright.async_api import Route, expect

from tests.e2e.system import System
from tests.ui.conftest import RUNS_OUT_WITHIN_MS, People
from tests.ui.person import VISA, Person

IN_A_HURRY = re.compile(r"\b00:[1-3]\d\b")


def fails_with(status: int) -> Callable[[Route], Awaitable[Any]]:
    async def handle(route: Route) -> None:
        await route.fulfill(
            status=status,
            content_type="application/problem+json",
            headers={"Retry-After": "1"},
            json={
                "type": "/problems/unavailable",
                "title": "Please try again in a moment.",
                "status": status,
            },
        )

    return handle


async def is_away(route: Route) -> None:
    await route.abort()


async def test_a_market_whose_server_is_away_says_so_and_comes_back(
    people: People, web: System
) -> None:
    seller, visitor = await people.member(web), await people.visitor(web)
    await seller.sells()
    await visitor.page.route("**/api/**", is_away)
    await visitor.opens("/")
    await expect(visitor.says("Ticket Exchange does not answer right now.")).to_be_visible()
    await expect(visitor.alert).to_contain_text("We could not load the tickets.")
    await visitor.finds_nothing_wrong()

    await visitor.page.unroute("**/api/**")
    await visitor.button("Try again").click()
    await expect(visitor.page.get_by_role("article").first).to_be_visible()
    await expect(visitor.says("Ticket Exchange does not answer right now.")).to_be_hidden()


async def test_what_was_shown_stays_while_the_server_is_away(people: People, web: System) -> None:
    seller, buyer = await people.member(web), await people.member(web)
    order = await buyer.reserves(await seller.sells())
    await buyer.opens(f"/orders/{order['id']}")
    await buyer.fills_in_the_address()
    await buyer.page.route("**/api/**", is_away)
    await buyer.button("Continue to payment").click()
    await expect(buyer.alert.first).to_contain_text("Ticket Exchange cannot be reached right now.")
    await expect(buyer.field("Full name")).to_have_value("Ada Lovelace")

    await buyer.page.unroute("**/api/**")
    await buyer.button("Continue to payment").click()
    await expect(buyer.card_form.get_by_label("Card number")).to_be_visible()


async def test_an_order_whose_answer_was_lost_is_found_on_the_page_of_its_ticket(
    people: People, web: System
) -> None:
    seller, buyer = await people.member(web), await people.member(web)
    ticket = await seller.sells()

    async def lose_the_answer(route: Route) -> None:
        await route.fetch()
        await route.abort()

    await buyer.page.route("**/api/orders", lose_the_answer)
    await buyer.opens(f"/tickets/{ticket['id']}")
    await buyer.button("Buy this ticket").click()
    await buyer.link("Go on to the checkout").click()
    await expect(buyer.field("Full name")).to_be_visible()
    assert await buyer.page.evaluate("sessionStorage.length") == 0
    assert len((await buyer.ask("GET", "/api/orders"))["items"]) == 1


async def test_a_server_that_is_not_well_is_asked_again_by_itself(
    people: People, web: System
) -> None:
    seller, visitor = await people.member(web), await people.visitor(web)
    await seller.sells()
    await visitor.page.route("**/api/tickets?*", fails_with(503), times=2)
    await visitor.opens("/")
    await expect(visitor.page.get_by_role("article").first).to_be_visible()


async def test_a_slow_server_is_waited_for_with_a_word(people: People, web: System) -> None:
    seller, visitor = await people.member(web), await people.visitor(web)
    await seller.sells()
    held: list[Route] = []

    async def hold(route: Route) -> None:
        held.append(route)

    await visitor.page.route("**/api/tickets?*", hold)
    await visitor.opens("/")
    await expect(
        visitor.says("Still loading tickets. The server is slow right now.")
    ).to_be_visible()
    await visitor.finds_nothing_wrong()
    for route in held:
        await route.continue_()
    await expect(visitor.page.get_by_role("article").first).to_be_visible()


async def test_a_session_that_ends_in_mid_checkout_leads_back_to_the_same_order(
    people: People, web: System
) -> None:
    seller, buyer = await people.member(web), await people.member(web)
    order = await buyer.reserves(await seller.sells())
    await buyer.opens(f"/orders/{order['id']}")
    await buyer.fills_in_the_address()
    elsewhere = await people.visitor(web)  # ends the session, and leaves this browser as it is
    await elsewhere.sits_down_at(buyer)
    await elsewhere.ask("POST", "/api/users/logout")

    await buyer.button("Continue to payment").click()
    await expect(buyer.says("Your session has ended.")).to_be_visible()
    await buyer.finds_nothing_wrong()
    await buyer.logs_in()
    await buyer.is_at(f"/orders/{order['id']}")
    await expect(buyer.field("Full name")).to_have_value("Ada Lovelace")
    await buyer.button("Continue to payment").click()
    await buyer.pays()
    await expect(buyer.heading("It is yours!")).to_be_visible()


async def test_an_order_link_in_a_mail_asks_to_sign_in_first(people: People, web: System) -> None:
    seller, buyer = await people.member(web), await people.member(web)
    order = await buyer.reserves(await seller.sells())
    await buyer.page.context.clear_cookies()
    await buyer.opens(f"/orders/{order['id']}")
    await expect(buyer.heading("Log in")).to_be_visible()
    await buyer.logs_in()
    await buyer.is_at(f"/orders/{order['id']}")
    await expect(buyer.field("Full name")).to_be_visible()


async def test_somebody_elses_order_is_not_there(people: People, web: System) -> None:
    seller, buyer, other = (
        await people.member(web),
        await people.member(web),
        await people.member(web),
    )
    order = await buyer.reserves(await seller.sells())
    await other.opens(f"/orders/{order['id']}")
    await expect(other.alert).to_contain_text("We could not find this order.")


async def test_no_page_leads_to_another_site_after_signing_in(people: People, web: System) -> None:
    member = await people.member(web)
    for evil in ("//evil.example", "/\\evil.example", "https://evil.example/"):
        await member.page.goto(f"/login?next={evil}")
        await member.is_at("/")


async def test_a_blocked_payment_script_is_explained_and_tried_again(
    people: People, web: System
) -> None:
    seller, buyer = await people.member(web), await people.member(web)
    order = await buyer.reserves(await seller.sells())
    await buyer.page.route(f"{web.stripe_address}/v3/**", is_away)
    await buyer.opens(f"/orders/{order['id']}")
    await buyer.fills_in_the_address()
    await buyer.button("Continue to payment").click()
    await expect(buyer.alert).to_contain_text("The payment form could not be loaded.")
    await buyer.finds_nothing_wrong()

    await buyer.page.unroute(f"{web.stripe_address}/v3/**")
    await buyer.button("Try again").click()
    await buyer.pays()
    await expect(buyer.heading("It is yours!")).to_be_visible()


async def test_a_payment_service_that_is_away_while_paying_can_be_asked_again(
    people: People, web: System
) -> None:
    seller, buyer = await people.member(web), await people.member(web)
    order = await buyer.reserves(await seller.sells())
    await buyer.opens(f"/orders/{order['id']}")
    await buyer.gives_the_address()
    await buyer.page.context.route(f"{web.stripe_address}/v1/**", is_away)
    await buyer.pays()
    await expect(buyer.alert).to_contain_text("The payment did not go through.")
    await buyer.page.context.unroute(f"{web.stripe_address}/v1/**")
    await buyer.pay_button.click()
    await expect(buyer.heading("It is yours!")).to_be_visible()


async def test_the_page_goes_on_by_itself_where_event_streams_do_not_get_through(
    people: People, web: System
) -> None:
    seller, buyer = await people.member(web), await people.member(web)
    order = await buyer.reserves(await seller.sells())
    await buyer.page.route("**/api/orders/*/events", is_away)
    await buyer.opens(f"/orders/{order['id']}")
    await buyer.gives_the_address()
    await buyer.pays(VISA)
    await expect(buyer.heading("It is yours!")).to_be_visible()


async def reserves_in_a_hurry(people: People, hurried: System) -> tuple[Person, dict[str, Any]]:
    seller, buyer = await people.member(hurried), await people.member(hurried)
    ticket = await seller.sells()
    return buyer, await buyer.reserves(ticket)


async def test_a_deadline_that_passes_while_one_types_is_told_and_nothing_can_be_sent(
    people: People, hurried: System
) -> None:
    buyer, order = await reserves_in_a_hurry(people, hurried)
    await buyer.opens(f"/orders/{order['id']}")
    await expect(buyer.page.get_by_role("timer")).to_contain_text(IN_A_HURRY)
    await buyer.field("Full name").fill("Ada Love")
    await expect(
        buyer.says("Time is up.").or_(buyer.says("The time to pay ran out."))
    ).to_be_visible(timeout=RUNS_OUT_WITHIN_MS)
    await expect(buyer.says("The time to pay ran out.")).to_be_visible()
    await expect(buyer.says("You have not been charged.")).to_be_visible()
    await expect(buyer.field("Full name")).to_be_hidden()
    await buyer.finds_nothing_wrong()
    await buyer.link("See whether the ticket is still available").click()
    await expect(buyer.button("Buy this ticket")).to_be_enabled()


async def test_a_hold_that_was_extended_says_so(people: People, hurried: System) -> None:
    buyer, order = await reserves_in_a_hurry(people, hurried)
    await buyer.opens(f"/orders/{order['id']}")
    await buyer.gives_the_address()
    await expect(buyer.says("We have held it a little longer for you")).to_be_visible()
    await buyer.finds_nothing_wrong()
    await buyer.pays()
    await expect(buyer.heading("It is yours!")).to_be_visible()


async def test_the_clock_of_this_machine_does_not_count(people: People, hurried: System) -> None:
    """An hour fast, and then asleep: the time left is the server's."""
    buyer, order = await reserves_in_a_hurry(people, hurried)
    await buyer.page.add_init_script("const now = Date.now; Date.now = () => now() + 3_600_000;")
    await buyer.opens(f"/orders/{order['id']}")
    await expect(buyer.page.get_by_role("timer")).to_contain_text(IN_A_HURRY)
    await expect(buyer.field("Full name")).to_be_enabled()
