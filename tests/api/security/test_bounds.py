"""How much of a request is read: addresses, headers, bodies, depth, pages."""

from collections.abc import AsyncIterator

import pytest

from api.bounds import DEPTH_LIMIT, depth
from tests.api.conftest import PASSWORD, Browser
from tests.api.market import problem

KIB = 1024
JSON = {"Content-Type": "application/json"}


async def chunks(body: bytes) -> AsyncIterator[bytes]:
    """A body whose length nobody declares."""
    for start in range(0, len(body), KIB):
        yield body[start : start + KIB]


class TestBodies:
    """What comes with a request."""

    async def test_security_10_a_body_has_64_kib_at_most_declared_or_not(
        self, browser: Browser
    ) -> None:
        login = b'{"email": "ann@example.com", "password": "x"}'
        just_right = login + b" " * (64 * KIB - len(login))
        for body in (just_right, chunks(just_right)):
            answer = await browser.post("/api/users/login", content=body, headers=JSON)
            assert answer.status_code == 401
        for body in (just_right + b" ", chunks(just_right + b" ")):
            answer = await browser.post("/api/users/login", content=body, headers=JSON)
            assert problem(answer, 413)["type"] == "/problems/body-too-large"

    async def test_security_10_a_lying_length_helps_nobody(self, browser: Browser) -> None:
        for length in ("0", "10", str(10**15)):
            answer = await browser.post(
                "/api/users/login",
                content=chunks(b" " * 65 * KIB),
                headers={**JSON, "Content-Length": length},
            )
            problem(answer, 413)

    @pytest.mark.parametrize(
        ("deep", "status"),
        [(2, 422), (DEPTH_LIMIT - 1, 422), (DEPTH_LIMIT, 400), (900, 400), (10_000, 400)],
    )
    @pytest.mark.parametrize("brackets", ["[]", '{"a":}'])
    async def test_security_10_json_is_nested_32_deep_at_most(
        self, seller: Browser, deep: int, status: int, brackets: str
    ) -> None:
        opening, closing = brackets[:-1], brackets[-1]
        value = opening * deep + ("1" if closing == "}" else "") + closing * deep
        answer = await seller.post(
            "/api/tickets", content=f'{{"title": {value}}}'[: 64 * KIB], headers=JSON
        )
        problem(answer, status)

    async def test_security_10_brackets_in_texts_are_letters(self, seller: Browser) -> None:
        title = "[" * 50 + '\\"' + "{" * 50
        answer = await seller.post(
            "/api/tickets",
            content=f'{{"title": "{title}", "price": {{"amount": 100}}}}',
            headers=JSON,
        )
        assert answer.status_code == 201
        assert answer.json()["title"] == title.replace("\\", "")

    @pytest.mark.parametrize(
        ("document", "expected"),
        [
            (b"", 0),
            (b"5", 0),
            (b"[]", 1),
            (b'[{"a": [1, [2]]}, []]', 4),
            (b'"[[["', 0),
            (b'"\\"[[["', 0),
            (b'"\\\\"[[', 2),
            (b'["]"]', 1),
            (b'"[[', 0),
            (b"[[", 2),
            (b"]]]]][", 0),
            (b'"\\', 0),
        ],
    )
    def test_security_10_depth_is_counted_outside_of_texts(
        self, document: bytes, expected: int
    ) -> None:
        assert depth(document) == expected

    @pytest.mark.parametrize(
        "nasty",
        [b'"' + b'\\"' * 128 * KIB, b'"' * 256 * KIB, b"[]" * 128 * KIB, b'"\\' * 128 * KIB],
    )
    def test_security_10_counting_takes_no_longer_for_nasty_ones(self, nasty: bytes) -> None:
        """Linear is milliseconds, quadratic would be minutes."""
        assert depth(nasty) <= 1


class TestHeads:
    """What comes before a body."""

    @pytest.mark.parametrize(
        "address",
        [
            "/api/tickets?keywords=" + "x" * 8 * KIB,
            "/api/tickets/" + "x" * 8 * KIB,
            "/api/tickets?" + "&".join(f"a{n}=1" for n in range(65)),
            "/api/tickets?" + "&" * 100,
            "/healthz?" + "x" * 9 * KIB,
        ],
    )
    async def test_security_10_an_address_has_8_kib_and_64_parameters_at_most(
        self, browser: Browser, address: str
    ) -> None:
        assert problem(await browser.get(address), 414)["type"] == "/problems/address-too-long"

    @pytest.mark.parametrize(
        "headers",
        [
            [("X-Long", "x" * 33 * KIB)],
            [("X-Many", str(number)) for number in range(101)],
            [("Cookie", "a=" + "x" * 20 * KIB), ("Authorization", "Bearer " + "x" * 20 * KIB)],
        ],
        ids=["long", "many", "both"],
    )
    async def test_security_10_headers_have_32_kib_and_are_100_at_most(
        self, browser: Browser, headers: list[tuple[str, str]]
    ) -> None:
        answer = await browser.get("/api/tickets", headers=headers)
        assert problem(answer, 431)["type"] == "/problems/headers-too-large"

    @pytest.mark.parametrize("path", ["/api/tickets", "/api/orders"])
    async def test_security_10_a_page_has_100_things_at_most(
        self, seller: Browser, path: str
    ) -> None:
        for limit, status in ((100, 200), (101, 422), (10**9, 422), (-1, 422)):
            assert (await seller.get(path, params={"limit": limit})).status_code == status


async def test_security_10_what_is_as_large_as_ours_can_be_passes(browser: Browser) -> None:
    """The negative control of the whole file: an honest, large request."""
    answer = await browser.post(
        "/api/users/register",
        json={"email": "ann@example.com", "password": PASSWORD},
        headers={"X-Trace": "x" * 8 * KIB, "Cookie": "theme=" + "x" * 8 * KIB},
        params={"from": "x" * 4 * KIB},
    )
    assert answer.status_code == 201
