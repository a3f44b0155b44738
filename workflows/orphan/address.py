"""Where the handling of an orphan is found in Temporal."""


def orphan_workflow_id(payment_intent_id: str) -> str:
    """The id of the workflow that settles this PaymentIntent."""
    return f"orphan-{payment_intent_id}"
