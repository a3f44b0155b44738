"""Where somebody is sent after signing in: to a page of ours, whatever the address says."""

from urllib.parse import unquote, urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as some

from api.paths import safe_path
from tests.api.security.providers.travellers import PROVIDERS, Traveller

OURS = [
    "/",
    "/tickets",
    "/tickets/0b1e6a3c?from=mail",
    "/tickets?keywords=rock%20%26%20roll&sort=-price#top",
    "/orders/1/pay;x=1",
    "/account",
    "/apis",
    "/tickets?next=https://example.com//a",
]
FOREIGN = [
    "",
    "tickets",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "\t//evil.example",
    " //evil.example",
    "/\n/evil.example",
    "/%09/evil.example",
    "/%2f%2fevil.example",
    "/%2fevil.example",
    "/%252f%252fevil.example",
    "/%5cevil.example",
    "/%5C%5Cevil.example",
    "/%255cevil.example",
    "/..//evil.example",
    "/.//evil.example",
    "/a/../../evil.example",
    "/%2e%2e/evil",
    "https:evil.example",
    "https:/evil.example",
    "https://evil.example",
    "HTTPS://evil.example/",
    "javascript:alert(1)",
    "data:text/html,x",
    "/tickets\r\nSet-Cookie: session=x",
    "/tickets%0d%0aSet-Cookie:%20session=x",
    "/tickets\x00",
    "/%00",
    "/\u2028",
    "/\uff0fevil.example",
    "\uff0f\uff0fevil.example",
    "/\u2215evil.example",
    "/\u202eelpmaxe.live//",
    "/%EF%BC%8Fevil.example",
    "/tick ets",
    '/"><script>',
    "/@evil.example//",
    "/api/users/me",
    "/api/auth/google/login",
    "/%61pi/users/me",
    "/" + "a" * 512,
]


@pytest.mark.parametrize("path", OURS)
def test_security_25_a_path_of_ours_stays_as_it_is(path: str) -> None:
    assert safe_path(path) == path


@pytest.mark.parametrize("path", FOREIGN)
def test_security_25_anything_else_is_the_home_page(path: str) -> None:
    assert safe_path(path) == "/"


@given(some.text(alphabet="/\\%25fF0cCeE.:@#?a\t\n \uff0f", max_size=20))
def test_security_25_whatever_is_let_through_is_ours_however_it_is_read(wished: str) -> None:
    path = safe_path(wished)
    for reading in (path, unquote(path.partition("?")[0].partition("#")[0])):
        went = urlsplit(urljoin("https://shop.example/x", reading))
        assert (went.scheme, went.hostname) == ("https", "shop.example")


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_somebody_comes_back_to_the_page_that_they_left(
    ann: Traveller, provider: str
) -> None:
    answer = await ann.signs_in(provider, "ann@example.com", "/tickets?sort=-price#top")
    assert (answer.status_code, answer.headers["location"]) == (302, "/tickets?sort=-price#top")


@pytest.mark.parametrize(
    "path", ["//evil.example", "/\\evil.example", "https:evil.example", "/x\r\nSet-Cookie: a=b"]
)
async def test_security_25_nobody_is_sent_to_another_site(ann: Traveller, path: str) -> None:
    answer = await ann.signs_in("google", "ann@example.com", path)
    assert (answer.status_code, answer.headers["location"]) == (302, "/")


async def test_security_25_the_way_back_cannot_name_another_page(ann: Traveller) -> None:
    page = await ann.leaves("google", "/tickets")
    way_back = await ann.decides(page, provider="google", email="ann@example.com")
    answer = await ann.returns(f"{way_back}&next=//evil.example")
    assert (answer.status_code, answer.headers["location"]) == (302, "/tickets")
