"""Buying: from the click to the mail, and back to the money."""

from playwright.async_api import expect

from tests.browser import PHONE
from tests.e2e.system import System
from tests.ui.conftest import People
from tests.ui.person import ASKS, DECLINED, PASSWORD

LONGEST_TRANSITION = """
Math.max(...[...document.querySelectorAll("*")].map(
  (each) => parseFloat(getComputedStyle(each).transitionDuration) || 0
))
"""


async def test_a_ticket_goes_from_one_browser_to_another(people: People, web: System) -> None:
    seller, buyer = await people.visitor(web), await people.visitor(web, PHONE)

    await seller.opens("/register")
    await seller.field("E-mail address").fill(seller.email)
    await seller.field("Password").fill(PASSWORD)
    await seller.page.get_by_label("I accept the").check()
    await seller.button("Register").click()
    await seller.is_at("/")
    await seller.link("Sell").click()
    await seller.field("Title").fill("Rock Concert for two browsers")
    await seller.field("Price (CAD)").fill("160")
    await seller.button("Put it on the market").click()
    await expect(seller.says("Available")).to_be_visible()

    await buyer.opens("/")
    await buyer.link("Rock Concert for two browsers").click()
    await buyer.link("Log in to buy").click()
    await expect(buyer.heading("Log in")).to_be_visible()
    await buyer.page.get_by_role("main").get_by_role("link", name="Register").click()
    await expect(buyer.heading("Create an account")).to_be_visible()
    await buyer.field("E-mail address").fill(buyer.email)
    await buyer.field("Password").fill(PASSWORD)
    await buyer.page.get_by_label("I accept the").check()
    await buyer.button("Register").click()

    await expect(buyer.heading("Rock Concert for two browsers")).to_be_visible()
    await buyer.button("Buy this ticket").click()
    await expect(seller.says("Being bought now")).to_be_visible()
    await buyer.gives_the_address()
    await expect(buyer.says("HST (13%)")).to_be_visible()
    await expect(buyer.says("$180.80")).to_be_visible()
    await buyer.pays()

    await expect(buyer.heading("It is yours!")).to_be_visible()
    await expect(buyer.page.get_by_role("main")).to_contain_text(buyer.email)
    await expect(seller.says("This is your listing, and it is sold.")).to_be_visible()
    order_id = buyer.page.url.split("/")[-2]
    await buyer.hears_by_mail("Order Confirmed!")

    await buyer.page.reload()
    await expect(buyer.heading("It is yours!")).to_be_visible()
    await buyer.link("See this order").click()
    await buyer.is_at(f"/orders/{order_id}")
    await buyer.button("Refund").click()
    await buyer.button("Refund $180.80").click()
    await expect(buyer.says("Your money is on its way back.")).to_be_visible()
    await expect(seller.says("Available")).to_be_visible()
    await buyer.hears_by_mail("Order Refunded")
    assert buyer.complaints == seller.complaints == []


async def test_a_declined_card_is_explained_and_another_one_pays(
    people: People, web: System
) -> None:
    seller, buyer = await people.member(web), await people.member(web)
    order = await buyer.reserves(await seller.sells())
    await buyer.opens(f"/orders/{order['id']}")
    await buyer.gives_the_address()
    await buyer.pays(DECLINED)
    await expect(buyer.alert).to_contain_text("Please use another card or ask your bank.")
    await expect(buyer.card_form.get_by_label("Card number")).to_have_value("4000 0000 0000 0002")
    await expect(buyer.card_form.get_by_label("Security code")).to_have_value("123")

    await buyer.page.reload()
    await expect(buyer.alert).to_contain_text("Please use another card or ask your bank.")
    await buyer.pays()
    await expect(buyer.heading("It is yours!")).to_be_visible()


async def test_a_bank_that_asks_is_answered_in_the_page(people: People, web: System) -> None:
    seller, buyer = await people.member(web), await people.member(web)
    order = await buyer.reserves(await seller.sells())
    await buyer.opens(f"/orders/{order['id']}")
    await buyer.gives_the_address()
    await buyer.pays(ASKS)
    bank = buyer.page.frame_locator("iframe[title='3D Secure authentication']")
    await bank.get_by_role("button", name="Fail").click()
    await expect(buyer.alert).to_be_visible()
    await expect(buyer.pay_button).to_be_enabled()

    await buyer.pay_button.click()
    await bank.get_by_role("button", name="Complete").click()
    await expect(buyer.heading("It is yours!")).to_be_visible()
    assert buyer.complaints == []


async def test_a_second_address_changes_the_total_that_is_paid(people: People, web: System) -> None:
    seller, buyer = await people.member(web), await people.member(web)
    order = await buyer.reserves(await seller.sells())
    await buyer.opens(f"/orders/{order['id']}")
    await buyer.gives_the_address()
    await expect(buyer.button("Pay $113.00 CAD")).to_be_visible()
    await buyer.button("Change").click()
    await buyer.field("Province or territory").select_option(label="Quebec")
    await buyer.field("Postal code").fill("H2X 1Y4")
    await buyer.button("Save address").click()
    await expect(buyer.button("Pay $114.98 CAD")).to_be_visible()
    await buyer.pays()
    await expect(buyer.heading("It is yours!")).to_be_visible()
    done = await buyer.order(order)
    assert done["total"]["amount"] == 11498


