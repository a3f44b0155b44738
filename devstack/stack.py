"""What the stack consists of, decided by its settings alone."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from devstack.folder import dev_dir
from devstack.mongod import become_primary, find_mongod, mongod_command, mongod_uri
from devstack.part import Part
from devstack.ready import answers
from devstack.settings import SettingsError, StackSettings, read_settings
from devstack.signin import signin_addresses, signin_clients, signin_command, simulated
from devstack.temporal import find_temporal, temporal_answers, temporal_command

LIMITS_BY_ADDRESS: Final = (
    "LIMIT_REGISTRATION",
    "LIMIT_LOGIN",
    "LIMIT_PASSWORD_RESET",
    "LIMIT_CONFIRM",
    "LIMIT_SIGN_IN_PROVIDER",
    "LIMIT_RESERVE",
    "LIMIT_WEBHOOK",
    "LIMIT_REPORT",
)
PLENTY: Final = "10000/minute"
"""Here everybody has the same address: one machine may well register 200 people a minute."""
COMPILED: Final = {"PYTHONDONTWRITEBYTECODE": ""}
"""The sandbox imports workflow code anew for each workflow: without files of bytecode beside it, it
is compiled each time. Images have them."""
MANY_ORDERS: Final = "120/minute"
"""For scripts that buy one ticket after the other. The other limits by account, which no crowd
shares, are as strict as anywhere."""


def stack_from(environ: Mapping[str, str]) -> list[Part]:
    """The parts in start order. A setting of a real outside party leaves our stand-in out."""
    settings, data = read_settings(environ), dev_dir(environ).absolute() / "data"
    env = application_environment(environ)
    parts: list[Part] = []
    if settings.mongodb_uri is None:
        parts.append(_mongod(settings, data, environ))
    if settings.temporal_address is None:
        parts.append(_temporal(settings, data, environ))
    parts.append(_bootstrap(env, after=["temporal"] if settings.temporal_address is None else []))
    if settings.simulates_stripe:
        parts.append(_stripe(settings, data, env))
    if settings.simulates_mail:
        parts.append(_mail(settings, data, environ))
    if simulated(settings):
        parts.append(_signin(settings, data, env, environ))
    needs = [part.name for part in parts]
    parts += _applications(settings, env, needs)
    _refuse_shared_ports(parts)
    return parts


def _refuse_shared_ports(parts: list[Part]) -> None:
    taken: dict[int, str] = {}
    for variable, port in (each for part in parts for each in part.ports.items()):
        if port in taken:
            raise SettingsError(f"{taken[port]} and {variable} are both {port}")
        taken[port] = variable


def application_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """What api, worker and bootstrap are told; whatever is set already wins."""
    settings = read_settings(environ)
    defaults = {
        "PORT": str(settings.port),
        "PUBLIC_URL": settings.our_api,
        "ENVIRONMENT": "dev",
        "MONGODB_URI": mongod_uri(settings.mongodb_port),
        "TEMPORAL_ADDRESS": f"127.0.0.1:{settings.temporal_port}",
        "TEMPORAL_NAMESPACE": settings.temporal_namespace,
        "TEMPORAL_UI_URL": settings.our_temporal_ui,
        "MAIL_FROM": "Ticket Exchange <tickets@example.com>",
        "WORKER_METRICS_ADDRESS": settings.our_worker_metrics,
        "PYTHONUNBUFFERED": "1",
        **dict.fromkeys(LIMITS_BY_ADDRESS, PLENTY),
        "LIMIT_RESERVE_USER": MANY_ORDERS,
    }
    if settings.simulates_stripe:
        defaults |= {
            "STRIPE_SECRET_KEY": settings.stripe_secret_key,
            "STRIPE_PUBLISHABLE_KEY": "pk_test_devstack",
            "STRIPE_WEBHOOK_SECRET": "whsec_devstack",
            "STRIPE_API_BASE": settings.our_stripe,
            "STRIPE_JS_URL": f"{settings.our_stripe}/v3/",
        }
    if settings.simulates_mail:
        defaults |= {"RESEND_API_KEY": settings.resend_api_key, "RESEND_API_URL": settings.our_mail}
    defaults |= signin_clients(settings)
    theirs = {name: value for name, value in environ.items() if value}
    return defaults | theirs | signin_addresses(settings) | _past_proxies(environ)


def _past_proxies(environ: Mapping[str, str]) -> dict[str, str]:
    """A proxy of the person's network cannot reach our simulators: they are asked directly."""
    named = environ.get("no_proxy") or environ.get("NO_PROXY")
    direct = ",".join(filter(None, [named, "127.0.0.1", "localhost"]))
    return {"no_proxy": direct, "NO_PROXY": direct}


