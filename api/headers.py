"""Headers of every answer: what a browser must not do with it, and where a page may load from."""

from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

from api.settings import ApiSettings
from services.payments.stripe import StripeSettings

STRIPE_JS: Final = "https://js.stripe.com"
STRIPE_HOOKS: Final = "https://hooks.stripe.com"
STRIPE_API: Final = "https://api.stripe.com"
SELF: Final = "'self'"
NONE: Final = "'none'"
ONE_YEAR: Final = 365 * 24 * 3600
REPORT_ENDPOINT: Final = "/api/reports/csp"


def security_headers(settings: ApiSettings, stripe: StripeSettings) -> dict[str, str]:
    """The same for all answers; over plain HTTP nobody is told to come back over HTTPS."""
    script = _origin(stripe.js_url) or SELF
    headers = {
        "Content-Security-Policy": content_security_policy(stripe),
        "Reporting-Endpoints": f'csp="{REPORT_ENDPOINT}"',
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "strict-origin-when-cross-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), "
        f"usb=(), payment=({_allowed([SELF, script])})",
    }
    if settings.is_https:
        headers["Strict-Transport-Security"] = f"max-age={ONE_YEAR}; includeSubDomains"
    return headers


def content_security_policy(stripe: StripeSettings) -> str:
    """Our own things, and Stripe's: the real one, and its stand-in if the script comes from there.

    Stripe.js opens its fields and 3-D Secure in frames, and speaks to Stripe's API.
    """
    script = _origin(stripe.js_url)
    stand_in = [] if script in {STRIPE_JS, None} else [script]
    directives: dict[str, list[str | None]] = {
        "default-src": [SELF],
        "script-src": [SELF, script],
        "frame-src": [STRIPE_JS, STRIPE_HOOKS, *stand_in],
        "connect-src": [SELF, STRIPE_API, *stand_in],
        "img-src": [SELF, "data:"],
        "style-src": [SELF],
        "font-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "report-to": ["csp"],
    }
    return "; ".join(
        " ".join([name, *filter(None, sources)]) for name, sources in directives.items()
    )


def _origin(url: str) -> str | None:
    """Where the script comes from, and nothing else of its address; None when that is here."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return None
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{parts.hostname}{port}"


def _allowed(sources: Iterable[str]) -> str:
    """As ``Permissions-Policy`` spells it: ``self``, and origins in quotes."""
    return " ".join(
        dict.fromkeys("self" if source == SELF else f'"{source}"' for source in sources)
    )
