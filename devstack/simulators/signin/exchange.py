"""A code for a token: who asks, for which code, and do they know the verifier."""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl

from joserfc.util import urlsafe_b64encode
from starlette.requests import Request

from devstack.simulators.signin.errors import ExchangeRefusedError, Refusal
from devstack.simulators.signin.grants import Grant
from devstack.simulators.signin.settings import Provider, Registration
from devstack.simulators.signin.simulator import Simulator

VERIFIER: Final = re.compile(r"[A-Za-z0-9\-._~]{43,128}")


async def exchange(request: Request, simulator: Simulator, provider: Provider) -> tuple[Grant, str]:
    """Use a code up: what it stood for and an access token; raises ``ExchangeRefusedError``."""
    form = read_form(await request.body())
    client_id = _client(request.headers, form, simulator.settings.registration(provider))
    usual = "authorization_code" if provider is Provider.GITHUB else ""
    if form.get("grant_type", usual) != "authorization_code":
        raise ExchangeRefusedError(Refusal.OTHER_GRANT)
    code = form.get("code", "")
    grant = simulator.grants.redeem(code, provider, client_id)
    _check(grant, form)
    return grant, simulator.grants.token(code, grant)


def read_form(body: bytes) -> dict[str, str]:
    """The fields of a form, each at most once."""
    pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
    form = dict(pairs)
    if len(form) != len(pairs):
        raise ExchangeRefusedError(Refusal.BAD_REQUEST)
    return form


def _check(grant: Grant, form: Mapping[str, str]) -> None:
    if form.get("redirect_uri") != grant.request.redirect_uri:
        raise ExchangeRefusedError(Refusal.OTHER_REDIRECT)
    verifier = form.get("code_verifier", "")
    if not verifier:
        raise ExchangeRefusedError(Refusal.NO_VERIFIER)
    if not VERIFIER.fullmatch(verifier) or _s256(verifier) != grant.request.code_challenge:
        raise ExchangeRefusedError(Refusal.WRONG_VERIFIER)


def _s256(verifier: str) -> str:
    return urlsafe_b64encode(hashlib.sha256(verifier.encode("ascii")).digest()).decode("ascii")


def _client(headers: Mapping[str, str], form: Mapping[str, str], registration: Registration) -> str:
    """Who asks: client_secret_basic or client_secret_post, not both (RFC 6749, 2.3)."""
    named = headers.get("authorization")
    if named is None:
        client_id, secret = form.get("client_id", ""), form.get("client_secret", "")
    elif "client_secret" in form:
        raise ExchangeRefusedError(Refusal.BAD_REQUEST)
    else:
        client_id, secret = _basic(named)
    if form.get("client_id", client_id) != client_id:
        raise ExchangeRefusedError(Refusal.BAD_CLIENT)
    expected = registration.clients.get(client_id)
    if expected is None or not hmac.compare_digest(expected.encode(), secret.encode()):
        raise ExchangeRefusedError(Refusal.BAD_CLIENT)
    return client_id


def _basic(header: str) -> tuple[str, str]:
    scheme, _, value = header.partition(" ")
    if scheme.lower() != "basic":
        raise ExchangeRefusedError(Refusal.BAD_CLIENT)
    try:
        client_id, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise ExchangeRefusedError(Refusal.BAD_CLIENT) from None
    return client_id, secret
