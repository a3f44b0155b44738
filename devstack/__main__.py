"""Run the whole system on this machine: ``python -m devstack`` (``make dev``)."""

import asyncio
import os
import sys
import time
from typing import Annotated

import typer

from devstack.checks import refuse_wrong_settings
from devstack.folder import CHECKOUT, DevFolder, FolderError, dev_dir
from devstack.keeper import StartError
from devstack.mongod import MongodMissingError
from devstack.part import Part
from devstack.seed import seed
from devstack.settings import SettingsError, read_settings, with_dotenv
from devstack.stack import application_environment, stack_from
from devstack.supervisor import StopRequest, supervise
from devstack.temporal import TemporalMissingError
from devstack.terminal import Terminal, address_table

BAD_SETTINGS_EXIT = 2


def main(
    with_seed: Annotated[
        bool, typer.Option("--seed", help="Fill in a few people and listings.")
    ] = False,
) -> None:
    """Run every part of Ticket Exchange on this machine until Ctrl-C.

    Data, logs and process ids are in .dev/ (DEV_DIR). A .env file is read too.

    Ports: PORT, TEMPORAL_PORT, TEMPORAL_UI_PORT, MONGODB_PORT, STRIPE_PORT, MAIL_PORT, SIGNIN_PORT,
    WORKER_METRICS_PORT.

    Yours instead of ours: MONGODB_URI, TEMPORAL_ADDRESS, STRIPE_SECRET_KEY, RESEND_API_KEY,
    GOOGLE_CLIENT_ID, GITHUB_CLIENT_ID.

    Every variable, with its default, is in .env.example.
    """
    environ = with_dotenv(os.environ, CHECKOUT / ".env")
    folder = DevFolder(dev_dir(environ))
    try:
        parts = stack_from(environ)
        refuse_wrong_settings(application_environment(environ))
        folder.prepare()
        with folder.locked():
            folder.note_holder()
            asyncio.run(_run(parts, environ, folder, with_seed=with_seed))
    except SettingsError as error:
        print(error, file=sys.stderr)  # noqa: T201  (a command's answer)
        raise typer.Exit(BAD_SETTINGS_EXIT) from None
    except (FolderError, StartError, MongodMissingError, TemporalMissingError) as error:
        print(error, file=sys.stderr)  # noqa: T201  (a command's answer)
        raise typer.Exit(1) from None


async def _run(
    parts: list[Part], environ: dict[str, str], folder: DevFolder, *, with_seed: bool
) -> None:
    terminal, stop, begun = Terminal(), StopRequest(), time.monotonic()
    stop.listen_to_signals()
    settings, env = read_settings(environ), application_environment(environ)

    async def when_ready() -> None:
        terminal.show(address_table(settings, env, folder))
        terminal.say(
            f"Everything is ready after {time.monotonic() - begun:.1f} s. Ctrl-C stops it."
        )
        if with_seed:
            await seed(settings.our_api, terminal.say)

    terminal.say(f"Starting {', '.join(part.name for part in parts)} (data in {folder.path})…")
    await supervise(parts, folder, say=terminal.say, stop=stop, when_ready=when_ready)
    terminal.say("Stopped.")


if __name__ == "__main__":
    typer.run(main)
