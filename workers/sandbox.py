"""The sandbox that our workflows run in."""

from typing import TYPE_CHECKING

from temporalio.converter import SerializationContext, StorageDriverStoreContext
from temporalio.worker import WorkflowInstance, WorkflowInstanceDetails
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner
from temporalio.workflow import Info
from typing_extensions import override

if TYPE_CHECKING:
    from temporalio.bridge.proto.workflow_activation import WorkflowActivation
    from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
    from temporalio.worker._command_aware_visitor import CommandInfo


class Sandbox(SandboxedWorkflowRunner):
    """The SDK's, with all that it guards, for clients without payload codec or storage.

    Those may treat a payload by where it goes. The SDK enters the sandbox to find that out, for
    each payload, also when there is nobody to tell: a tenth of the worker's CPU.
    """

    @override
    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        return _OfNoContext(super().create_instance(det))


class _OfNoContext(WorkflowInstance):
    """A workflow, but for the question where its payloads go."""

    def __init__(self, inside: WorkflowInstance) -> None:
        self._inside = inside

    @override
    def activate(self, act: "WorkflowActivation") -> "WorkflowActivationCompletion":
        return self._inside.activate(act)

    @override
    def get_serialization_context(
        self, command_info: "CommandInfo | None"
    ) -> SerializationContext | None:
        return None

    @override
    def get_external_store_context(
        self, command_info: "CommandInfo | None"
    ) -> StorageDriverStoreContext:
        return StorageDriverStoreContext()

    @override
    def get_info(self) -> Info:
        return self._inside.get_info()

    @override
    def get_thread_id(self) -> int | None:
        return self._inside.get_thread_id()
