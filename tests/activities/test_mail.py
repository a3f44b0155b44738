"""The mail step against a real MongoDB and an inbox that speaks Resend's API."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import resend
from pydantic import SecretStr
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.gateways.resend import (
    SENT_BEFORE,
    Mail,
    ResendGateway,
    ResendSettings,
    open_resend,
)
from activities.letters import letters, write_out
from activities.mail import MailActivities
from devstack.simulators.resend.app import running_inbox
from services.auth.documents import User
from services.auth.store import AuthStore
from services.database import Databases
from services.operations.store import OperationsStore
from services.orders.documents import Order, SentMail
from services.orders.store import OrderStore
from tests.activities.mail_builders import BUYER, SELLER, an_order
from tests.devstack.stripe.helpers import until_answer
from workflows.mail_steps import MailReason, SendMail

BUYERS_ADDRESS, SELLERS_ADDRESS = "oliver@example.com", "sally@example.com"


@dataclass(frozen=True)
class Post:
    """The step, the gateway under it, and the inbox that it sends to."""

    step: MailActivities
    gateway: ResendGateway
    inbox: httpx.AsyncClient

    async def write_about(self, order: Order, reason: MailReason) -> None:
        """Run the step once."""
        request = SendMail(order_id=order.id, reason=reason)
        await ActivityEnvironment().run(self.step.send_mail, request)

    async def received(self) -> list[dict[str, Any]]:
        """The mails in the inbox, by recipient."""
        mails: list[dict[str, Any]] = (await self.inbox.get("/emails")).json()
        return sorted(mails, key=lambda mail: str(mail["to"]))

    async def subjects(self) -> list[str]:
        """Their subjects."""
        return [mail["subject"] for mail in await self.received()]

    async def fail_next(self, **fault: object) -> None:
        """Arrange a failure."""
        (await self.inbox.post("/_sim/faults", json=fault)).raise_for_status()

    async def has_met_its_failure(self) -> bool:
        """Whether none that was arranged is still to come."""
        return not (await self.inbox.get("/_sim/faults")).raise_for_status().json()


def settings_for(address: str) -> ResendSettings:
    """An account at the inbox."""
    return ResendSettings(
        api_key=SecretStr("re_test"),
        api_url=address,
        mail_from="Ticket Exchange <tickets@example.com>",
        public_url="https://tickets.example.com/",
        environment="test",
    )


@pytest.fixture
async def post(
    databases: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Post]:
    """A post office with an empty inbox; buyer and seller have accounts."""
    for name in ("api_key", "api_url", "default_async_http_client"):
        monkeypatch.setattr(resend, name, getattr(resend, name))  # as it was, when the test ends
    for user_id, email in ((BUYER, BUYERS_ADDRESS), (SELLER, SELLERS_ADDRESS)):
        await a_person(user_id, email)
    async with (
        running_inbox(tmp_path / "mail.sqlite") as address,
        httpx.AsyncClient(base_url=address) as inbox,
        open_resend(settings_for(address)) as gateway,
    ):
        yield Post(
            MailActivities(OrderStore(), AuthStore(), gateway, OperationsStore()), gateway, inbox
        )


async def a_person(user_id: str, email: str) -> None:
    """Somebody with an account."""
    await User(id=user_id, email=email, email_key=email, password_hash="unusable").insert()


async def a_stored_order(reason: MailReason) -> Order:
    """An order about which this mail is due, in the database."""
    order = Order(**an_order(reason).model_dump())
    assert await OrderStore().open(order)
    return order


def a_mail(to: str = BUYERS_ADDRESS) -> Mail:
    return Mail(to=to, subject="Hello", html="<p>Hello</p>", text="Hello")


async def test_buyer_and_seller_of_a_sale_each_get_their_mail(post: Post) -> None:
    order = await a_stored_order(MailReason.CONFIRMED)
    await post.write_about(order, MailReason.CONFIRMED)

    to_buyer, to_seller = await post.received()
    assert (to_buyer["to"], to_buyer["subject"]) == ([BUYERS_ADDRESS], "Order Confirmed!")
    assert (to_seller["to"], to_seller["subject"]) == ([SELLERS_ADDRESS], "Ticket Sold")
    for form in ("html", "text"):
        assert "$168.00 CAD" in to_buyer[form]
        assert "Sherwood" in to_buyer[form]
        assert f"https://tickets.example.com/orders/{order.id}" in to_buyer[form]
        assert "$160.00 CAD" in to_seller[form]
        for private in ("oliver", "Oliver", "168.00", "Sherwood", "GST"):
            assert private not in to_seller[form]
    assert to_buyer["from"] == "Ticket Exchange <tickets@example.com>"
    assert to_buyer["cc"] == to_buyer["bcc"] == to_buyer["reply_to"] == []


async def test_mail_that_was_given_up_is_on_the_board_once(post: Post) -> None:
    order = await a_stored_order(MailReason.CONFIRMED)
    request = SendMail(order_id=order.id, reason=MailReason.CONFIRMED)
    for _ in range(2):
        await ActivityEnvironment().run(post.step.report_unsent, request)
    (found,) = await OperationsStore().board()
    assert (found.kind, found.subject, found.order_id) == ("mail_given_up", order.id, order.id)
    assert "is confirmed was given up" in found.detail
    assert BUYERS_ADDRESS not in found.detail


@pytest.mark.parametrize(
    ("reason", "subjects"),
    [
        (MailReason.REFUNDED, ["Order Refunded", "Ticket Refunded"]),
        (MailReason.EXPIRED, ["Order Expired"]),
        (MailReason.CALLED_OFF, ["Order Cancelled"]),
        (MailReason.PAYMENT_FAILED, ["Payment Failed"]),
    ],
)
async def test_every_other_reason_reaches_its_people(
    post: Post, reason: MailReason, subjects: list[str]
) -> None:
    await post.write_about(await a_stored_order(reason), reason)
    assert await post.subjects() == subjects


async def test_sending_twice_sends_once_and_the_log_tells_what_went_out(post: Post) -> None:
    order = await a_stored_order(MailReason.CONFIRMED)
    await post.write_about(order, MailReason.CONFIRMED)
    # Without Resend's memory of keys: the sent-log alone has to hold.
    sent = {mail["id"] for mail in await post.received()}
    (await post.inbox.delete("/_sim/emails")).raise_for_status()
    await post.write_about(order, MailReason.CONFIRMED)

    assert await post.received() == []
    logged = await SentMail.find_all().to_list()
    assert {mail.id for mail in logged} == {
        f"confirmed:{order.id}:buyer",
        f"confirmed:{order.id}:seller",
    }
    assert {mail.provider_id for mail in logged} == sent
    assert {mail.order_id for mail in logged} == {order.id}


async def test_a_crash_between_sending_and_logging_leaves_one_mail(post: Post) -> None:
    order = await a_stored_order(MailReason.EXPIRED)
    letter = next(letters(order, MailReason.EXPIRED))
    html, text = write_out(letter, site=post.gateway.site)
    mail = Mail(to=BUYERS_ADDRESS, subject=letter.subject, html=html, text=text)
    sent = await post.gateway.send(mail, key=letter.key)

    await post.write_about(order, MailReason.EXPIRED)
    assert [mail["id"] for mail in await post.received()] == [sent]
    assert await OrderStore().mail_was_sent(letter.key)


async def test_an_answer_lost_after_the_mail_was_accepted_leaves_one_mail(post: Post) -> None:
    order = await a_stored_order(MailReason.EXPIRED)
    await post.fail_next(kind="error_after", status=500)
    with pytest.raises(ApplicationError) as failed:
        await post.write_about(order, MailReason.EXPIRED)
    assert not failed.value.non_retryable

    await post.write_about(order, MailReason.EXPIRED)
    assert await post.subjects() == ["Order Expired"]


@pytest.mark.parametrize("status", [401, 403, 429, 500, 503])
async def test_after_an_outage_the_mail_still_goes_out(post: Post, status: int) -> None:
    order = await a_stored_order(MailReason.CONFIRMED)
    await post.fail_next(kind="error_before", status=status, times=2)
    with pytest.raises(ApplicationError, match=f"Resend is away: {status}") as failed:
        await post.write_about(order, MailReason.CONFIRMED)
    assert not failed.value.non_retryable
    assert await post.received() == []

    await post.write_about(order, MailReason.CONFIRMED)
    assert await post.subjects() == ["Order Confirmed!", "Ticket Sold"]


async def test_a_resend_that_cannot_be_reached_is_an_outage() -> None:
    async with open_resend(settings_for("http://127.0.0.1:9")) as gateway:
        with pytest.raises(ApplicationError, match="Resend is away") as failed:
            await gateway.send(a_mail(), key="any")
    assert not failed.value.non_retryable


async def test_two_tries_at_the_same_time_are_told_apart_from_a_refusal(post: Post) -> None:
    await post.fail_next(kind="delay", seconds=3)
    first = asyncio.create_task(post.gateway.send(a_mail(), key="same"))
    await until_answer(post.has_met_its_failure)
    with pytest.raises(ApplicationError, match="concurrent_idempotent_requests") as failed:
        await post.gateway.send(a_mail(), key="same")
    assert not failed.value.non_retryable
    sent = await first
    assert await post.gateway.send(a_mail(), key="same") == sent


async def test_a_key_that_carried_another_mail_is_refused_for_good(post: Post) -> None:
    await post.gateway.send(a_mail(), key="same")
    with pytest.raises(ApplicationError) as failed:
        await post.gateway.send(a_mail(to=SELLERS_ADDRESS), key="same")
    assert failed.value.type == SENT_BEFORE
    assert failed.value.non_retryable


async def test_a_refusal_is_final_and_quotes_no_address(post: Post) -> None:
    with pytest.raises(ApplicationError) as failed:
        await post.gateway.send(a_mail(to="oliver clennan @ nowhere"), key="any")
    assert failed.value.non_retryable
    assert failed.value.type == "MailRefused"
    assert failed.value.message == "Resend refused: 422 validation_error"
    # A cause would enter workflow history with the provider's own words.
    assert failed.value.__cause__ is None


async def test_an_address_that_is_refused_does_not_keep_the_other_mail_back(post: Post) -> None:
    await User.find_all().delete()
    await a_person(BUYER, "oliver clennan @ nowhere")
    await a_person(SELLER, SELLERS_ADDRESS)
    order = await a_stored_order(MailReason.CONFIRMED)
    with pytest.raises(ApplicationError, match="Resend refused") as failed:
        await post.write_about(order, MailReason.CONFIRMED)
    assert "oliver" not in str(failed.value)
    assert await post.subjects() == ["Ticket Sold"]


async def test_an_outage_for_one_outweighs_a_refusal_for_the_other(post: Post) -> None:
    await post.fail_next(kind="error_before", status=503)
    await User.find_all().delete()
    await a_person(BUYER, "oliver clennan @ nowhere")
    await a_person(SELLER, SELLERS_ADDRESS)
    order = await a_stored_order(MailReason.CONFIRMED)
    with pytest.raises(ApplicationError, match="Resend is away: 503"):
        await post.write_about(order, MailReason.CONFIRMED)


async def test_whoever_has_left_is_not_written_to(post: Post) -> None:
    await User.find({"_id": BUYER}).delete()
    await post.write_about(await a_stored_order(MailReason.CONFIRMED), MailReason.CONFIRMED)
    assert await post.subjects() == ["Ticket Sold"]


async def test_an_order_that_is_gone_is_nothing_to_write_about(post: Post) -> None:
    await post.write_about(an_order(MailReason.CONFIRMED), MailReason.CONFIRMED)
    assert await post.received() == []


async def test_two_gateways_in_one_process_do_not_send_through_each_other(
    post: Post, tmp_path: Path
) -> None:
    async with (
        running_inbox(tmp_path / "other.sqlite") as address,
        httpx.AsyncClient(base_url=address) as other_inbox,
        open_resend(settings_for(address)) as other,
    ):
        await asyncio.gather(
            *(
                gateway.send(a_mail(), key=str(n))
                for n in range(3)
                for gateway in (post.gateway, other)
            )
        )
        assert len((await other_inbox.get("/emails")).json()) == 3
    assert len(await post.received()) == 3


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RESEND_API_KEY", "re_mine")
    monkeypatch.setenv("RESEND_API_URL", "http://127.0.0.1:8025")
    monkeypatch.setenv("MAIL_FROM", "Me <me@example.com>")
    monkeypatch.setenv("PUBLIC_URL", "https://example.com")
    monkeypatch.setenv("ENVIRONMENT", "")
    settings = ResendSettings()
    assert settings.api_key.get_secret_value() == "re_mine"
    assert "re_mine" not in repr(settings)
    assert settings.api_url == "http://127.0.0.1:8025"
    assert (settings.mail_from, settings.public_url) == (
        "Me <me@example.com>",
        "https://example.com",
    )
    assert settings.environment == "dev"
