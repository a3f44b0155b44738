"""What Google says about a person, and the signed form of it."""

import hashlib
import time
from collections.abc import Collection
from typing import Any, Final

from joserfc.util import urlsafe_b64encode

from devstack.simulators.signin.faults import Kind
from devstack.simulators.signin.grants import Grant
from devstack.simulators.signin.people import Person
from devstack.simulators.signin.settings import Provider
from devstack.simulators.signin.simulator import Simulator

DAY: Final = 86_400
FALSE_CLAIMS: Final[dict[Kind, dict[str, str]]] = {
    "id_token_nonce": {"nonce": "nonce-of-another-sign-in"},
    "id_token_audience": {"aud": "another-application", "azp": "another-application"},
    "id_token_issuer": {"iss": "https://issuer.example"},
}


def claims_of(person: Person, scopes: Collection[str]) -> dict[str, Any]:
    """What the scopes allow to be told."""
    claims: dict[str, Any] = {"sub": person.subject}
    if "email" in scopes:
        claims |= {"email": person.email, "email_verified": person.email_verified}
    if "profile" in scopes:
        claims["name"] = person.name
    return claims


def id_token(
    simulator: Simulator, grant: Grant, person: Person, *, access_token: str, issuer: str
) -> str:
    """A signed statement about who has signed in, false in just the way that a test asks for."""
    request, now = grant.request, int(time.time())
    claims = {
        "iss": issuer,
        "azp": request.client_id,
        "aud": request.client_id,
        **claims_of(person, request.scopes),
        "at_hash": _half_hash(access_token),
        **({} if request.nonce is None else {"nonce": request.nonce}),
        "iat": now,
        "exp": now + simulator.settings.token_seconds,
    }
    for kind, false in FALSE_CLAIMS.items():
        if simulator.faults.take(kind, Provider.GOOGLE):
            claims |= false
    if simulator.faults.take("id_token_expired", Provider.GOOGLE):
        claims |= {"iat": now - 2 * DAY, "exp": now - DAY}
    foreign = simulator.faults.take("id_token_key", Provider.GOOGLE) is not None
    return simulator.key.sign(claims, foreign=foreign)


def _half_hash(access_token: str) -> str:
    """``at_hash`` of OpenID Connect Core 3.1.3.6: ties the access token to the id token."""
    digest = hashlib.sha256(access_token.encode("ascii")).digest()
    return urlsafe_b64encode(digest[: len(digest) // 2]).decode("ascii")
