"""What a worker process runs, and how it refuses to."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.fakes import (
    FakeChecks,
    FakeClosures,
    FakeOrders,
    FakePost,
    FakeStripe,
    FakeTickets,
    Script,
)
from workers.purchases import CHECKS, WORKFLOWS, Steps
from workers.settings import WorkerSettings
from workflows.closure.steps import ClosureSteps
from workflows.letters.steps import LetterSteps
from workflows.mail_steps import MailSteps
from workflows.orphan.steps import OrphanSteps
from workflows.purchase.payment_steps import PaymentSteps
from workflows.purchase.steps import OrderSteps, TicketSteps
from workflows.queues import TaskQueue
from workflows.reconciliation.steps import ReconciliationSteps
from workflows.refund.steps import RefundOrderSteps, RefundPaymentSteps

DECLARED = (
    TicketSteps,
    OrderSteps,
    PaymentSteps,
    MailSteps,
    RefundOrderSteps,
    RefundPaymentSteps,
    OrphanSteps,
    LetterSteps,
    ClosureSteps,
    ReconciliationSteps,
)
NEEDED = {"STRIPE_SECRET_KEY": "sk_test_1", "RESEND_API_KEY": "re_1"}


def names_of(steps: object) -> Iterator[str]:
    """The names under which the steps of a class or a list are known to Temporal."""
    members = steps if isinstance(steps, list) else vars(steps).values()
    for member in members:
        definition = getattr(member, "__temporal_activity_definition", None)
        if definition is not None:
            yield definition.name


def start(**environ: str) -> subprocess.CompletedProcess[str]:
    """A worker process with these settings and no others of ours."""
    inherited = {name: value for name, value in os.environ.items() if "_" not in name}
    return subprocess.run(
        [sys.executable, "-m", "workers"],
        env=inherited | environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_every_declared_step_runs_somewhere() -> None:
    script = Script()
    orders, stripe, post = FakeOrders(script), FakeStripe(script), FakePost(script)
    steps = Steps(
        tickets=FakeTickets(script),
        orders=orders,
        payments=stripe,
        mail=post,
        refund_orders=orders,
        refund_payments=stripe,
        orphans=stripe,
        letters=post,
        closures=FakeClosures(script),
        checks=FakeChecks(script),
    )
    registered = {
        *names_of(steps.of_databases()),
        *names_of(steps.of_stripe()),
        *names_of(steps.of_mail()),
        *names_of(steps.of_checks()),
    }
    declared = {name for steps_of_a_service in DECLARED for name in names_of(steps_of_a_service)}
    assert registered == declared
    assert len(declared) > len(DECLARED)


def test_every_workflow_runs_somewhere() -> None:
    assert {workflow.__name__ for workflow in (*WORKFLOWS, *CHECKS)} == {
        "PurchaseWorkflow",
        "RefundWorkflow",
        "OrphanPaymentWorkflow",
        "LetterWorkflow",
        "ClosureWorkflow",
        "RescueWorkflow",
        "ReconciliationWorkflow",
    }


def test_a_process_polls_all_queues_unless_it_is_told_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert WorkerSettings().queues == list(TaskQueue)
    monkeypatch.setenv("WORKER_QUEUES", '["payments", "mail"]')
    assert WorkerSettings().queues == [TaskQueue.PAYMENTS, TaskQueue.MAIL]


@pytest.mark.parametrize("module", ["api", "workers", "tests.replay.record"])
def test_a_process_explains_itself_without_starting(module: str) -> None:
    told = subprocess.run(  # noqa: S603  (our own programs)
        [sys.executable, "-m", module, "--help"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert f"python -m {module}" in told.stdout


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        ({}, "STRIPE_SECRET_KEY"),
        ({"STRIPE_SECRET_KEY": "sk_test_1"}, "RESEND_API_KEY"),
        (NEEDED | {"WORKER_MAIL_PER_SECOND": "-1"}, "WORKER_MAIL_PER_SECOND"),
        (NEEDED | {"WORKER_QUEUES": "mail"}, "WORKER_QUEUES"),
        (NEEDED | {"ENVIRONMENT": "Two Words"}, "ENVIRONMENT"),
        (NEEDED | {"MONGODB_URI": "mongodb://127.0.0.1:9/?replicaSet=rs0"}, "MONGODB_URI"),
    ],
)
def test_a_setting_that_is_missing_or_wrong_ends_it_with_one_line_that_names_it(
    environ: dict[str, str], named: str
) -> None:
    ended = start(**environ)
    assert ended.returncode == 1
    assert named in ended.stderr.splitlines()[-1]
    assert "Traceback" not in ended.stderr
