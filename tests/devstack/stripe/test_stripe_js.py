"""Stripe.js' stand-in, as a shop's page uses it in a browser."""

from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

from tests.devstack.stripe.helpers import Hooks, StripeApi
from tests.devstack.stripe.shop import Till, a_shop

GOOD = "4242424242424242"
CHALLENGED = "4000002500003155"


@pytest.fixture(scope="module")
async def shop_url(simulator_url: str) -> AsyncIterator[str]:
    """A shop of another origin."""
    async with a_shop(simulator_url) as url:
        yield url


@pytest.fixture
async def till(page: Page, simulator_url: str, shop_url: str) -> Till:
    """A buyer who has not opened the page yet."""
    return Till(page, simulator_url, shop_url)


async def opened(till: Till, api: StripeApi, **options: str) -> str:
    """The page of a new PaymentIntent, ready to be paid; the intent's id."""
    intent = await api.opened()
    assert intent.client_secret is not None
    await till.open(intent.client_secret, **options)
    await expect(till.page.get_by_role("button", name="Pay")).to_be_enabled()
    return intent.id


async def test_a_good_card_pays(till: Till, simulated: StripeApi) -> None:
    intent_id = await opened(till, simulated)
    await till.types(GOOD)
    await till.pays()
    await expect(till.outcome).to_have_text("requires_capture")
    held = await simulated.intents.retrieve_async(intent_id, {"expand": ["payment_method"]})
    assert held.amount_capturable == 1600
    method = held.payment_method
    assert not isinstance(method, str)
    assert method is not None
    assert method.card is not None
    assert (method.card.last4, method.card.exp_month, method.card.exp_year) == ("4242", 12, 2040)
    assert method.billing_details.name == "Ada Lovelace"
    assert (await till.result())["paymentIntent"]["id"] == intent_id


async def test_the_policy_of_the_page_is_kept(till: Till, simulated: StripeApi) -> None:
    await opened(till, simulated)
    await till.types(CHALLENGED)
    await till.pays()
    await till.bank.get_by_role("button", name="Complete").click()
    await expect(till.outcome).to_have_text("requires_capture")
    assert till.console == []
    await till.calls("void document.body.setAttribute('style', 'color: red')")
    assert "violates the following Content Security Policy" in till.console[0]


async def test_the_page_never_sees_the_card(till: Till, simulated: StripeApi) -> None:
    await opened(till, simulated)
    await till.types(GOOD)
    await till.pays()
    await expect(till.outcome).to_have_text("requires_capture")
    sent = [request for request in till.requests if GOOD in (request.post_data or "")]
    assert [request.frame.url for request in sent] == [f"{till.stripe_url}/v3/frames/card.html"]
    assert GOOD not in await till.page.content()
    with_number = "JSON.stringify([window.events, window.answer]).includes('42424242')"
    assert not await till.page.evaluate(with_number)


@pytest.mark.parametrize(
    ("number", "message", "codes"),
    [
        ("4000000000000002", "Your card was declined.", ("card_declined", "generic_decline")),
        (
            "4000000000009995",
            "Your card has insufficient funds.",
            ("card_declined", "insufficient_funds"),
        ),
        ("4000000000000069", "Your card has expired.", ("expired_card", None)),
        ("4000000000000127", "Your card's security code is incorrect.", ("incorrect_cvc", None)),
    ],
)
async def test_a_declined_card_can_be_changed_and_tried_again(
    till: Till, simulated: StripeApi, number: str, message: str, codes: tuple[str, str | None]
) -> None:
    await opened(till, simulated)
    await till.types(number)
    await till.pays()
    await expect(till.outcome).to_have_text(message)
    error = (await till.result())["error"]
    assert error["type"] == "card_error"
    assert (error["code"], error.get("decline_code")) == codes
    assert error["payment_intent"]["status"] == "requires_payment_method"
    await expect(till.form.get_by_label("Expiration date")).to_have_value("12 / 40")
    await till.form.get_by_label("Card number").fill(GOOD)
    await till.pays()
    await expect(till.outcome).to_have_text("requires_capture")


@pytest.mark.parametrize("number", [CHALLENGED, "4000000000003220"])
async def test_the_bank_asks_and_the_buyer_approves(
    till: Till, simulated: StripeApi, number: str
) -> None:
    intent_id = await opened(till, simulated)
    await till.types(number)
    await till.pays()
    await expect(till.bank.get_by_text("16.00 CAD")).to_be_visible()
    assert (await simulated.intents.retrieve_async(intent_id)).status == "requires_action"
    await till.bank.get_by_role("button", name="Complete").click()
    await expect(till.outcome).to_have_text("requires_capture")
    await expect(till.page.get_by_role("dialog")).to_have_count(0)


