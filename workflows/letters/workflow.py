"""The letter: asked for once, sent once."""

from temporalio import workflow
from temporalio.common import VersioningBehavior

from workflows.mail import deliver

with workflow.unsafe.imports_passed_through():
    from workflows.letters.steps import LetterSteps, SendLetter
    from workflows.policies import LETTER_PATIENT


@workflow.defn(versioning_behavior=VersioningBehavior.PINNED)
class LetterWorkflow:
    """Send one letter about an account."""

    @workflow.run
    async def run(self, letter: SendLetter) -> bool:
        """Whether it was settled within the hour; later nobody waits for it any more."""
        settled = await deliver(LetterSteps.send_letter, letter, patient=LETTER_PATIENT)
        workflow.set_current_details("Settled." if settled else "**Given up**: mail was away.")
        return settled
