"""Google and GitHub, or our stand-ins: what runs, and what the API is told about them."""

import sys
from collections.abc import Mapping
from pathlib import Path

from devstack.settings import StackSettings
from devstack.simulators.signin.settings import OUR_CLIENTS, Provider


def signin_command(settings: StackSettings, *, env: Mapping[str, str], data: Path) -> list[str]:
    """The stand-ins, knowing the application by what it has been told itself."""
    command = [
        *(sys.executable, "-m", "devstack.simulators.signin"),
        *("--port", str(settings.signin_port)),
        *("--data", str(data)),
    ]
    for provider in simulated(settings):
        name = provider.upper()
        callback = f"{env['PUBLIC_URL'].rstrip('/')}/api/auth/{provider}/callback"
        command += [
            *(f"--{provider}-client", env[f"{name}_CLIENT_ID"], env[f"{name}_CLIENT_SECRET"]),
            *(f"--{provider}-redirect-uri", callback),
        ]
    return command


def signin_clients(settings: StackSettings) -> dict[str, str]:
    """Ids and secrets for the API, unless somebody has set their own."""
    told: dict[str, str] = {}
    for provider in simulated(settings):
        client_id, secret = OUR_CLIENTS[provider]
        told[f"{provider.upper()}_CLIENT_ID"] = client_id
        told[f"{provider.upper()}_CLIENT_SECRET"] = secret
    return told


def signin_addresses(settings: StackSettings) -> dict[str, str]:
    """Where the API finds the stand-ins.

    These win over the environment: GitHub's own runners and workspaces set GITHUB_API_URL.
    """
    told: dict[str, str] = {}
    if settings.simulates_google:
        told["GOOGLE_ISSUER"] = settings.our_google
    if settings.simulates_github:
        told["GITHUB_URL"] = settings.our_github
        told["GITHUB_API_URL"] = f"{settings.our_github}/api"
    return told


def simulated(settings: StackSettings) -> list[Provider]:
    """The providers that are not the real ones."""
    ours = {
        Provider.GOOGLE: settings.simulates_google,
        Provider.GITHUB: settings.simulates_github,
    }
    return [provider for provider, is_ours in ours.items() if is_ours]
