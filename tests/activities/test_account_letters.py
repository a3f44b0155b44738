"""Letters about accounts against a real MongoDB and an inbox that speaks Resend's API."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.account_letters import CONFIRM, KNOWN, RESET, LetterActivities
from activities.gateways.resend import ResendSettings, open_resend
from devstack.simulators.resend.app import running_inbox
from services.auth.documents import LetterKind, LetterRequest, User
from services.auth.letters import LetterStore
from services.auth.store import AuthStore
from services.clock import now
from services.database import Databases
from tests.api.market import token_in
from workflows.letters.steps import SendLetter

NOON = datetime(2027, 5, 1, 12, tzinfo=UTC)
ANN = "ann@example.com"


@dataclass(frozen=True)
class Post:
    """The step, what it writes down, and the inbox that it sends to."""

    step: LetterActivities
    letters: LetterStore
    inbox: httpx.AsyncClient

    async def ask(self, kind: LetterKind, **whom: str) -> LetterRequest:
        """A letter that is to be written."""
        request: LetterRequest = LetterRequest(kind=kind, created_at=NOON, **whom)
        await self.letters.ask(request)
        return request

    async def send(self, request: LetterRequest) -> None:
        """Run the step once."""
        step = SendLetter(request_id=request.id)
        await ActivityEnvironment().run(self.step.send_letter, step)

    async def received(self) -> list[dict[str, Any]]:
        """The letters in the inbox."""
        mails: list[dict[str, Any]] = (await self.inbox.get("/emails")).json()
        return mails

    async def settled(self, request: LetterRequest) -> LetterRequest:
        """The request as it is kept once the letter is settled."""
        kept = await self.letters.get(request.id)
        assert kept is not None
        assert kept.settled_at is not None
        return kept


@pytest.fixture
async def post(databases: Databases, tmp_path: Path) -> AsyncIterator[Post]:
    async with (
        running_inbox(tmp_path / "inbox.sqlite") as address,
        httpx.AsyncClient(base_url=address) as inbox,
        open_resend(ResendSettings(api_key=SecretStr("re_test"), api_url=address)) as gateway,
    ):
        letters = LetterStore()
        yield Post(LetterActivities(AuthStore(), letters, gateway), letters, inbox)


@pytest.fixture
async def ann(databases: Databases) -> User:
    return await AuthStore().add(ANN, password_hash="hash", at=NOON)


async def test_a_letter_carries_a_link_that_works_and_is_written_down_only_as_a_hash(
    post: Post, ann: User, databases: Databases
) -> None:
    request = await post.ask(LetterKind.VERIFY, user_id=ann.id)
    await post.send(request)
    (letter,) = await post.received()
    assert (letter["to"], letter["subject"]) == ([ANN], CONFIRM.subject)
    token = token_in(letter)
    assert f"/verify#token={token}" in letter["html"]
    assert token not in str(await databases.auth["links"].find({}).to_list())
    link = await post.letters.peek(LetterKind.VERIFY, token, now())
    assert link is not None
    assert link.user_id == ann.id


async def test_a_repeated_step_sends_nothing(post: Post, ann: User) -> None:
    request = await post.ask(LetterKind.RESET, email=ANN)
    for _ in range(3):
        await post.send(request)
    (letter,) = await post.received()
    assert letter["subject"] == RESET.subject
    assert (await post.settled(request)).email is None


async def test_a_worker_lost_right_after_sending_sends_no_second_letter(
    post: Post, ann: User, databases: Databases
) -> None:
    """The first letter's link is the one that counts; the step only learns that it got through."""
    request = await post.ask(LetterKind.RESET, email=ANN)
    await post.send(request)
    await databases.auth["letter_requests"].update_one(
        {"_id": request.id}, {"$set": {"settled_at": None, "email": ANN}}
    )
    await post.send(request)
    (letter,) = await post.received()
    await post.settled(request)
    assert await post.letters.peek(LetterKind.RESET, token_in(letter), now()) is not None


async def test_an_outage_of_the_post_is_reported_and_the_next_try_gets_through(
    post: Post, ann: User
) -> None:
    request = await post.ask(LetterKind.RESET, email=ANN)
    (
        await post.inbox.post("/_sim/faults", json={"kind": "error_before", "status": 500})
    ).raise_for_status()
    with pytest.raises(ApplicationError) as failure:
        await post.send(request)
    assert failure.value.type == "MailAway"
    assert ANN not in str(failure.value)
    await post.send(request)
    (letter,) = await post.received()
    assert await post.letters.peek(LetterKind.RESET, token_in(letter), now()) is not None


async def test_a_reset_goes_to_the_address_of_the_account_not_to_what_was_typed(
    post: Post, databases: Databases
) -> None:
    """Folding makes look-alikes equal: whoever owns the look-alike must not get the letter."""
    await AuthStore().add("kim@example.com", password_hash="hash", at=NOON)
    await post.send(await post.ask(LetterKind.RESET, email="\u212aim@example.com"))
    (letter,) = await post.received()
    assert letter["to"] == ["kim@example.com"]


async def test_letters_that_are_for_nobody_are_settled_without_a_word(
    post: Post, ann: User
) -> None:
    proven = await AuthStore().prove(ann.id, absorbing=[])
    assert proven is not None
    for request in (
        await post.ask(LetterKind.RESET, email="stranger@example.com"),
        await post.ask(LetterKind.VERIFY, user_id=proven.id),
        await post.ask(LetterKind.VERIFY, user_id="gone"),
    ):
        await post.send(request)
        await post.settled(request)
    assert await post.received() == []


async def test_the_owner_of_a_proven_address_hears_that_somebody_registered_it(
    post: Post, ann: User
) -> None:
    users = AuthStore()
    await users.prove(ann.id, absorbing=[])
    stranger = await users.add(ANN, password_hash="hash", at=NOON)
    await post.send(await post.ask(LetterKind.VERIFY, user_id=stranger.id))
    (letter,) = await post.received()
    assert letter["subject"] == KNOWN.subject
    assert "#token=" not in letter["html"] + letter["text"]
