"""What runs on which queue."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from temporalio.client import Client
from temporalio.common import WorkerDeploymentVersion
from temporalio.worker import PollerBehaviorAutoscaling, Worker, WorkerDeploymentConfig
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from workers.sandbox import Sandbox
from workers.settings import WorkerSettings
from workers.unversioned import Unversioned
from workflows.closure.steps import ClosureSteps
from workflows.closure.workflow import ClosureWorkflow
from workflows.letters.steps import LetterSteps
from workflows.letters.workflow import LetterWorkflow
from workflows.mail_steps import MailSteps
from workflows.orphan.steps import OrphanSteps
from workflows.orphan.workflow import OrphanPaymentWorkflow
from workflows.purchase.payment_steps import PaymentSteps
from workflows.purchase.steps import OrderSteps, TicketSteps
from workflows.purchase.workflow import PurchaseWorkflow
from workflows.queues import TaskQueue
from workflows.reconciliation.steps import ReconciliationSteps
from workflows.reconciliation.workflow import ReconciliationWorkflow
from workflows.refund.steps import RefundOrderSteps, RefundPaymentSteps
from workflows.refund.workflow import RefundWorkflow
from workflows.rescue.workflow import RescueWorkflow

WORKFLOWS: Sequence[type] = (
    PurchaseWorkflow,
    RefundWorkflow,
    OrphanPaymentWorkflow,
    LetterWorkflow,
    ClosureWorkflow,
    RescueWorkflow,
)
CHECKS_AT_ONCE: Final = 2
"""The run of the schedule, and one order that somebody asks about."""
CHECKS: Sequence[type] = (ReconciliationWorkflow,)

Step = Callable[..., Any]


@dataclass(frozen=True)
class Steps:
    """The steps that a process can take, with their services behind them."""

    tickets: TicketSteps
    orders: OrderSteps
    payments: PaymentSteps
    mail: MailSteps
    refund_orders: RefundOrderSteps
    refund_payments: RefundPaymentSteps
    orphans: OrphanSteps
    letters: LetterSteps
    closures: ClosureSteps
    checks: ReconciliationSteps

    def of_stripe(self) -> list[Step]:
        """Calls to Stripe."""
        return [
            self.payments.open_payment,
            self.payments.change_payment,
            self.payments.look_at_payment,
            self.payments.capture_payment,
            self.payments.close_payment,
            self.payments.return_payment,
            self.refund_payments.refund_payment,
            self.refund_payments.look_at_refund,
            self.orphans.settle_orphan,
        ]

    def of_mail(self) -> list[Step]:
        """Calls to Resend."""
        return [self.mail.send_mail, self.letters.send_letter]

    def of_databases(self) -> list[Step]:
        """Compare-and-set writes, run inside workflow tasks."""
        return [
            self.tickets.reserve_ticket,
            self.tickets.extend_hold,
            self.tickets.release_ticket,
            self.tickets.sell_ticket,
            self.orders.open_order,
            self.orders.abandon_order,
            self.orders.price_order,
            self.orders.put_billing_in_force,
            self.orders.look_at_bill,
            self.orders.note_extension,
            self.orders.look_at_deadline,
            self.orders.look_at_sale,
            self.orders.note_retry,
            self.orders.note_decline,
            self.orders.note_authorization,
            self.orders.complete_order,
            self.orders.cancel_order,
            self.refund_orders.begin_refund,
            self.refund_orders.note_refund,
            self.closures.forget_account,
            self.closures.withdraw_listings,
            self.closures.anonymise_orders,
            self.mail.report_unsent,
        ]

    def of_checks(self) -> list[Step]:
        """Looks at everything, which take their time."""
        return [
            self.checks.begin_check,
            self.checks.check_page,
            self.checks.check_order,
            self.checks.check_again,
            self.checks.end_check,
        ]


def make_workers(client: Client, steps: Steps, settings: WorkerSettings) -> list[Worker]:
    """One worker per queue of this process."""
    makers = {
        TaskQueue.PURCHASES: purchases_worker,
        TaskQueue.PAYMENTS: payments_worker,
        TaskQueue.MAIL: mail_worker,
        TaskQueue.OPERATIONS: operations_worker,
    }
    return [makers[queue](client, steps, settings) for queue in settings.queues]


def version_of(settings: WorkerSettings) -> WorkerDeploymentConfig | None:
    """The version that these workers announce, on every queue the same; None without one."""
    if not settings.build_id:
        return None
    return WorkerDeploymentConfig(
        version=WorkerDeploymentVersion(settings.deployment, settings.build_id),
        use_worker_versioning=True,
    )


def runner_of(settings: WorkerSettings) -> SandboxedWorkflowRunner:
    """The sandbox, with or without versions."""
    if settings.build_id:
        return Sandbox()
    return Sandbox(
        restrictions=SandboxRestrictions.default.with_passthrough_modules("workers.unversioned"),
        runner_class=Unversioned,
    )


def purchases_worker(
    client: Client,
    steps: Steps,
    settings: WorkerSettings,
    workflows: Sequence[type] = WORKFLOWS,
) -> Worker:
    """Runs workflows, their database steps, and the prompt try of each outside call."""
    return Worker(
        client,
        task_queue=TaskQueue.PURCHASES,
        workflows=workflows,
        workflow_runner=runner_of(settings),
        activities=[*steps.of_databases(), *steps.of_stripe(), *steps.of_mail()],
        max_cached_workflows=settings.cached_workflows,
        max_activities_per_second=settings.purchases_per_second,
        workflow_task_poller_behavior=PollerBehaviorAutoscaling(),
        activity_task_poller_behavior=PollerBehaviorAutoscaling(),
        graceful_shutdown_timeout=timedelta(seconds=settings.graceful_seconds),
        deployment_config=version_of(settings),
    )


def payments_worker(client: Client, steps: Steps, settings: WorkerSettings) -> Worker:
    """Goes on with calls to Stripe that did not succeed at once."""
    return Worker(
        client,
        task_queue=TaskQueue.PAYMENTS,
        activities=steps.of_stripe(),
        max_task_queue_activities_per_second=settings.payments_per_second,
        graceful_shutdown_timeout=timedelta(seconds=settings.graceful_seconds),
        deployment_config=version_of(settings),
    )


def mail_worker(client: Client, steps: Steps, settings: WorkerSettings) -> Worker:
    """Goes on with mail that did not go out at once."""
    return Worker(
        client,
        task_queue=TaskQueue.MAIL,
        activities=steps.of_mail(),
        max_task_queue_activities_per_second=settings.mail_per_second,
        graceful_shutdown_timeout=timedelta(seconds=settings.graceful_seconds),
        deployment_config=version_of(settings),
    )


def operations_worker(client: Client, steps: Steps, settings: WorkerSettings) -> Worker:
    """Checks everything, a page at a time, beside whatever else goes on."""
    return Worker(
        client,
        task_queue=TaskQueue.OPERATIONS,
        workflows=CHECKS,
        workflow_runner=runner_of(settings),
        activities=steps.of_checks(),
        max_concurrent_activities=CHECKS_AT_ONCE,
        graceful_shutdown_timeout=timedelta(seconds=settings.graceful_seconds),
        deployment_config=version_of(settings),
    )
