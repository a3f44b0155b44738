"""``python -m workers``: take purchases until told to stop."""

import argparse
import asyncio
import signal
import sys
from contextlib import AsyncExitStack
from datetime import timedelta

import structlog

from activities.account_letters import LetterActivities
from activities.closures import ClosureActivities
from activities.gateways.resend import ResendGateway, ResendSettings, open_resend
from activities.gateways.stripe import StripeGateway
from activities.mail import MailActivities
from activities.orders import OrderActivities
from activities.orphans import OrphanActivities
from activities.payments import PaymentActivities
from activities.reconciliation.case import Patience
from activities.reconciliation.checks import CheckActivities
from activities.reconciliation.pace import Pace
from activities.reconciliation.reading import Books, Workflows
from activities.refunds import RefundActivities
from activities.tickets import TicketActivities
from services.auth.letters import LetterStore
from services.auth.store import AuthStore
from services.database import DatabasesUnavailableError, MongoSettings, open_databases
from services.logs import configure_logging
from services.metrics import Funnel
from services.operations.store import OperationsStore
from services.orders.store import OrderStore
from services.payments.store import PaymentStore
from services.payments.stripe import StripeSettings, open_stripe
from services.settings import SettingError, read_settings
from services.tickets.store import TicketStore
from services.traces import TraceSettings, tracing
from temporal.client import connect, last_breath
from temporal.lookup import WorkflowLookup
from temporal.settings import TemporalSettings
from workers.logs import StepLogs, names_stay_out_of_messages
from workers.metrics import MetricsAddressError, measuring
from workers.purchases import Steps, make_workers
from workers.settings import CheckSettings, PurchaseSettings, WorkerSettings

log = structlog.get_logger("workers")


async def work() -> None:
    """Connect, poll the queues of this process, and finish what is under way when asked to stop."""
    settings = read_settings(WorkerSettings)
    mongo, stripe = read_settings(MongoSettings), read_settings(StripeSettings)
    resend, temporal = read_settings(ResendSettings), read_settings(TemporalSettings)
    checks = read_settings(CheckSettings)
    environment = read_settings(PurchaseSettings).environment
    tracing_settings = read_settings(TraceSettings)
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with (
        last_breath(),
        measuring(settings.metrics_address) as measured,
        open_databases(mongo),
        open_stripe(stripe) as stripe_client,
        open_resend(resend) as post,
    ):
        gateway = StripeGateway(stripe_client, environment=environment)
        async with AsyncExitStack() as running:
            traces = running.enter_context(tracing(tracing_settings, "ticket-exchange-worker"))
            client = await connect(
                temporal,
                runtime=measured.runtime,
                tracer=traces.tracer if traces else None,
                interceptors=[StepLogs()],
            )
            steps = make_steps(
                gateway,
                post,
                WorkflowLookup(client),
                checks,
                measured.funnel,
            )
            for worker in make_workers(client, steps, settings):
                await running.enter_async_context(worker)
            log.info("worker_ready", queues=settings.queues, build_id=settings.build_id)
            await stop.wait()
            log.info("worker_stopping")


def make_steps(
    stripe: StripeGateway,
    post: ResendGateway,
    workflows: Workflows,
    checks: CheckSettings,
    funnel: Funnel,
) -> Steps:
    """The steps of this system, with the real services behind them."""
    tickets, orders, payments = TicketStore(), OrderStore(), PaymentStore()
    of_orders, users = OrderActivities(orders, tickets, funnel), AuthStore()
    return Steps(
        tickets=TicketActivities(tickets),
        orders=of_orders,
        payments=PaymentActivities(payments, stripe),
        mail=MailActivities(orders, users, post, OperationsStore()),
        refund_orders=of_orders,
        refund_payments=RefundActivities(stripe),
        orphans=OrphanActivities(orders, payments, stripe),
        letters=LetterActivities(users, LetterStore(), post),
        closures=ClosureActivities(tickets, orders, payments),
        checks=make_checks(stripe, workflows, checks),
    )


def make_checks(
    stripe: StripeGateway, workflows: Workflows, settings: CheckSettings
) -> CheckActivities:
    """The steps of a reconciliation, as patient as the settings say."""
    return CheckActivities(
        Books(stripe, workflows, Pace(settings.stripe_per_second)),
        window=timedelta(seconds=settings.window_seconds),
        patience=Patience(
            message=timedelta(seconds=settings.message_grace_seconds),
            hold=timedelta(seconds=settings.hold_grace_seconds),
        ),
        page_size=settings.page_size,
    )


def main() -> None:
    """Run until told to stop; a setting or server that is wrong ends it with one line."""
    argparse.ArgumentParser(
        prog="python -m workers",
        description="Run purchases until told to stop (Ctrl-C or SIGTERM). Reads its settings from "
        "the environment: docs/configuration.md lists them.",
    ).parse_args()
    configure_logging()
    names_stay_out_of_messages()
    try:
        asyncio.run(work())
    except (SettingError, MetricsAddressError, DatabasesUnavailableError) as error:
        sys.exit(str(error))
    except RuntimeError as error:
        sys.exit(f"Temporal (TEMPORAL_ADDRESS) did not answer: {error}")


if __name__ == "__main__":
    main()
