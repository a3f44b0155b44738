"""What enters and leaves the closing of an account."""

from pydantic import Field

from workflows.messages import Message


class CloseAccount(Message):
    """Close this account, and the ones that it has absorbed."""

    user_id: str
    absorbed: list[str] = Field(default_factory=list)

    @property
    def ids(self) -> tuple[str, ...]:
        """Every id under which the person has bought and listed."""
        return (self.user_id, *self.absorbed)


class Remainder(Message):
    """What could not be settled yet, because others are still at it."""

    left: int