@pytest.mark.parametrize("giving_up", ["button", "escape", "dialog"])
async def test_a_failed_check_leaves_the_buyer_to_try_again(
    till: Till, simulated: StripeApi, giving_up: str
) -> None:
    await opened(till, simulated)
    await till.types(CHALLENGED)
    await till.pays()
    await expect(till.bank.get_by_role("button", name="Fail")).to_be_visible()
    if giving_up == "button":
        await till.bank.get_by_role("button", name="Fail").click()
    elif giving_up == "escape":
        await till.page.keyboard.press("Escape")
    else:
        await till.calls("void document.querySelector('dialog').close()")
    await expect(till.outcome).to_contain_text("unable to authenticate your payment method")
    error = (await till.result())["error"]
    assert error["code"] == "payment_intent_authentication_failure"
    assert error["payment_intent"]["status"] == "requires_payment_method"
    await till.form.get_by_label("Card number").fill(GOOD)
    await till.pays()
    await expect(till.outcome).to_have_text("requires_capture")


async def test_a_card_can_be_declined_after_the_check(till: Till, simulated: StripeApi) -> None:
    await opened(till, simulated)
    await till.types("4000008400001629")
    await till.pays()
    await till.bank.get_by_role("button", name="Complete").click()
    await expect(till.outcome).to_have_text("Your card was declined.")
    assert (await till.result())["error"]["decline_code"] == "generic_decline"


async def test_a_page_can_take_up_a_check_that_was_left(till: Till, simulated: StripeApi) -> None:
    intent_id = await opened(till, simulated)
    await till.types(CHALLENGED)
    await till.pays()
    await expect(till.bank.get_by_role("button", name="Fail")).to_be_visible()
    await till.page.reload()
    await expect(till.page.get_by_role("button", name="Pay")).to_be_enabled()
    await till.page.evaluate(
        "void stripe.handleNextAction({clientSecret: new URLSearchParams(location.search)"
        ".get('secret')}).then(({paymentIntent}) => { window.answer = paymentIntent; })"
    )
    await till.bank.get_by_role("button", name="Complete").click()
    await till.until("window.answer?.status === 'requires_capture'")
    assert (await simulated.intents.retrieve_async(intent_id)).status == "requires_capture"


async def test_a_page_that_wants_to_is_left_after_paying(till: Till, simulated: StripeApi) -> None:
    intent_id = await opened(till, simulated, redirect="always")
    await till.types(GOOD)
    await till.pays()
    await expect(till.page.get_by_role("heading", name="Thank you")).to_be_visible()
    query = parse_qs(urlsplit(till.page.url).query)
    assert (query["payment_intent"], query["redirect_status"]) == ([intent_id], ["succeeded"])


@pytest.mark.parametrize(
    (("typed"), "code"),
    [
        (("", "12 / 40", "123"), "incomplete_number"),
        (("4242 4242 4242 424", "12 / 40", "123"), "incomplete_number"),
        (("4242 4242 4242 4241", "12 / 40", "123"), "invalid_number"),
        ((GOOD, "1", "123"), "incomplete_expiry"),
        ((GOOD, "13 / 40", "123"), "invalid_expiry_month"),
        ((GOOD, "12 / 20", "123"), "invalid_expiry_year_past"),
        ((GOOD, "12 / 40", "12"), "incomplete_cvc"),
        (("378282246310005", "12 / 40", "123"), "incomplete_cvc"),
    ],
)
async def test_what_is_wrong_is_said_before_anything_is_sent(
    till: Till, simulated: StripeApi, typed: tuple[str, str, str], code: str
) -> None:
    await opened(till, simulated)
    await till.types(*typed)
    await till.pays()
    await expect(till.form.get_by_role("alert").filter(has_text="Your card")).to_have_count(1)
    await till.until("window.answer?.error")
    error = (await till.result())["error"]
    assert (error["type"], error["code"]) == ("validation_error", code)
    await expect(till.outcome).to_have_text(error["message"])
    await expect(till.form.locator("[aria-invalid=true]")).to_be_focused()
    assert not [request for request in till.requests if request.url.endswith("/confirm")]


