"""What every answer tells the browser."""

import pytest
from fastapi import FastAPI
from pydantic import SecretStr, ValidationError

from api.headers import content_security_policy, security_headers
from api.settings import ApiSettings
from services.database import MongoSettings
from services.payments.stripe import StripeSettings
from tests.api.conftest import PASSWORD, Browser, OpenBrowser, a_browser, an_app, running
from tests.api.streams import beginning

REAL = (
    "default-src 'self'; script-src 'self' https://js.stripe.com; "
    "frame-src https://js.stripe.com https://hooks.stripe.com; "
    "connect-src 'self' https://api.stripe.com; img-src 'self' data:; style-src 'self'; "
    "font-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'; report-to csp"
)
ONE_OF_EACH = ["/healthz", "/api/tickets", "/api/nothing", "/api/users/me", "/api/openapi.json"]
ONE_OF_EACH += ["/api/docs", "/api/docs/files/swagger-ui.css", "/metrics", "/readyz"]


def stripe(js_url: str) -> StripeSettings:
    """Settings with whatever address: what reads them looks for itself, too."""
    return StripeSettings.model_construct(secret_key=SecretStr("sk_test_1"), js_url=js_url)


def sources(policy: str) -> dict[str, list[str]]:
    """Directive by directive."""
    split = (part.split() for part in policy.split("; "))
    return {name: allowed for name, *allowed in split}


class TestPolicy:
    """Where a page of ours may load from."""

    def test_security_30_admits_stripe_and_nothing_else(self) -> None:
        assert content_security_policy(stripe("https://js.stripe.com/v3/")) == REAL

    def test_security_30_admits_the_stand_in_when_the_script_comes_from_there(self) -> None:
        policy = sources(content_security_policy(stripe("http://127.0.0.1:12111/v3/stripe.js?x=1")))
        there = "http://127.0.0.1:12111"
        assert policy["script-src"] == ["'self'", there]
        assert policy["frame-src"] == ["https://js.stripe.com", "https://hooks.stripe.com", there]
        assert policy["connect-src"] == ["'self'", "https://api.stripe.com", there]
        others = set(policy) - {"script-src", "frame-src", "connect-src"}
        assert all(there not in policy[name] for name in others)

    @pytest.mark.parametrize("js_url", ["/stripe.js", "javascript:alert(1)", "data:,x"])
    def test_security_30_settings_refuse_a_script_from_nowhere(self, js_url: str) -> None:
        with pytest.raises(ValidationError, match="absolute http or https address"):
            StripeSettings(secret_key=SecretStr("sk_test_1"), js_url=js_url)

    @pytest.mark.parametrize("js_url", ["", "/stripe.js", "javascript:alert(1)", "data:,x"])
    def test_security_30_a_script_of_our_own_needs_no_word(self, js_url: str) -> None:
        assert sources(content_security_policy(stripe(js_url)))["script-src"] == ["'self'"]

    def test_security_30_nothing_but_an_origin_gets_into_the_policy(self) -> None:
        sly = stripe("https://user:secret@js.example/;script-src *;\r\nX: y")
        assert sources(content_security_policy(sly))["script-src"] == [
            "'self'",
            "https://js.example",
        ]

    def test_security_30_allows_no_inline_script_and_no_eval(self) -> None:
        for js_url in ("https://js.stripe.com/v3/", "http://127.0.0.1:12111/v3/"):
            policy = content_security_policy(stripe(js_url))
            assert "unsafe" not in policy
            assert "*" not in policy

    def test_security_30_blocked_content_is_reported(self) -> None:
        headers = security_headers(ApiSettings(), stripe("https://js.stripe.com/v3/"))
        assert sources(headers["Content-Security-Policy"])["report-to"] == ["csp"]
        assert headers["Reporting-Endpoints"] == 'csp="/api/reports/csp"'


class TestHeaders:
    """On every answer, whatever it is."""

    @pytest.mark.parametrize("address", ONE_OF_EACH)
    async def test_security_31_every_answer_has_them(self, browser: Browser, address: str) -> None:
        for answer in (await browser.get(address), await browser.post(address, content=b"x")):
            assert answer.headers["content-security-policy"] == REAL
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.headers["x-frame-options"] == "DENY"
            assert answer.headers["referrer-policy"] == "strict-origin-when-cross-origin"
            assert answer.headers["cross-origin-opener-policy"] == "same-origin"
            assert "camera=()" in answer.headers["permissions-policy"]
            assert "server" not in answer.headers

    async def test_security_31_only_over_https_browsers_are_told_to_stay_there(
        self, mongo_settings: MongoSettings, browser: Browser
    ) -> None:
        assert "strict-transport-security" not in (await browser.get("/healthz")).headers
        app = an_app(mongo_settings, ApiSettings(public_url="https://shop.example"))
        async with running(app), a_browser(app, "https://shop.example") as there:
            told = (await there.get("/healthz")).headers["strict-transport-security"]
            assert told == "max-age=31536000; includeSubDomains"

    async def test_security_31_what_is_shown_to_somebody_is_kept_nowhere(
        self, app: FastAPI, seller: Browser, browser: Browser, open_browser: OpenBrowser
    ) -> None:
        document = (await browser.get("/api/openapi.json")).json()
        paths = [path for path, methods in document["paths"].items() if "get" in methods]
        for path in paths:
            for request in (
                seller.build_request("GET", path),
                browser.build_request("GET", path, headers={"Authorization": "Bearer x"}),
            ):
                _, headers = await beginning(app, request)
                assert "no-store" in headers["cache-control"].split(", "), path
        assert "cache-control" not in (await browser.get("/api/tickets")).headers
        body = {"email": "new@example.com", "password": PASSWORD}
        registered = await open_browser().post("/api/users/register", json=body)
        assert registered.headers["cache-control"] == "no-store"


@pytest.fixture
async def docs(browser: Browser) -> str:
    """The page as it is served."""
    return (await browser.get("/api/docs")).text


class TestDocs:
    """The page of the documentation lives under the same policy."""

    async def test_security_30_it_loads_nothing_foreign_and_has_no_script_of_its_own(
        self, docs: str
    ) -> None:
        assert "://" not in docs
        assert docs.count("<script") == docs.count('<script src="/') == 2
        assert "style=" not in docs

    async def test_security_30_its_files_are_there(self, browser: Browser, docs: str) -> None:
        for file in ("files/swagger-ui.css", "files/swagger-ui-bundle.js", "start.js"):
            assert f"/api/docs/{file}" in docs
            answer = await browser.get(f"/api/docs/{file}")
            assert answer.status_code == 200
            kind = "text/css" if file.endswith("css") else "text/javascript"
            assert answer.headers["content-type"].startswith(kind)
