"""An inbox, and a way to send to it."""

from collections.abc import AsyncIterator

import httpx
import pytest
import resend

from devstack.simulators.resend.app import running_inbox


@pytest.fixture(scope="session")
async def inbox_address(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """One inbox for all tests: starting and stopping is what takes time."""
    async with running_inbox(tmp_path_factory.mktemp("mail") / "mail.sqlite") as address:
        yield address


@pytest.fixture
async def inbox(
    inbox_address: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the emptied inbox; the official SDK is pointed at it too."""
    monkeypatch.setattr(resend, "api_url", inbox_address)
    monkeypatch.setattr(resend, "api_key", "re_test")
    # The SDK keeps whatever client a gateway has given it, also one that is closed.
    monkeypatch.setattr(resend, "default_async_http_client", resend.HTTPXClient())
    async with httpx.AsyncClient(base_url=inbox_address) as client:
        await client.delete("/_sim/emails")
        await client.delete("/_sim/faults")
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
