"""An inbox, and ways to send to it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import httpx
import pytest
import resend

from devstack.simulators.resend.app import running_inbox

Send = Callable[..., Awaitable[str]]


@pytest.fixture
async def inbox(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a fresh inbox; the official SDK is pointed at it too."""
    async with (
        running_inbox(tmp_path / "mail.sqlite") as address,
        httpx.AsyncClient(base_url=address) as client,
    ):
        monkeypatch.setattr(resend, "api_url", address)
        monkeypatch.setattr(resend, "api_key", "re_test")
        yield client


async def send(
    subject: str = "Your ticket", *, key: str | None = None, html: str = "<p>Hi</p>"
) -> str:
    """Send a mail with the official SDK and return its id."""
    params: resend.Emails.SendParams = {
        "from": "Tickets <tickets@example.com>",
        "to": ["buyer@example.com"],
        "subject": subject,
        "html": html,
        "text": "Hi",
    }
    options: resend.Emails.SendOptions = {} if key is None else {"idempotency_key": key}
    answer = await resend.Emails.send_async(params, options)
    return answer["id"]
