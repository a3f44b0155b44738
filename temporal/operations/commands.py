"""What the command can be told, and what it does then."""

import argparse
import getpass
from collections.abc import Awaitable, Callable, Iterable
from datetime import timedelta
from typing import Final

from temporalio.client import Client

from temporal.calls import NobodyAnsweredError, TooLateError
from temporal.operations.actions import Operations, RefusedError, Steering
from temporal.operations.lines import moment, of_check, of_list, of_purchase
from temporal.operations.listing import OPEN, STATES, listed
from temporal.operations.looking import WorkflowWindow
from temporal.settings import TemporalSettings

DESCRIPTION: Final = """\
See purchases and steer them, with nothing but Temporal: neither MongoDB nor the API is needed.

Reads TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE and TEMPORAL_API_KEY. Every action wants a reason; it and
the actor are kept with the order and in Temporal for other operators, so name nobody in it."""
EXAMPLES: Final = """\
examples:
  python -m temporal.operations list --state awaiting_payment
  python -m temporal.operations show 5f0c7f6e-6e57-4f0e-8a9b-2d2f0a1c9b77
  python -m temporal.operations extend 5f0c7f6e-6e57-4f0e-8a9b-2d2f0a1c9b77 --minutes 5 \\
      --reason "the bank's app was down"

Ends with 0 when it is done, with 1 and one line when it is not."""

FORGOTTEN: Final = "Temporal knows no such purchase, or has forgotten it."

Lines = Iterable[str]
Command = Callable[[Client, argparse.Namespace], Awaitable[Lines]]


async def _list(client: Client, asked: argparse.Namespace) -> Lines:
    return of_list(await listed(client, asked.state, asked.limit))


async def _show(client: Client, asked: argparse.Namespace) -> Lines:
    window = WorkflowWindow(client, TemporalSettings().ui_url)
    try:
        state = await Operations(client).state(asked.order)
    except TooLateError:
        raise RefusedError(FORGOTTEN) from None
    except NobodyAnsweredError:
        state = None
    workflows = await window.look(asked.order, state.payment_intent_id if state else None)
    url = window.url(workflows.purchase.workflow_id)
    return [*of_purchase(workflows, state), *([url] if url else [])]


async def _extend(client: Client, asked: argparse.Namespace) -> Lines:
    until = await Operations(client).extend(asked.order, asked.minutes, _steering(asked))
    return [f"Extended until {moment(until)}."]


async def _cancel(client: Client, asked: argparse.Namespace) -> Lines:
    await Operations(client).cancel(asked.order, _steering(asked))
    return ["Cancelled."]


async def _retry_capture(client: Client, asked: argparse.Namespace) -> Lines:
    await Operations(client).retry_capture(asked.order, _steering(asked))
    return ["Stripe is being asked again."]


async def _refund(client: Client, asked: argparse.Namespace) -> Lines:
    operations = Operations(client)
    try:
        ticket_id = asked.ticket or await operations.ticket_of(asked.order)
    except RefusedError:
        raise
    except TooLateError:
        raise RefusedError(f"{FORGOTTEN} Say which ticket it is about, with --ticket.") from None
    await operations.refund(asked.order, ticket_id, _steering(asked))
    return ["The refund has begun."]


async def _settle_refund(client: Client, asked: argparse.Namespace) -> Lines:
    await Operations(client).settle_refund(asked.order, _steering(asked))
    return ["The refund is settled."]


async def _check(client: Client, asked: argparse.Namespace) -> Lines:
    return [of_check(await Operations(client).check(asked.order))]


async def _reconcile(client: Client, _: argparse.Namespace) -> Lines:
    await Operations(client).reconcile()
    return ["A check of everything has begun, unless one was at work."]


def _steering(asked: argparse.Namespace) -> Steering:
    return Steering(actor=asked.actor, why=asked.reason)


def _minutes(value: str) -> timedelta:
    """Whether it is too much, the workflow says."""
    try:
        return timedelta(minutes=float(value))
    except (ValueError, OverflowError):
        raise argparse.ArgumentTypeError(f"{value!r} are no minutes") from None


def _login_name() -> str:
    """In a container there may be no such name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "command line"


def make_parser() -> argparse.ArgumentParser:
    """Reads a command line; ``command`` of the answer is what to do with it."""
    parser = argparse.ArgumentParser(
        prog="python -m temporal.operations",
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    def add(name: str, command: Command, summary: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=summary, description=summary)
        added.set_defaults(command=command)
        return added

    def about(name: str, command: Command, summary: str) -> argparse.ArgumentParser:
        added = add(name, command, summary)
        added.add_argument("order", metavar="ORDER", help="the order's id")
        return added

    def action(name: str, command: Command, summary: str) -> argparse.ArgumentParser:
        added = about(name, command, summary)
        added.add_argument("--reason", required=True, help="why, for other operators")
        added.add_argument("--actor", default=_login_name(), help="who (default: %(default)s)")
        return added

    some = add("list", _list, "list purchases; open ones begin with the nearest deadline")
    some.add_argument("--state", choices=STATES, default=OPEN, help="(default: %(default)s)")
    some.add_argument("--limit", type=int, default=50, help="(default: %(default)s)")
    about("show", _show, "how a purchase and its refund stand")
    extend = action("extend", _extend, "give the buyer more time, at most an hour from now")
    extend.add_argument("--minutes", type=_minutes, required=True, help="added to the deadline")
    action("cancel", _cancel, "end a purchase: void what the bank holds, free the ticket")
    action("retry-capture", _retry_capture, "have a purchase that waits for Stripe ask again now")
    refund = action("refund", _refund, "refund a complete order, or try a failed refund again")
    refund.add_argument(
        "--ticket", help="the ticket's id, once Temporal has forgotten the purchase"
    )
    action("settle-refund", _settle_refund, "end a failed refund: the money went back otherwise")
    about("check", _check, "hold one order against Stripe and Temporal, and heal what is safe")
    add("reconcile", _reconcile, "check everything now")
    return parser
