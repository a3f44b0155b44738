"""Signing in with the stand-ins of Google and GitHub, as ``make dev`` sets them up."""

import httpx
import pytest

from tests.e2e.system import ANSWER_SECONDS, System


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
@pytest.mark.parametrize("provider", ["google", "github"])
def test_somebody_signs_in_with_a_provider_by_either_name_of_this_machine(
    system: System, provider: str, name: str
) -> None:
    assert (
        provider
        in httpx.get(f"{system.api}/api/config", timeout=ANSWER_SECONDS).json()["sign_in_providers"]
    )
    email = f"{provider}-{name.replace('.', '-')}@example.com"
    with httpx.Client(follow_redirects=True, timeout=ANSWER_SECONDS) as browser:
        back = system.sign_in(browser, provider, email, name=name)
        assert str(back.url) == f"{system.api}/account"
        me = browser.get(f"{system.api}/api/users/me").json()
    assert (me["email"], me["email_verified"]) == (email, True)
