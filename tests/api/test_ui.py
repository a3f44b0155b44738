"""The web client's files: which address gets which, how long they may be kept, what stays ours."""

from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from api.settings import ApiSettings
from services.database import MongoSettings
from tests.api.conftest import an_app

PAGE = "<!doctype html><title>Ticket Exchange</title>"
SCRIPT = "console.log('a script of ours');"


def a_build(folder: Path) -> None:
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text(PAGE)
    (folder / "robots.txt").write_text("User-agent: *")
    (folder / "assets" / "app-1a2b.js").write_text(SCRIPT)
    (folder / "assets" / "app-1a2b.js.br").write_bytes(b"as if by brotli")
    (folder / "assets" / "app-1a2b.js.gz").write_bytes(b"as if by gzip")
    (folder.parent / "secret.txt").write_text("not for anybody")


@pytest.fixture
def app(tmp_path: Path) -> FastAPI:
    folder = tmp_path / "dist"
    a_build(folder)
    return serving(folder)


def serving(folder: Path, url: str = "http://testserver") -> FastAPI:
    return an_app(MongoSettings(), ApiSettings(public_url=url, ui_dir=folder))


async def fetch(app: FastAPI, path: str, method: str = "GET", **headers: str) -> httpx.Response:
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await client.request(method, path, headers={"accept-encoding": "", **named})


@pytest.mark.parametrize("path", ["/", "/orders/1", "/tickets/create", "/any/thing?q=1"])
async def test_every_address_that_is_not_the_apis_gets_the_page(app: FastAPI, path: str) -> None:
    answer = await fetch(app, path)
    assert (answer.status_code, answer.text) == (200, PAGE)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    assert "script-src 'self'" in answer.headers["content-security-policy"]


async def test_a_page_that_has_not_changed_is_not_sent_again(app: FastAPI) -> None:
    tag = (await fetch(app, "/")).headers["etag"]
    again = await fetch(app, "/orders", if_none_match=tag)
    assert (again.status_code, again.content) == (304, b"")


async def test_a_file_whose_name_changes_with_its_content_is_kept_for_ever(app: FastAPI) -> None:
    answer = await fetch(app, "/assets/app-1a2b.js")
    assert answer.text == SCRIPT
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert (await fetch(app, "/robots.txt")).headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [("gzip, br", "br"), ("gzip;q=1.0", "gzip"), ("identity", None), ("brotli", None)],
)
async def test_a_file_comes_compressed_as_the_browser_likes_it(
    app: FastAPI, accepted: str, encoding: str | None
) -> None:
    answer = await fetch(app, "/assets/app-1a2b.js", "HEAD", accept_encoding=accepted)
    assert answer.headers.get("content-encoding") == encoding
    assert answer.headers["content-type"].startswith("text/javascript")
    assert ("vary" in answer.headers) == (encoding is not None)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/nothing"),
        ("GET", "/api"),
        ("POST", "/nowhere"),
        ("DELETE", "/"),
        ("GET", "/assets/gone-9f.js"),
        ("GET", "/healthz/deeper"),
    ],
)
async def test_what_is_missing_elsewhere_stays_a_problem(
    app: FastAPI, method: str, path: str
) -> None:
    answer = await fetch(app, path, method)
    assert answer.status_code == 404
    assert answer.json()["type"] == "/problems/not-found"


@pytest.mark.parametrize(
    "path", ["/../secret.txt", "/%2e%2e/secret.txt", "/assets/..%2f..%2fsecret.txt", "//secret.txt"]
)
async def test_nothing_outside_the_build_is_served(app: FastAPI, path: str) -> None:
    assert "not for anybody" not in (await fetch(app, path)).text


async def test_the_api_answers_as_ever(app: FastAPI) -> None:
    assert (await fetch(app, "/healthz")).json() == {"status": "alive"}
    assert (await fetch(app, "/api/openapi.json")).json()["openapi"].startswith("3.")


async def test_without_a_build_the_page_says_how_to_get_one(tmp_path: Path) -> None:
    folder = tmp_path / "dist"
    app = serving(folder)
    answer = await fetch(app, "/")
    assert answer.status_code == 503
    assert "make ui" in answer.text
    a_build(folder)
    assert (await fetch(app, "/")).text == PAGE


async def test_the_page_is_told_that_there_is_a_session_and_nothing_about_it(app: FastAPI) -> None:
    nobody = await fetch(app, "/")
    assert "set-cookie" not in nobody.headers
    somebody = await fetch(app, "/", cookie=f"session={'s' * 43}")
    assert somebody.headers["set-cookie"] == "signed-in=1; Path=/; SameSite=lax"
    over = await fetch(app, "/", cookie="signed-in=1")
    assert over.headers["set-cookie"].startswith('signed-in=""; expires=')


async def test_over_https_that_word_is_for_https_only(tmp_path: Path) -> None:
    a_build(tmp_path / "dist")
    app = serving(tmp_path / "dist", "https://tickets.example.com")
    answer = await fetch(app, "/", cookie=f"__Host-session={'s' * 43}")
    assert answer.headers["set-cookie"] == "signed-in=1; Path=/; SameSite=lax; Secure"
