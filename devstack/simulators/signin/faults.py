"""Failures on request: what a provider does on a bad day, or an attacker in its place."""

from typing import Annotated, Literal

from fastapi import HTTPException
from pydantic import BaseModel, ConfigDict, Field

from devstack.simulators.signin.settings import Provider

Kind = Literal[
    "discovery_error",
    "jwks_error",
    "token_error",
    "token_without_access_token",
    "token_without_id_token",
    "id_token_nonce",
    "id_token_audience",
    "id_token_issuer",
    "id_token_key",
    "id_token_expired",
    "user_error",
    "emails_error",
]


class Fault(BaseModel):
    """What happens to the next ``times`` answers of that kind."""

    model_config = ConfigDict(extra="forbid")

    kind: Kind
    """``…_error`` answers ``status``, before anything has changed. ``token_without_…`` leaves it
    out. ``id_token_…`` signs another nonce, audience or issuer, with another key (under our key's
    name), or a token that has expired. ``user_error`` is Google's userinfo or GitHub's ``/user``.
    """
    provider: Provider | None = None
    """Whose answers; both when not given."""
    status: Annotated[int, Field(ge=400, le=599)] = 500
    times: Annotated[int, Field(ge=1)] = 1


class Faults:
    """The faults that are still to come, first come first served; gone after a restart."""

    def __init__(self) -> None:
        self.pending: list[Fault] = []

    def take(self, kind: Kind, provider: Provider) -> Fault | None:
        """Use up one occurrence of the oldest such fault."""
        for fault in self.pending:
            if fault.kind == kind and fault.provider in {None, provider}:
                fault.times -= 1
                self.pending = [each for each in self.pending if each.times > 0]
                return fault
        return None

    def fail(self, kind: Kind, provider: Provider) -> None:
        """Answer with an error, when that is asked for."""
        if fault := self.take(kind, provider):
            raise HTTPException(fault.status, "A fault planted by a test.")
