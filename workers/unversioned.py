"""How workflows run where workers have no versions, as on ``make dev``."""

from dataclasses import replace

from temporalio.common import VersioningBehavior
from temporalio.worker import UnsandboxedWorkflowRunner, WorkflowInstance, WorkflowInstanceDetails


class Unversioned(UnsandboxedWorkflowRunner):
    """Inside the sandbox, keeps to itself how a workflow moves between versions.

    Every workflow declares it, and Temporal refuses what it hears of it from a worker without one.
    """

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        """The workflow as it is, but for that."""
        silent = replace(det.defn, versioning_behavior=VersioningBehavior.UNSPECIFIED)
        return super().create_instance(replace(det, defn=silent))
