"""Where the closing of an account is found in Temporal."""


def closure_workflow_id(user_id: str) -> str:
    """The id of the workflow that closes this account."""
    return f"closure-{user_id}"
