"""The simulator as a process: ``python -m devstack.simulators.stripe --help``."""

import argparse
import asyncio
import logging
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from devstack.simulators.stripe.server import HOST, running_simulator
from devstack.simulators.stripe.settings import StripeSettings


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until SIGTERM or Ctrl-C."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    # Each webhook would be a line of its own.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    Path(options.data).parent.mkdir(parents=True, exist_ok=True)
    settings = StripeSettings(
        data=options.data,
        webhook_url=options.webhook_url,
        webhook_secret=options.webhook_secret,
    )
    try:
        asyncio.run(_serve(settings, options.host, options.port))
    except OSError as error:
        sys.exit(f"Cannot serve the Stripe simulator on port {options.port}: {error}")


async def _serve(settings: StripeSettings, host: str, port: int) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with running_simulator(settings, port=port, host=host) as url:
        logging.getLogger(__name__).info("Stripe simulator at %s, data in %s", url, settings.data)
        await stop.wait()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m devstack.simulators.stripe",
        description="A stand-in for Stripe on 127.0.0.1: the official SDK talks to it, no money"
        " moves. Any sk_test_… and pk_test_… key is good. Hooks for tests are under /_sim.",
    )
    parser.add_argument("--host", default=HOST, help=f"address to listen on; default: {HOST}")
    parser.add_argument(
        "--port",
        type=int,
        default=int(os.environ.get("STRIPE_PORT", "12111")),
        help="port to listen on; default: STRIPE_PORT or 12111; 0 is any free one",
    )
    parser.add_argument(
        "--data",
        default=":memory:",
        metavar="FILE",
        help="where state is kept over restarts; default: in memory only",
    )
    parser.add_argument(
        "--webhook-url",
        metavar="URL",
        help="where signed events are posted; default: events are listed but not posted",
    )
    parser.add_argument(
        "--webhook-secret",
        default=os.environ.get("STRIPE_WEBHOOK_SECRET", StripeSettings.webhook_secret),
        metavar="whsec_…",
        help="signs the events; default: STRIPE_WEBHOOK_SECRET or whsec_simulator",
    )
    return parser


if __name__ == "__main__":
    main()
