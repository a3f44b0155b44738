"""The request that an application sends a person's browser with."""

import re
from collections import Counter
from collections.abc import Sequence
from http import HTTPStatus
from typing import Final
from urllib.parse import urlencode, urlsplit

from pydantic import BaseModel, ConfigDict

from devstack.simulators.signin.errors import SentBackError, ShownError
from devstack.simulators.signin.settings import Provider, Registration

CHALLENGE: Final = re.compile(r"[A-Za-z0-9_-]{43}")
"""A SHA-256 hash in unpadded base64url."""


class AuthorizationRequest(BaseModel):
    """A request with nothing left to object to."""

    model_config = ConfigDict(frozen=True)

    provider: Provider
    client_id: str
    redirect_uri: str
    state: str | None
    scopes: tuple[str, ...]
    nonce: str | None
    code_challenge: str

    def back(self, **parameters: str) -> str:
        """The address that takes the person back to the application, with the answer."""
        return _back(self.redirect_uri, parameters, self.state)


def read_request(
    provider: Provider, query: Sequence[tuple[str, str]], registration: Registration
) -> AuthorizationRequest:
    """The request in a query; raises what the person, or else the application, is told."""
    given, repeated = dict(query), _repeated(query)
    client_id, redirect_uri = given.get("client_id", ""), given.get("redirect_uri", "")
    _check_application(client_id, redirect_uri, repeated, registration)
    scopes = tuple(dict.fromkeys(re.split(r"[\s,]+", given.get("scope", "").strip())))
    fault = _fault(provider, given, scopes, repeated)
    if fault is not None:
        error, description = fault
        answer = {"error": error, "error_description": description}
        raise SentBackError(_back(redirect_uri, answer, given.get("state")))
    return AuthorizationRequest(
        provider=provider,
        client_id=client_id,
        redirect_uri=redirect_uri,
        state=given.get("state"),
        scopes=scopes,
        nonce=given.get("nonce"),
        code_challenge=given["code_challenge"],
    )


def _check_application(
    client_id: str, redirect_uri: str, repeated: set[str], registration: Registration
) -> None:
    """Whoever is not known, or asks for an unknown way back, learns nothing there."""
    if client_id not in registration.clients or "client_id" in repeated:
        raise ShownError(
            "Unknown application",
            f"No application has the client id “{client_id}” here (invalid_client).",
            HTTPStatus.UNAUTHORIZED,
        )
    if redirect_uri not in registration.redirect_uris or "redirect_uri" in repeated:
        raise ShownError(
            "Unknown way back",
            f"“{redirect_uri}” is not registered for this application (redirect_uri_mismatch).",
        )


def _fault(
    provider: Provider, given: dict[str, str], scopes: tuple[str, ...], repeated: set[str]
) -> tuple[str, str] | None:
    """What is wrong, in the words of RFC 6749 (4.1.2.1) and RFC 7636 (4.4.1)."""
    usual_type = "code" if provider is Provider.GITHUB else ""
    challenge = given.get("code_challenge", "")
    checks = [
        (
            repeated,
            "invalid_request",
            f"Parameter given twice: {', '.join(sorted(repeated))}.",
        ),
        (
            given.get("response_type", usual_type) != "code",
            "unsupported_response_type",
            "Only the authorization code flow is supported.",
        ),
        (not challenge, "invalid_request", "Code challenge required."),
        (
            given.get("code_challenge_method", "plain") != "S256",
            "invalid_request",
            "Transform algorithm not supported: S256 is required.",
        ),
        (
            not CHALLENGE.fullmatch(challenge),
            "invalid_request",
            "The code challenge is not a SHA-256 hash in base64url.",
        ),
        (
            provider is Provider.GOOGLE and "openid" not in scopes,
            "invalid_scope",
            "The scope openid is required.",
        ),
    ]
    return next(((error, text) for wrong, error, text in checks if wrong), None)


def _repeated(query: Sequence[tuple[str, str]]) -> set[str]:
    return {name for name, times in Counter(name for name, _ in query).items() if times > 1}


def _back(redirect_uri: str, parameters: dict[str, str], state: str | None) -> str:
    answer = parameters if state is None else {**parameters, "state": state}
    separator = "&" if urlsplit(redirect_uri).query else "?"
    return f"{redirect_uri}{separator}{urlencode(answer)}"
