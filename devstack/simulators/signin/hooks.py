"""``/_sim``: what a test does to the stand-ins from outside the providers' own doors."""

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from devstack.simulators.signin.faults import Fault
from devstack.simulators.signin.people import Draft, Person
from devstack.simulators.signin.settings import Provider
from devstack.simulators.signin.simulator import Decision, Simulated

router = APIRouter(prefix="/_sim", tags=["simulator"])


class Denial(BaseModel):
    """Somebody who does not want to."""

    model_config = ConfigDict(extra="forbid")

    provider: Provider


@router.get("/people")
async def list_people(simulator: Simulated) -> list[Person]:
    """Everybody, Google's accounts first."""
    return [person for provider in Provider for person in simulator.people.at(provider)]


@router.post("/people", status_code=201)
async def add_person(draft: Draft, simulator: Simulated) -> Person:
    """Make or change an account; the answer has its ``subject``."""
    return simulator.people.keep(draft)


@router.post("/sign_ins", status_code=201)
async def plant_sign_in(draft: Draft, simulator: Simulated) -> Person:
    """The next authorization request at this provider is answered at once, as this person."""
    person = simulator.people.keep(draft)
    simulator.decisions.append(Decision(provider=person.provider, subject=person.subject))
    return person


@router.post("/denials", status_code=204)
async def plant_denial(denial: Denial, simulator: Simulated) -> None:
    """The next authorization request at this provider is denied at once."""
    simulator.decisions.append(Decision(provider=denial.provider, subject=None))


@router.get("/sign_ins")
async def list_planted(simulator: Simulated) -> list[Decision]:
    """Planted sign-ins and denials that nobody has come for yet."""
    return simulator.decisions


@router.get("/faults")
async def list_faults(simulator: Simulated) -> list[Fault]:
    """What is pending."""
    return simulator.faults.pending


@router.post("/faults", status_code=201)
async def add_fault(fault: Fault, simulator: Simulated) -> list[Fault]:
    """Arrange a failure; the answer lists what is pending."""
    simulator.faults.pending.append(fault)
    return simulator.faults.pending


@router.delete("/faults", status_code=204)
async def clear_faults(simulator: Simulated) -> None:
    """Back to good days."""
    simulator.faults.pending.clear()


@router.post("/reset", status_code=204)
async def reset(simulator: Simulated) -> None:
    """Forget people, sign-ins, tokens and everything planted; the signing key stays."""
    simulator.reset()