async def test_a_field_that_was_left_says_at_once_what_is_wrong(
    till: Till, simulated: StripeApi
) -> None:
    await opened(till, simulated)
    number = till.form.get_by_label("Card number")
    await number.fill("4242")
    await number.press("Tab")
    said = till.form.get_by_role("alert").filter(has_text="Your card number is incomplete.")
    await expect(said).to_be_visible()
    await expect(number).to_have_accessible_description("Your card number is incomplete.")
    await number.fill(GOOD)
    await expect(said).to_have_count(0)


async def test_nothing_moves_while_the_pages_button_is_pressed(
    till: Till, simulated: StripeApi
) -> None:
    await opened(till, simulated)
    await till.types(GOOD, cvc="12")
    button = till.page.get_by_role("button", name="Pay")
    await button.hover()
    before = await button.bounding_box()
    await till.page.mouse.down()
    await till.until("document.activeElement?.textContent === 'Pay'")
    assert await button.bounding_box() == before
    await till.page.mouse.up()
    await expect(till.outcome).to_have_text("Your card's security code is incomplete.")


async def test_numbers_and_dates_are_written_as_people_read_them(
    till: Till, simulated: StripeApi
) -> None:
    await opened(till, simulated)
    number, expiry = till.form.get_by_label("Card number"), till.form.get_by_label("Expiration")
    await number.press_sequentially("42424242424242429999")
    await expect(number).to_have_value("4242 4242 4242 4242")
    await number.fill("378282246310005")
    await expect(number).to_have_value("3782 822463 10005")
    await expiry.press_sequentially("940")
    await expect(expiry).to_have_value("09 / 40")
    for _ in range(2):
        await expiry.press("Backspace")
    await expect(expiry).to_have_value("09")
    await expiry.fill("12/2040")
    await expect(expiry).to_have_value("12 / 40")


async def test_the_page_hears_how_the_form_is_getting_on(till: Till, simulated: StripeApi) -> None:
    await opened(till, simulated)
    await till.types(GOOD)
    await till.until("window.events.some(({ complete }) => complete)")
    events = await till.page.evaluate("window.events")
    assert [event["name"] for event in events[:2]] == ["ready", "change"]
    assert {event["elementType"] for event in events} == {"payment"}
    assert "focus" in {event["name"] for event in events}
    first, last = (
        [event for event in events if event["name"] == "change"][index] for index in (0, -1)
    )
    assert (first["empty"], first["complete"], last["empty"], last["complete"]) == (
        *(True, False),
        *(False, True),
    )


async def test_an_intent_can_be_read_with_its_secret_only(till: Till, simulated: StripeApi) -> None:
    intent_id = await opened(till, simulated)
    secret = (await simulated.intents.retrieve_async(intent_id)).client_secret
    found = await till.calls(f"stripe.retrievePaymentIntent('{secret}')")
    assert found["paymentIntent"]["status"] == "requires_payment_method"
    assert "latest_charge" not in found["paymentIntent"]
    refused = await till.calls(f"stripe.retrievePaymentIntent('{intent_id}_secret_guessed')")
    assert refused["error"]["type"] == "invalid_request_error"
    assert "does not match" in refused["error"]["message"]
    assert await till.calls("elements.fetchUpdates()") == {}


async def test_a_wrong_secret_pays_nothing(till: Till, simulated: StripeApi) -> None:
    intent_id = await opened(till, simulated)
    await till.types(GOOD)
    refused = await till.calls(
        "stripe.confirmPayment({elements, redirect: 'if_required', clientSecret:"
        f" '{intent_id}_secret_guessed', confirmParams: {{payment_method_data: {{billing_details:"
        " {name: 'A', address: {country: 'CA', postal_code: 'M5B 1T7'}}}}})"
    )
    assert "does not match" in refused["error"]["message"]
    assert (await simulated.intents.retrieve_async(intent_id)).status == "requires_payment_method"


@pytest.mark.parametrize("reason", ["wrong secret", "over"])
async def test_a_form_for_nothing_says_that_it_cannot_be_loaded(
    till: Till, simulated: StripeApi, reason: str
) -> None:
    intent = await simulated.opened()
    secret = str(intent.client_secret)
    if reason == "over":
        await simulated.intents.cancel_async(intent.id)
    await till.open(secret if reason == "over" else f"{intent.id}_secret_guessed")
    await expect(till.form.get_by_role("alert").filter(has_text="cannot be loaded")).to_be_visible()
    await till.until("window.events.some(({ name }) => name === 'loaderror')")
    await expect(till.page.get_by_role("button", name="Pay")).to_be_disabled()


