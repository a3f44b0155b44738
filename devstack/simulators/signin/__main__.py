"""Run the stand-ins: ``python -m devstack.simulators.signin --help``."""

import argparse
import asyncio
import logging
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from devstack.simulators.signin.app import running_signin
from devstack.simulators.signin.settings import Provider, Registration, SigninSettings

EXAMPLE = """example:
  python -m devstack.simulators.signin --port 8090 --data signin.sqlite \\
    --google-client my-id my-secret \\
    --google-redirect-uri http://127.0.0.1:8000/api/auth/google/callback

  issuer for the application: http://127.0.0.1:8090/google
  GitHub for the application: http://127.0.0.1:8090/github, its API: …/github/api
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until SIGTERM or Ctrl-C."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    settings = SigninSettings(
        data=options.data,
        google=_registration(Provider.GOOGLE, options),
        github=_registration(Provider.GITHUB, options),
    )
    try:
        asyncio.run(_serve(settings, options.host, options.port))
    except OSError as error:
        sys.exit(f"Cannot serve the sign-in stand-ins on port {options.port}: {error}")


async def _serve(settings: SigninSettings, host: str, port: int) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with running_signin(settings, port=port, host=host) as url:
        logging.getLogger(__name__).info("Sign-in stand-ins at %s, data in %s", url, settings.data)
        await stop.wait()


def _registration(provider: Provider, options: argparse.Namespace) -> Registration:
    """What the command line says; what it leaves out is as ``make dev`` has it."""
    usual: Registration = SigninSettings.model_fields[provider].default
    clients = getattr(options, f"{provider}_client")
    redirect_uris = getattr(options, f"{provider}_redirect_uri")
    return Registration(
        clients=dict(clients) if clients else usual.clients,
        redirect_uris=frozenset(redirect_uris) if redirect_uris else usual.redirect_uris,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m devstack.simulators.signin",
        description="Stand-ins for Google and GitHub on 127.0.0.1: an application signs people in"
        " with OpenID Connect or OAuth (code flow, PKCE with S256 required), and whoever is at the"
        " browser says who they are. The people known so far are listed at /. Hooks for tests are"
        " under /_sim.",
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to listen on; default: 127.0.0.1"
    )
    parser.add_argument(
        "--port", type=int, default=8090, help="port to listen on; default: 8090; 0 is any free one"
    )
    parser.add_argument(
        "--data",
        type=Path,
        default=Path("signin.sqlite"),
        metavar="FILE",
        help="keeps people and the signing key over restarts; default: signin.sqlite",
    )
    for provider in Provider:
        usual: Registration = SigninSettings.model_fields[provider].default
        (client,) = usual.clients.items()
        parser.add_argument(
            f"--{provider}-client",
            nargs=2,
            action="append",
            metavar=("ID", "SECRET"),
            help=f"an application that {provider.label} knows; may be repeated;"
            f" default: {' '.join(client)}",
        )
        parser.add_argument(
            f"--{provider}-redirect-uri",
            action="append",
            metavar="URI",
            help="where it may send people back to; may be repeated;"
            f" default: {', '.join(usual.redirect_uris)}",
        )
    return parser


if __name__ == "__main__":
    main()
