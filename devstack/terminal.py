"""What a person sees of the stack; it goes on when nobody looks any more."""

import os
import sys
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from rich.console import Console
from rich.table import Table

from devstack.folder import DevFolder
from devstack.settings import StackSettings
from devstack.signin import simulated
from devstack.simulators.signin.settings import Provider

FRONT_DOOR: Final = "Web client, API"


class Terminal(Console):
    """A console that goes quiet, instead of failing, when its terminal or pipe goes away.

    The stack must then stop in peace, or go on, but not end on its own last words.
    """

    def __init__(self) -> None:
        super().__init__(highlight=False)

    def say(self, text: str) -> None:
        """Print one message as it is."""
        self._attempt(text, soft_wrap=True)

    def show(self, table: Table) -> None:
        """Print a table."""
        self._attempt(table, soft_wrap=False)

    def on_broken_pipe(self) -> None:
        self._write_nowhere()  # the base class ends the program here

    def _attempt(self, content: str | Table, *, soft_wrap: bool) -> None:
        try:
            self.print(content, markup=False, soft_wrap=soft_wrap)
        except OSError:
            self._write_nowhere()

    def _write_nowhere(self) -> None:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def address_table(settings: StackSettings, env: Mapping[str, str], folder: DevFolder) -> Table:
    """Where everything is; real outside parties are named, their secrets are not."""
    ours = "simulator" if settings.simulates_stripe else "the real one"
    inbox = settings.our_mail if settings.simulates_mail else "the real Resend"
    rows = {
        FRONT_DOOR: env["PUBLIC_URL"],
        "Temporal UI": env["TEMPORAL_UI_URL"],
        "Temporal": env["TEMPORAL_ADDRESS"],
        "MongoDB": _without_secrets(env["MONGODB_URI"]),
        "Stripe": f"{env.get('STRIPE_API_BASE', '')} ({ours})".strip(),
        "Mail inbox": inbox,
        "Sign-in": _sign_in(settings),
        "Metrics": f"{env['PUBLIC_URL']}/metrics, worker: http://{env['WORKER_METRICS_ADDRESS']}",
        "Logs": str(folder.log),
    }
    table = Table(show_header=False, title="Ready", title_justify="left")
    table.add_column()
    table.add_column(overflow="fold")
    for name, address in rows.items():
        table.add_row(name, address, style="bold" if name == FRONT_DOOR else "")
    return table


def _sign_in(settings: StackSettings) -> str:
    """Where people say who they are."""
    ours = [provider.label for provider in simulated(settings)]
    real = [provider.label for provider in Provider if provider.label not in ours]
    at_ours = [f"{settings.our_signin} (stand-in for {' and '.join(ours)})"] if ours else []
    return ", ".join([*at_ours, *(f"the real {name}" for name in real)])


def _without_secrets(uri: str) -> str:
    """A connection string without user, password and options."""
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