async def test_a_simulator_that_is_away_is_an_answer_not_an_exception(
    till: Till, simulated: StripeApi, hooks: Hooks
) -> None:
    await opened(till, simulated)
    await till.types(GOOD)
    await hooks.fault("disconnect_before", "/v1/payment_intents/*/confirm")
    await till.pays()
    await expect(till.outcome).to_contain_text("experiencing issues connecting")
    assert (await till.result())["error"]["type"] == "api_connection_error"
    await till.pays()
    await expect(till.outcome).to_have_text("requires_capture")


@pytest.mark.parametrize(
    ("call", "mistake"),
    [
        ("Stripe()", "apiKey should be a string"),
        ("Stripe('sk_test_1')", "should not use your secret key"),
        ("stripe.elements({})", "pass a clientSecret or a mode"),
        ("stripe.elements({clientSecret: 'pi_1'})", "${id}_secret_${secret}"),
        ("elements.create('payment')", "Can only create one Element"),
        ("elements.create('card')", "only the payment Element"),
        ("element.mount('#nowhere')", "valid DOM element"),
        ("stripe.confirmPayment({elements})", "`return_url` parameter is required"),
        (
            "stripe.confirmPayment({elements, redirect: 'if_required'})",
            'You specified "never" for fields.billing_details.name',
        ),
    ],
)
async def test_a_mistake_of_the_page_is_thrown(
    till: Till, simulated: StripeApi, call: str, mistake: str
) -> None:
    await opened(till, simulated)
    thrown = (await till.calls(call))["thrown"]
    assert thrown.startswith("IntegrationError: ")
    assert mistake in thrown


async def test_the_form_goes_and_comes(till: Till, simulated: StripeApi) -> None:
    await opened(till, simulated)
    await till.calls("void element.unmount()")
    await expect(till.page.locator("iframe")).to_have_count(0)
    await till.calls("void element.mount('#form')")
    await expect(till.form.get_by_label("Card number")).to_be_visible()
    await till.calls("void element.destroy()")
    await expect(till.page.locator("iframe")).to_have_count(0)
    await till.calls("void elements.create('payment').mount('#form')")
    await expect(till.form.get_by_label("Card number")).to_be_visible()


async def test_the_form_looks_as_the_page_wishes(till: Till, simulated: StripeApi) -> None:
    appearance = (
        '{"variables": {"colorBackground": "#101418", "colorText": "#f0f0f0", "colorDanger":'
        ' "#ff8080", "colorPrimary": "#80c0ff", "borderRadius": "9px", "fontFamily": "serif"},'
        ' "rules": {".Input": {"letterSpacing": "1px"}, "body": {"display": "none"}}}'
    )
    await opened(till, simulated, appearance=appearance)
    number = till.form.get_by_label("Card number")
    await expect(number).to_have_css("background-color", "rgb(16, 20, 24)")
    await expect(number).to_have_css("color", "rgb(240, 240, 240)")
    await expect(number).to_have_css("border-radius", "9px")
    await expect(number).to_have_css("font-family", "serif")
    await expect(number).to_have_css("letter-spacing", "1px")
    await till.calls("void elements.update({appearance: {theme: 'night'}})")
    await expect(number).to_have_css("background-color", "rgb(48, 49, 61)")


async def test_it_can_be_used_with_the_keyboard_alone(till: Till, simulated: StripeApi) -> None:
    await opened(till, simulated)
    keyboard = till.page.keyboard
    for text in (CHALLENGED, "1240", "123"):
        await keyboard.press("Tab")
        await keyboard.type(text)
    await keyboard.press("Tab")
    await keyboard.press("Enter")
    await expect(till.bank.get_by_role("button", name="Complete")).to_be_visible()
    await keyboard.press("Tab")
    await keyboard.press("Enter")
    await expect(till.outcome).to_have_text("requires_capture")


@pytest.mark.parametrize(("theme", "ground"), [("stripe", "white"), ("night", "#1a1b25")])
async def test_axe_finds_nothing(till: Till, simulated: StripeApi, theme: str, ground: str) -> None:
    await opened(till, simulated, appearance=f'{{"theme": "{theme}"}}')
    await till.types("4242", "1", "1")
    await till.pays()
    await expect(till.form.locator("[aria-invalid=true]")).to_have_count(3)
    # The ground of the form is the page's, which cannot be seen from within the frame.
    await till.form_frame.evaluate(f"document.body.style.background = '{ground}'")
    whole_page = await Axe().run(till.page)
    assert whole_page.violations_count == 0, whole_page.generate_report()
    in_a_page = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
    form = await Axe().run(till.form_frame, options=in_a_page)
    assert form.violations_count == 0, form.generate_report()
