"""Who is asking: any test key is good, but a publishable one may do only what a browser may."""

import base64
import binascii
from collections.abc import Collection
from http import HTTPStatus

from starlette.datastructures import Headers

from devstack.simulators.stripe.errors import ApiError

KEYS_PAGE = "https://dashboard.stripe.com/account/apikeys"


def is_publishable(headers: Headers) -> bool:
    """Check the API key; whether it is a publishable one."""
    key = _key(headers.get("authorization", ""))
    if not key:
        raise ApiError(
            "You did not provide an API key. You need to provide your API key in the Authorization"
            " header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
            status=HTTPStatus.UNAUTHORIZED,
            executed=False,
        )
    if not key.startswith(("sk_test_", "pk_test_")):
        shown = key[:8] + "*" * 8 + key[-4:]
        message = f"Invalid API Key provided: {shown}"
        raise ApiError(message, status=HTTPStatus.UNAUTHORIZED, executed=False)
    return key.startswith("pk_")


def secret_key_required() -> ApiError:
    """A browser asked for something that only a server may do."""
    return ApiError(
        "This API call cannot be made with a publishable API key. Please use a secret API key."
        f" You can find a list of your API keys at {KEYS_PAGE}.",
        status=HTTPStatus.FORBIDDEN,
        code="secret_key_required",
        executed=False,
    )


def refuse_secret_only(sent: Collection[str], secret_only: Collection[str]) -> None:
    """A browser may confirm a payment but not change how it is taken."""
    for name in sent:
        if name in secret_only:
            raise ApiError(
                f"The parameter {name} can only be used with a secret API key.",
                status=HTTPStatus.FORBIDDEN,
                code="secret_key_required",
                param=name,
                executed=False,
            )


def _key(authorization: str) -> str:
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(value).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            return ""
    return ""
