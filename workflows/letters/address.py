"""Where the sending of a letter is found in Temporal."""


def letter_workflow_id(request_id: str) -> str:
    """The id of the workflow that sends this letter."""
    return f"letter-{request_id}"