async def test_an_order_can_be_cancelled_and_the_ticket_is_for_sale_again(
    people: People, web: System
) -> None:
    seller, buyer = await people.member(web), await people.member(web)
    ticket = await seller.sells()
    order = await buyer.reserves(ticket)
    await buyer.opens(f"/orders/{order['id']}")
    await buyer.gives_the_address()
    await buyer.button("Cancel this order").click()
    await buyer.button("Cancel the order").click()
    await expect(buyer.says("You cancelled this order.")).to_be_visible()
    await buyer.link("See whether the ticket is still available").click()
    await expect(buyer.button("Buy this ticket")).to_be_enabled()


async def test_two_clicks_to_buy_are_one_order_and_two_to_pay_one_payment(
    people: People, web: System
) -> None:
    seller, buyer = await people.member(web), await people.member(web)
    ticket = await seller.sells()
    await buyer.opens(f"/tickets/{ticket['id']}")
    await expect(buyer.button("Buy this ticket")).to_be_enabled()
    await buyer.button("Buy this ticket").dblclick()
    await buyer.gives_the_address()
    await buyer.types_a_card()
    await buyer.pay_button.dblclick()
    await expect(buyer.heading("It is yours!")).to_be_visible()
    (order,) = (await buyer.ask("GET", "/api/orders"))["items"]
    assert order["total"]["amount"] == 11300
    assert await buyer.page.evaluate("sessionStorage.length + localStorage.length") == 0


async def test_the_way_back_after_paying_does_not_lead_to_the_checkout(
    people: People, web: System
) -> None:
    seller, buyer = await people.member(web), await people.member(web)
    ticket = await seller.sells()
    await buyer.opens(f"/tickets/{ticket['id']}")
    await buyer.button("Buy this ticket").click()
    await buyer.gives_the_address()
    await buyer.pays()
    await expect(buyer.heading("It is yours!")).to_be_visible()
    await buyer.page.go_back()
    await buyer.is_at(f"/tickets/{ticket['id']}")
    await expect(buyer.says("This ticket is yours.")).to_be_visible()
    await buyer.link("See your order").click()
    await expect(buyer.says("Paid: the ticket is yours")).to_be_visible()
    await expect(buyer.pay_button).to_be_hidden()


async def test_two_tabs_show_the_same_order_and_pay_it_once(people: People, web: System) -> None:
    seller, buyer = await people.member(web), await people.member(web)
    ticket = await seller.sells()
    await buyer.opens(f"/tickets/{ticket['id']}")
    second = await buyer.another_tab()
    await second.opens(f"/tickets/{ticket['id']}")

    await buyer.button("Buy this ticket").click()
    await buyer.gives_the_address()
    await second.page.bring_to_front()
    await second.link("Go on to the checkout").click()
    await expect(second.card_form.get_by_label("Card number")).to_be_visible()
    await second.pays()
    await expect(second.heading("It is yours!")).to_be_visible()

    await buyer.page.bring_to_front()
    await expect(buyer.heading("It is yours!")).to_be_visible()
    assert len((await buyer.ask("GET", "/api/orders"))["items"]) == 1


async def test_a_reload_at_any_step_loses_nothing_that_was_sent(
    people: People, web: System
) -> None:
    seller, buyer = await people.member(web), await people.member(web)
    order = await buyer.reserves(await seller.sells())
    await buyer.opens(f"/orders/{order['id']}")
    await buyer.page.reload()
    await buyer.gives_the_address()
    await buyer.page.reload()
    await expect(buyer.says("178 Victoria St")).to_be_visible()
    await buyer.types_a_card()
    async with buyer.page.expect_request("**/v1/payment_intents/*/confirm"):
        await buyer.pay_button.click()
    await buyer.page.reload()
    await expect(
        buyer.heading("It is yours!").or_(buyer.says("Paid: the ticket is yours"))
    ).to_be_visible()


async def test_the_whole_purchase_works_with_the_keyboard_alone(
    people: People, web: System
) -> None:
    seller, buyer = await people.member(web), await people.member(web)
    ticket = await seller.sells()
    await buyer.opens(f"/tickets/{ticket['id']}")
    await expect(buyer.button("Buy this ticket")).to_be_enabled()
    keys = buyer.page.keyboard
    await keys.press("Tab")
    await expect(buyer.link("Skip to the page")).to_be_focused()
    await keys.press("Enter")
    await buyer.tabs_to(buyer.button("Buy this ticket"))
    await keys.press("Enter")
    await expect(buyer.field("Full name")).to_be_visible()
    await buyer.tabs_to(buyer.field("Full name"))
    for value in ("Ada Lovelace", "", "178 Victoria St", "", "Toronto", "Ont", "M5B 1T7"):
        await keys.type(value)
        await keys.press("Tab")
    await expect(buyer.button("Continue to payment")).to_be_focused()
    await keys.press("Enter")
    number = buyer.card_form.get_by_label("Card number")
    await expect(number).to_be_visible()
    await buyer.tabs_to(number)
    for value in ("4242424242424242", "1240", "123"):
        await keys.type(value)
        await keys.press("Tab")
    await buyer.tabs_to(buyer.pay_button)
    await keys.press("Enter")
    await expect(buyer.heading("It is yours!")).to_be_visible()


async def test_a_page_comes_with_as_little_motion_as_one_wants(people: People, web: System) -> None:
    calm, lively = await people.visitor(web, reduced_motion="reduce"), await people.visitor(web)
    await calm.opens("/login")
    await lively.opens("/login")
    assert await calm.page.evaluate(LONGEST_TRANSITION) <= 0.001
    assert await lively.page.evaluate(LONGEST_TRANSITION) > 0.1
