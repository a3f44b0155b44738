"""Somebody in front of a browser."""

import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final
from uuid import uuid4

import httpx
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Dialog, FrameLocator, Locator, Page, ViewportSize, expect

from tests.browser import PATIENCE_MS
from tests.e2e.system import ANSWER_SECONDS, BILLING, System
from tests.waiting import PATIENCE_SECONDS

Json = dict[str, Any]

VISA: Final = "4242424242424242"
DECLINED: Final = "4000000000000002"
ASKS: Final = "4000000000003220"
"""A card whose bank asks the person: 3-D Secure."""
AWAY: Final = 503
MOST_TABS: Final = 60
PASSWORD: Final = "nine unrelated violet herons"
ADDRESS: Final = {
    "Full name": "Ada Lovelace",
    "Address line 1": "178 Victoria St",
    "City": "Toronto",
    "Postal code": "M5B 1T7",
}

ANIMATIONS_ARE_OVER: Final = """
Promise.all(
  document.getAnimations()
    .filter((each) => each.effect.getComputedTiming().iterations !== Infinity)
    .map((each) => each.finished.catch(() => undefined))
).then(() => undefined)
"""

expect.set_options(timeout=PATIENCE_MS)


@asynccontextmanager
async def a_person(
    chromium: Browser, system: System, size: ViewportSize, options: Mapping[str, Any]
) -> AsyncIterator["Person"]:
    """A browser of their own, with an empty page."""
    context = await chromium.new_context(
        viewport=size, base_url=system.api, locale="en-CA", timezone_id="America/Toronto", **options
    )
    context.set_default_timeout(PATIENCE_MS)
    try:
        yield Person(system, await context.new_page())
    finally:
        await context.close()


