"""The stage of the workflow tests, for the twin to stand beside."""

from tests.workflows.conftest import empty_stage

__all__ = ["empty_stage"]
