"""The inbox takes mail the way Resend does, seen through Resend's own SDK."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
import resend
from resend.exceptions import MissingRequiredFieldsError, ResendError

from devstack.simulators.resend.app import running_inbox
from devstack.simulators.resend.inbox import Inbox
from devstack.simulators.resend.message import parse_message
from tests.devstack.resend.conftest import send

BODY = {"from": "a@example.com", "to": "b@example.com", "subject": "s", "text": "t"}


async def test_sent_mail_is_in_the_list_newest_first(inbox: httpx.AsyncClient) -> None:
    first, second = await send("first"), await send("second")

    listed = (await inbox.get("/emails")).json()

    assert [mail["id"] for mail in listed] == [second, first]
    assert listed[0]["to"] == ["buyer@example.com"]
    assert listed[0]["from"] == "Tickets <tickets@example.com>"
    assert listed[0]["object"] == "email"
    assert (await inbox.get("/emails", params={"to": "nobody@example.com"})).json() == []


async def test_the_list_goes_on_after_a_mail(inbox: httpx.AsyncClient) -> None:
    first, second, third = await send("first"), await send("second"), await send("third")

    async def behind(mail: str) -> list[str]:
        page = await inbox.get("/emails", params={"after": mail, "limit": 1})
        return [each["id"] for each in page.json()]

    assert await behind(third) == [second]
    assert await behind(second) == [first]
    assert await behind(first) == []


async def test_the_sdk_can_read_a_mail_back(inbox: httpx.AsyncClient) -> None:
    mail = await resend.Emails.get_async(await send("Your ticket"))
    assert mail["subject"] == "Your ticket"
    assert mail["html"] == "<p>Hi</p>"


async def test_the_same_key_and_mail_is_sent_once(inbox: httpx.AsyncClient) -> None:
    assert await send(key="receipt/1") == await send(key="receipt/1")
    assert len((await inbox.get("/emails")).json()) == 1


async def test_a_key_belongs_to_one_mail(inbox: httpx.AsyncClient) -> None:
    await send("one", key="receipt/1")
    with pytest.raises(ResendError) as refusal:
        await send("another", key="receipt/1")
    assert (refusal.value.code, refusal.value.error_type) == (409, "invalid_idempotent_request")


async def test_a_key_in_flight_is_refused(inbox: httpx.AsyncClient) -> None:
    await inbox.post("/_sim/faults", json={"kind": "delay", "seconds": 2})
    results = await asyncio.gather(send(key="k"), send(key="k"), return_exceptions=True)
    refusals = [result for result in results if isinstance(result, ResendError)]
    assert [each.error_type for each in refusals] == ["concurrent_idempotent_requests"]
    assert len((await inbox.get("/emails")).json()) == 1


async def test_a_key_is_at_most_256_characters(inbox: httpx.AsyncClient) -> None:
    with pytest.raises(ResendError) as refusal:
        await send(key="k" * 257)
    assert (refusal.value.code, refusal.value.error_type) == (400, "invalid_idempotency_key")


def test_a_key_is_forgotten_after_a_day(tmp_path: Path) -> None:
    inbox, now = Inbox(tmp_path / "mail.sqlite"), datetime(2026, 1, 1, tzinfo=UTC)
    message = parse_message(httpx.Request("POST", "http://inbox", json=BODY).content)

    first = inbox.accept(message, "k", now)
    within_a_day = inbox.accept(message, "k", now + timedelta(hours=23))
    later = inbox.accept(message, "k", now + timedelta(hours=25))
    inbox.close()

    assert first == within_a_day != later


@pytest.mark.parametrize("field", ["from", "to", "subject", "text"])
async def test_a_missing_field_is_named(inbox: httpx.AsyncClient, field: str) -> None:
    body = {name: value for name, value in BODY.items() if name != field}
    answer = await inbox.post("/emails", json=body, headers={"Authorization": "Bearer re_1"})
    assert answer.status_code == 422
    assert answer.json()["name"] == "missing_required_field"
    assert field in answer.json()["message"]


async def test_the_sdk_recognises_a_missing_field(inbox: httpx.AsyncClient) -> None:
    with pytest.raises(MissingRequiredFieldsError):
        await send("")


@pytest.mark.parametrize(
    "wrong",
    [{"to": "nobody"}, {"from": "A <a@b>"}, {"to": 5}, {"to": [None]}, {"html": {}, "cc": 1}],
)
async def test_an_impossible_mail_is_refused(
    inbox: httpx.AsyncClient, wrong: dict[str, object]
) -> None:
    answer = await inbox.post(
        "/emails", json=BODY | wrong, headers={"Authorization": "Bearer re_1"}
    )
    assert answer.json().keys() == {"statusCode", "name", "message"}
    assert (answer.status_code, answer.json()["name"]) == (422, "validation_error")


async def test_a_body_that_is_not_json_is_refused(inbox: httpx.AsyncClient) -> None:
    headers = {"Authorization": "Bearer re_1"}
    for body in ("{", "[]"):
        assert (await inbox.post("/emails", content=body, headers=headers)).status_code == 400


async def test_a_key_of_resend_is_needed_to_send(inbox: httpx.AsyncClient) -> None:
    without = await inbox.post("/emails", json=BODY)
    foreign = await inbox.post("/emails", json=BODY, headers={"Authorization": "Bearer sk_1"})
    assert (without.status_code, without.json()["name"]) == (401, "missing_api_key")
    assert (foreign.status_code, foreign.json()["name"]) == (403, "invalid_api_key")


async def test_unknown_paths_and_mails_answer_in_the_error_shape(inbox: httpx.AsyncClient) -> None:
    for path in ("/emails/unknown", "/nothing"):
        answer = await inbox.get(path)
        assert (answer.status_code, answer.json()["name"]) == (404, "not_found")


async def test_mail_and_keys_survive_a_restart(tmp_path: Path) -> None:
    headers = {"Authorization": "Bearer re_1", "Idempotency-Key": "k"}
    ids = []
    for _ in range(2):
        async with (
            running_inbox(tmp_path / "mail.sqlite") as address,
            httpx.AsyncClient() as client,
        ):
            answer = await client.post(f"{address}/emails", json=BODY, headers=headers)
            ids.append(answer.json()["id"])
    assert ids[0] == ids[1]
