"""What a workflow has left behind: the shape of its history, and what it cost."""

from dataclasses import dataclass

from temporalio.api.enums.v1 import EventType
from temporalio.client import Client


@dataclass(frozen=True)
class Shape:
    """Two workflows of one shape cost the engine the same."""

    events: tuple[str, ...]
    """The types of the events, in order."""
    transitions: int

    def unlike(self, other: "Shape") -> str | None:
        """One sentence about the first difference; None when there is none."""
        for number, (mine, theirs) in enumerate(zip(self.events, other.events, strict=False), 1):
            if mine != theirs:
                return f"event {number} is {mine} here and {theirs} there"
        if len(self.events) != len(other.events):
            return f"{len(self.events)} events here and {len(other.events)} there"
        if self.transitions != other.transitions:
            return f"{self.transitions} state transitions here and {other.transitions} there"
        return None


async def transitions(client: Client, workflow_id: str) -> int:
    """State transitions so far."""
    described = await client.get_workflow_handle(workflow_id).describe()
    return described.raw_description.workflow_execution_info.state_transition_count


async def shape(client: Client, workflow_id: str) -> Shape:
    """Events and transitions so far."""
    history = await client.get_workflow_handle(workflow_id).fetch_history()
    return Shape(
        events=tuple(
            EventType.Name(event.event_type).removeprefix("EVENT_TYPE_") for event in history.events
        ),
        transitions=await transitions(client, workflow_id),
    )
