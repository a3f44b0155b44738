"""A person reads mail in the browser, whatever is in it."""

import httpx

from tests.devstack.resend.conftest import send

HOSTILE = '"><script>alert(1)</script>'


async def test_an_empty_inbox_says_so(inbox: httpx.AsyncClient) -> None:
    page = await inbox.get("/")
    assert page.status_code == 200
    assert "No mail yet" in page.text


async def test_the_newest_mail_is_shown_first(inbox: httpx.AsyncClient) -> None:
    await send("Older")
    await send("Newer")
    page = (await inbox.get("/")).text
    assert "<h2>Newer</h2>" in page
    assert "Older" in page


async def test_a_mail_can_be_chosen_and_read_as_text(inbox: httpx.AsyncClient) -> None:
    older = await send("Older")
    await send("Newer")
    page = (await inbox.get("/", params={"mail": older, "view": "text"})).text
    assert "<h2>Older</h2>" in page
    assert "<pre>Hi</pre>" in page


async def test_nothing_in_a_mail_becomes_part_of_the_page(inbox: httpx.AsyncClient) -> None:
    await send(HOSTILE, html=HOSTILE)
    page = await inbox.get("/")
    assert HOSTILE not in page.text
    assert "<script>" not in page.text
    assert "script-src 'nonce-" in page.headers["content-security-policy"]
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in page.text
