"""A bad day at the mail provider, on request."""

import httpx
import pytest
from resend.exceptions import RateLimitError, ResendError

from tests.devstack.resend.conftest import send


async def test_a_failure_before_leaves_no_mail(inbox: httpx.AsyncClient) -> None:
    await inbox.post("/_sim/faults", json={"kind": "error_before", "status": 429, "times": 2})
    for _ in range(2):
        with pytest.raises(RateLimitError):
            await send(key="k")
    assert (await inbox.get("/emails")).json() == []
    assert await send(key="k")


async def test_a_failure_after_is_healed_by_the_key(inbox: httpx.AsyncClient) -> None:
    await inbox.post("/_sim/faults", json={"kind": "error_after"})
    with pytest.raises(ResendError):
        await send(key="k")
    (stored,) = (await inbox.get("/emails")).json()
    assert await send(key="k") == stored["id"]


async def test_faults_can_be_listed_and_cleared(inbox: httpx.AsyncClient) -> None:
    await inbox.post("/_sim/faults", json={"kind": "delay", "seconds": 60})
    assert [fault["kind"] for fault in (await inbox.get("/_sim/faults")).json()] == ["delay"]
    await inbox.delete("/_sim/faults")
    assert await send()


async def test_the_inbox_can_be_emptied(inbox: httpx.AsyncClient) -> None:
    first = await send(key="k")
    await inbox.delete("/_sim/emails")
    assert (await inbox.get("/emails")).json() == []
    assert await send(key="k") != first
