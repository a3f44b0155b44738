"""Which version of the workers takes new purchases: ``python -m temporal.versions``.

Safe to run again and again, and by several processes at once.
"""

import argparse
import asyncio
import sys
from typing import Final

from temporalio.service import RPCError

from services.settings import SettingError, read_settings
from temporal.client import connect, last_breath
from temporal.deployment import Deployment, VersionState
from temporal.settings import BUILD_ID, DeploymentSettings, TemporalSettings

LOOK_SECONDS: Final = 1
WAIT_SECONDS: Final = 300


class NotYetError(Exception):
    """It has not come about within the time that was given for it."""


async def promote(deployment: Deployment, build_id: str, *, ramp: float | None, wait: float) -> str:
    """Give this version the new work, or a share of it, once its workers poll every queue.

    Raises ``NotYetError`` when they do not within ``wait`` seconds; then nothing has changed.
    """
    await _until_polled(deployment, build_id, wait)
    if ramp is None:
        await deployment.make_current(build_id)
        return f"{build_id} is current: it takes new purchases."
    if await deployment.state(build_id) is VersionState.CURRENT:
        raise NotYetError(f"{build_id} is current already; it takes new purchases, not a share.")
    await deployment.ramp(build_id, ramp)
    return f"{build_id} takes {ramp:g} % of new purchases."


async def await_drained(deployment: Deployment, build_id: str, *, wait: float) -> str:
    """Say that the workers of this version may go.

    Raises ``NotYetError`` when after ``wait`` seconds they still may not.
    """
    deadline = asyncio.get_running_loop().time() + wait
    while True:
        state = await deployment.state(build_id)
        if state in (VersionState.UNKNOWN, VersionState.UNUSED):
            return f"{build_id} has never taken a purchase: its workers may go."
        if state is VersionState.DRAINED:
            return f"{build_id} is drained: its workers may go."
        if state is not VersionState.DRAINING or asyncio.get_running_loop().time() >= deadline:
            left = await deployment.open_pinned(build_id)
            raise NotYetError(f"{build_id} is {state}, {left} open: its workers must stay.")
        await asyncio.sleep(LOOK_SECONDS)


async def _until_polled(deployment: Deployment, build_id: str, wait: float) -> None:
    deadline = asyncio.get_running_loop().time() + wait
    while missing := await deployment.missing(build_id):
        if asyncio.get_running_loop().time() >= deadline:
            raise NotYetError(
                f"No worker of {build_id} polls {', '.join(missing)}; nothing was changed."
            )
        await asyncio.sleep(LOOK_SECONDS)


async def run(arguments: argparse.Namespace) -> str:
    """Connect as the environment says and do what is asked."""
    temporal, settings = read_settings(TemporalSettings), read_settings(DeploymentSettings)
    async with last_breath():
        deployment = Deployment(await connect(temporal), settings.deployment)
        if arguments.drained:
            return await await_drained(deployment, arguments.build_id, wait=arguments.wait or 0)
        wait = WAIT_SECONDS if arguments.wait is None else arguments.wait
        return await promote(deployment, arguments.build_id, ramp=arguments.ramp, wait=wait)


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """The command line, or its help."""
    parser = argparse.ArgumentParser(
        prog="python -m temporal.versions",
        description="Make a version of the workers the current one: new purchases go to it, and "
        "those under way end on the version that they began on. Waits until workers of that "
        "version poll every queue. Repeating it is safe. Reads TEMPORAL_ADDRESS and the other "
        "TEMPORAL_ variables, and WORKER_DEPLOYMENT. Ends with 0 when it is so, 1 when it is not.",
    )
    parser.add_argument(
        "build_id", metavar="BUILD_ID", type=_build_id, help="WORKER_BUILD_ID of those workers"
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--ramp",
        metavar="PERCENT",
        type=_percent,
        help="give it only this share of new purchases, 0 to 100; 0 ends a ramp",
    )
    what.add_argument(
        "--drained",
        action="store_true",
        help="change nothing; say whether its workers may go, because nothing that began on it "
        "is open any more (Temporal notices within about three minutes)",
    )
    parser.add_argument(
        "--wait",
        metavar="SECONDS",
        type=float,
        help=f"how long to wait for it ({WAIT_SECONDS}; with --drained 0)",
    )
    return parser.parse_args(arguments)


def _build_id(text: str) -> str:
    try:
        return BUILD_ID(text or "~")
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _percent(text: str) -> float:
    percent = float(text)
    if not 0 <= percent <= 100:  # noqa: PLR2004 - a percentage
        raise argparse.ArgumentTypeError("between 0 and 100")
    return percent


def main() -> None:
    """Do it, or end with one line that says why not."""
    arguments = parse()
    try:
        print(asyncio.run(run(arguments)))  # noqa: T201 - a command's answer
    except (NotYetError, SettingError) as error:
        sys.exit(str(error))
    except RPCError as error:
        sys.exit(f"Temporal refused, or did not answer: {error.message}")
    except RuntimeError as error:
        sys.exit(f"Temporal (TEMPORAL_ADDRESS) did not answer: {error}")


if __name__ == "__main__":
    main()
