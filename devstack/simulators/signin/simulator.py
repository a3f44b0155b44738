"""Both stand-ins as a whole: what they know and what is planted."""

from collections.abc import Collection
from typing import Annotated

from fastapi import Depends, Request
from pydantic import BaseModel

from devstack.simulators.signin.faults import Faults
from devstack.simulators.signin.grants import Grant, Grants
from devstack.simulators.signin.keys import SigningKey
from devstack.simulators.signin.people import People, Person
from devstack.simulators.signin.settings import Provider, SigninSettings
from devstack.simulators.signin.store import forget_everybody, open_store

Bearer = tuple[Grant, Person]


class Decision(BaseModel):
    """What the next person to come to a provider does, without being shown a page."""

    provider: Provider
    subject: str | None
    """Who signs in; nobody: they deny."""


class Simulator:
    """The state of the two providers."""

    def __init__(self, settings: SigninSettings) -> None:
        self.settings = settings
        self._store = open_store(settings.data)
        self.people = People(self._store)
        self.grants = Grants(self._store, settings)
        self.key = SigningKey(self._store)
        self.faults = Faults()
        self.decisions: list[Decision] = []
        """Planted by tests, first come first served; gone after a restart."""

    def next_decision(self, provider: Provider) -> Decision | None:
        """Use up the oldest decision planted for this provider."""
        for decision in self.decisions:
            if decision.provider is provider:
                self.decisions.remove(decision)
                return decision
        return None

    def bearer(
        self, authorization: str, schemes: Collection[str], provider: Provider
    ) -> Bearer | None:
        """Whom the access token in an ``Authorization`` header acts for, and what it allows."""
        scheme, _, token = authorization.partition(" ")
        grant = self.grants.allowed(token.strip(), provider)
        if grant is None or scheme.lower() not in schemes:
            return None
        person = self.people.find(provider, grant.subject)
        return None if person is None else (grant, person)

    def reset(self) -> None:
        """Forget everybody and everything planted; the key stays."""
        forget_everybody(self._store)
        self.faults.pending.clear()
        self.decisions.clear()

    def close(self) -> None:
        """Give the file back."""
        self._store.close()


def simulator_of(request: Request) -> Simulator:
    """The simulator that serves this request."""
    simulator: Simulator = request.app.state.simulator
    return simulator


def base_url(request: Request) -> str:
    """Our own address: where the socket listens, whatever name the client called us by."""
    host, port = request.scope["server"]
    return f"http://{host}:{port}"


Simulated = Annotated[Simulator, Depends(simulator_of)]
BaseUrl = Annotated[str, Depends(base_url)]
