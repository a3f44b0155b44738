"""Failures on request: what a mail provider does on a bad day."""

import asyncio
from typing import Annotated, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

SECONDS_MAX = 300


class Fault(BaseModel):
    """What happens to the next ``times`` attempts to send."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["error_before", "error_after", "delay"]
    """Fail without storing the mail, fail although it was stored, or be slow before either."""
    status: Annotated[int, Field(ge=400, le=599)] = 500
    times: Annotated[int, Field(ge=1)] = 1
    seconds: Annotated[float, Field(ge=0, le=SECONDS_MAX)] = 1


class Faults:
    """The faults that are still to come, first come first served; gone after a restart."""

    def __init__(self) -> None:
        self.pending: list[Fault] = []

    def take(self, kind: str) -> Fault | None:
        """Use up one occurrence of the oldest fault of this kind."""
        for fault in self.pending:
            if fault.kind == kind:
                fault.times -= 1
                self.pending = [each for each in self.pending if each.times > 0]
                return fault
        return None

    async def delay(self) -> None:
        """Be slow, when that is asked for."""
        if fault := self.take("delay"):
            await asyncio.sleep(fault.seconds)


router = APIRouter(prefix="/_sim/faults", tags=["simulator"])


@router.post("", status_code=201)
async def add_fault(fault: Fault, request: Request) -> list[Fault]:
    """Arrange a failure; the answer lists what is pending."""
    faults: Faults = request.app.state.faults
    faults.pending.append(fault)
    return faults.pending


@router.get("")
async def list_faults(request: Request) -> list[Fault]:
    """What is pending."""
    faults: Faults = request.app.state.faults
    return faults.pending


@router.delete("", status_code=204)
async def clear_faults(request: Request) -> None:
    """Back to good days."""
    request.app.state.faults.pending = []