class Person:
    """Knows the client as people do: by what is written on it."""

    def __init__(self, system: System, page: Page) -> None:
        self.system = system
        self.page = page
        self.email = f"person-{uuid4().hex[:10]}@example.com"
        self.complaints: list[str] = []
        """What went wrong in the page itself: errors of its script, what its policy refused."""
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda message: self._hear(message.text))
        page.on("dialog", self._unexpected)

    def _hear(self, text: str) -> None:
        if "Content Security Policy" in text or "Warning:" in text:
            self.complaints.append(text)

    async def _unexpected(self, dialog: Dialog) -> None:
        self.complaints.append(f"a dialog of the browser: {dialog.message}")
        await dialog.dismiss()

    # What they have done before, the short way

    async def ask(self, method: str, path: str, body: Json | None = None) -> Any:  # noqa: ANN401  # JSON
        """What the API answers to this person's browser; 503 asks for patience, and gets it."""
        options: Json = {} if body is None else {"data": body}
        # A connection of its own: one that was kept may be closed just as it is used again.
        headers = {"Connection": "close", "Idempotency-Key": uuid4().hex}
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            answer = await self.page.request.fetch(path, method=method, headers=headers, **options)
            if answer.status != AWAY or time.monotonic() > deadline:
                break
            await self.page.wait_for_timeout(500)
        assert answer.ok, f"{method} {path}: {answer.status} {await answer.text()}"
        return None if answer.status == 204 else await answer.json()

    async def register_by_request(self) -> None:
        """An account, signed in."""
        await self.ask("POST", "/api/users/register", {"email": self.email, "password": PASSWORD})

    async def sells(self, title: str | None = None, **more: object) -> Json:
        """A listing of theirs, for 100.00 CAD."""
        title = title or f"Concert {uuid4().hex[:8]}"
        draft = {"title": title, "price": {"amount": 10000, "currency": "CAD"}, **more}
        ticket: Json = await self.ask("POST", "/api/tickets", draft)
        return ticket

    async def reserves(self, ticket: Json) -> Json:
        """An order of theirs, still without an address."""
        order: Json = await self.ask("POST", "/api/orders", {"ticket_id": ticket["id"]})
        return order

    async def order(self, order: Json) -> Json:
        """How it stands now."""
        found: Json = await self.ask("GET", f"/api/orders/{order['id']}")
        return found

    async def has_bought(self, ticket: Json) -> Json:
        """A complete order of theirs."""
        order = await self.reserves(ticket)
        billed = await self.ask("PUT", f"/api/orders/{order['id']}/billing", BILLING)
        self.system.pay(billed)
        for _ in range(200):
            order = await self.order(order)
            if order["status"] == "complete":
                return order
            await self.page.wait_for_timeout(100)
        raise AssertionError(f"the order is still {order['status']}")

    # What they do on the page

    async def opens(self, path: str) -> None:
        """Go to an address, and wait for what it shows first."""
        await self.page.goto(path)
        await expect(self.page.get_by_role("heading", level=1)).to_be_visible()

    def heading(self, name: str) -> Locator:
        """The page's name, as it is written on it."""
        return self.page.get_by_role("heading", level=1, name=name)

    def button(self, name: str) -> Locator:
        """A button, by the whole of its name."""
        return self.page.get_by_role("button", name=name, exact=True)

    def link(self, name: str) -> Locator:
        """A link, by the whole of its name."""
        return self.page.get_by_role("link", name=name, exact=True)

    def field(self, label: str) -> Locator:
        """A field by its label, with or without the mark of an optional one."""
        return self.page.get_by_label(label, exact=True)

    def says(self, text: str) -> Locator:
        """Something written on the page."""
        return self.page.get_by_text(text).first

    @property
    def alert(self) -> Locator:
        """Bad news."""
        return self.page.get_by_role("alert")

    async def logs_in(self, email: str | None = None) -> None:
        """On the login page, with the password that everybody here has."""
        await self.field("E-mail address").fill(email or self.email)
        await self.field("Password").fill(PASSWORD)
        await self.button("Log in").click()

    async def fills_in_the_address(self, province: str = "Ontario") -> None:
        """On the checkout page; does not send it."""
        for label, value in ADDRESS.items():
            await self.field(label).fill(value)
        await self.field("Province or territory").select_option(label=province)

    async def gives_the_address(self) -> None:
        """On the checkout page, until the payment form is there."""
        await self.fills_in_the_address()
        await self.button("Continue to payment").click()
        await expect(self.card_form.get_by_label("Card number")).to_be_visible()

    @property
    def card_form(self) -> FrameLocator:
        """Stripe's own form."""
        return self.page.frame_locator("iframe[title='Secure payment input frame']")

    async def types_a_card(self, number: str = VISA) -> None:
        """Into Stripe's form."""
        await self.card_form.get_by_label("Card number").fill(number)
        await self.card_form.get_by_label("Expiration date").fill("12 / 40")
        await self.card_form.get_by_label("Security code").fill("123")

    @property
    def pay_button(self) -> Locator:
        """With the total on it."""
        return self.page.get_by_role("button", name="Pay $")

    async def pays(self, number: str = VISA) -> None:
        """From the payment form on; does not wait for the outcome."""
        await self.types_a_card(number)
        await self.pay_button.click()

    async def is_at(self, path: str) -> None:
        """Wait until the page's address is this one; stars stand for anything."""
        await self.page.wait_for_url(f"{self.system.api}{path}")

    async def another_tab(self) -> "Person":
        """The same person, in a second tab of the same browser."""
        tab = Person(self.system, await self.page.context.new_page())
        tab.email, tab.complaints = self.email, self.complaints
        return tab

    async def sits_down_at(self, other: "Person") -> None:
        """Use a browser that has the same cookies as somebody else's."""
        state = await other.page.context.storage_state()
        await self.page.context.set_storage_state(state)

    async def tabs_to(self, target: Locator) -> None:
        """Press Tab until it has the focus."""
        for _ in range(MOST_TABS):
            if await target.evaluate("(each) => each === each.ownerDocument.activeElement"):
                return
            await self.page.keyboard.press("Tab")
        raise AssertionError(f"Tab never comes to {target}")

    async def hears_by_mail(self, subject: str) -> Json:
        """The mail of that subject, once it is there."""
        for _ in range(300):
            async with httpx.AsyncClient(
                base_url=self.system.mail, timeout=ANSWER_SECONDS
            ) as inbox:
                mails = (await inbox.get("/emails", params={"to": self.email})).json()
            for mail in mails:
                if mail["subject"] == subject:
                    found: Json = mail
                    return found
            await self.page.wait_for_timeout(100)
        raise AssertionError(f"no mail says {subject!r}")

    # What must hold on every page

    async def finds_nothing_wrong(self) -> None:
        """No barrier that axe knows, nothing wider than the screen, no error of the page's own."""
        # What comes or goes while axe looks is there or gone at once, never half visible.
        await self.page.emulate_media(reduced_motion="reduce")
        await self.page.evaluate(ANIMATIONS_ARE_OVER)
        results = await Axe().run(self.page)
        await self.page.emulate_media(reduced_motion="null")
        assert results.violations_count == 0, results.generate_report()
        assert await self.overflow() <= 0, "the page is wider than the screen"
        assert self.complaints == []

    async def overflow(self) -> int:
        """By how many pixels the page is too wide."""
        wide: int = await self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        return wide
