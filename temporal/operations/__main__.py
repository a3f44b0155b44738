"""``python -m temporal.operations``: see purchases and steer them, with nothing but Temporal."""

import argparse
import asyncio
import sys

from pydantic import ValidationError
from temporalio.service import RPCError

from temporal.calls import NobodyAnsweredError, TooLateError
from temporal.client import connect, last_breath
from temporal.operations.actions import NotScheduledError, RefusedError
from temporal.operations.commands import Command, make_parser
from temporal.settings import TemporalSettings


async def main(asked: argparse.Namespace) -> int:
    """Do what is asked and say so; or say in one line why not, and answer 1."""
    settings = TemporalSettings()
    command: Command = asked.command
    failed = 0
    try:
        async with last_breath():
            for line in await command(await connect(settings, lazy=True), asked):
                print(line)  # noqa: T201 - a command's answer
    except (TooLateError, NobodyAnsweredError, ValidationError, RPCError) as error:
        print(_why(error, settings.address), file=sys.stderr)  # noqa: T201 - a command's answer
        failed = 1
    return failed


def _why(error: Exception, address: str) -> str:
    match error:
        case RefusedError():
            return str(error)
        case TooLateError():
            return "It is too late for that, or there never was such an order."
        case NotScheduledError():
            return "This namespace has no schedule: run python -m temporal.bootstrap first."
        case NobodyAnsweredError():
            return f"No answer from Temporal at {address}, or its workers; it may still be done."
        case ValidationError():
            first = error.errors()[0]
            return f"{first['loc'][0]}: {first['msg']}"
        case _:
            return f"Temporal at {address}: {error}"


if __name__ == "__main__":
    sys.exit(asyncio.run(main(make_parser().parse_args())))
