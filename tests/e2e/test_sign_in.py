"""Signing in with the stand-ins of Google and GitHub, as ``make dev`` sets them up."""

import re

import httpx
import pytest

from tests.e2e.system import System


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
@pytest.mark.parametrize("provider", ["google", "github"])
def test_somebody_signs_in_with_a_provider_by_either_name_of_this_machine(
    system: System, provider: str, name: str
) -> None:
    assert provider in httpx.get(f"{system.api}/api/config").json()["sign_in_providers"]
    email = f"{provider}-{name.replace('.', '-')}@example.com"
    with httpx.Client(follow_redirects=True) as browser:
        begin = system.api.replace("127.0.0.1", name)
        page = browser.get(f"{begin}/api/auth/{provider}/login", params={"next": "/account"})
        assert str(page.url).startswith(system.signin)
        form = re.search(r'name="request" value="([^"]+)"', page.text)
        assert form is not None
        typed = {"request": form[1], "name": "Ann", "email": email, "email_verified": "yes"}
        back = browser.post(page.url, data=typed)
        assert str(back.url) == f"{system.api}/account"
        me = browser.get(f"{system.api}/api/users/me").json()
    assert (me["email"], me["email_verified"]) == (email, True)
