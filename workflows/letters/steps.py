"""What a letter asks of the world."""

from abc import ABC, abstractmethod

from temporalio import activity

from workflows.messages import Message


class SendLetter(Message):
    """Send the letter that was asked for under this id. To whom is known to the step alone."""

    request_id: str


class LetterSteps(ABC):
    """The post office, for letters about accounts."""

    @activity.defn
    @abstractmethod
    async def send_letter(self, request: SendLetter) -> None:
        """Send it if it is for anybody; a repeat within 24 hours sends nothing twice."""