def _mongod(settings: StackSettings, data: Path, environ: Mapping[str, str]) -> Part:
    port = settings.mongodb_port
    return Part(
        "mongod",
        mongod_command(find_mongod(), port=port, data=data / "mongod"),
        environ,
        ready=lambda: become_primary(port),
        data=data / "mongod",
        ports={"MONGODB_PORT": port},
        grace=20,
    )


def _temporal(settings: StackSettings, data: Path, environ: Mapping[str, str]) -> Part:
    binary, address = find_temporal(), f"127.0.0.1:{settings.temporal_port}"
    namespace = settings.temporal_namespace
    command = temporal_command(
        binary,
        port=settings.temporal_port,
        ui_port=settings.temporal_ui_port,
        database=data / "temporal" / "temporal.db",
        namespace=namespace,
    )
    return Part(
        "temporal",
        command,
        environ,
        ready=lambda: temporal_answers(binary, address, namespace),
        data=data / "temporal",
        ports={
            "TEMPORAL_PORT": settings.temporal_port,
            "TEMPORAL_UI_PORT": settings.temporal_ui_port,
        },
    )


def _bootstrap(env: Mapping[str, str], after: list[str]) -> Part:
    command = [sys.executable, "-m", "temporal.bootstrap"]
    return Part("bootstrap", command, env, after=after, once=True)


def _stripe(settings: StackSettings, data: Path, env: Mapping[str, str]) -> Part:
    command = [
        *(sys.executable, "-m", "devstack.simulators.stripe"),
        *("--port", str(settings.stripe_port)),
        *("--data", str(data / "stripe" / "stripe.sqlite")),
        *("--webhook-url", f"{settings.our_api}/api/webhooks/stripe"),
        *("--webhook-secret", env["STRIPE_WEBHOOK_SECRET"]),
    ]
    return Part(
        "stripe",
        command,
        env,
        ready=answers(f"{settings.our_stripe}/healthz"),
        data=data / "stripe",
        ports={"STRIPE_PORT": settings.stripe_port},
    )


def _mail(settings: StackSettings, data: Path, environ: Mapping[str, str]) -> Part:
    command = [
        *(sys.executable, "-m", "devstack.simulators.resend"),
        *("--port", str(settings.mail_port)),
        *("--data", str(data / "mail" / "mail.sqlite")),
    ]
    return Part(
        "mail",
        command,
        environ,
        ready=answers(f"{settings.our_mail}/healthz"),
        data=data / "mail",
        ports={"MAIL_PORT": settings.mail_port},
    )


def _signin(
    settings: StackSettings, data: Path, env: Mapping[str, str], environ: Mapping[str, str]
) -> Part:
    return Part(
        "signin",
        signin_command(settings, env=env, data=data / "signin" / "signin.sqlite"),
        environ,
        ready=answers(f"{settings.our_signin}/healthz"),
        data=data / "signin",
        ports={"SIGNIN_PORT": settings.signin_port},
    )


def _applications(settings: StackSettings, env: Mapping[str, str], needs: list[str]) -> list[Part]:
    """Worker and API; the API is ready when a worker polls, so that one answer is for both."""
    ready = answers(f"{settings.our_api}/readyz")
    ours = settings.worker_metrics_address is None
    worker = Part(
        "worker",
        [sys.executable, "-m", "workers"],
        {**env, **COMPILED},
        ready=ready,
        after=needs,
        ports={"WORKER_METRICS_PORT": settings.our_worker_metrics_port} if ours else {},
    )
    api = Part(
        "api",
        [sys.executable, "-m", "api"],
        env,
        ready=ready,
        after=needs,
        ports={"PORT": settings.port},
    )
    return [worker, api]
