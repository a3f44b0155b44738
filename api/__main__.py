"""``python -m api``: serve the API until told to stop."""

import argparse
import gc
import socket
import sys
import time
from typing import Final

import uvicorn
from typing_extensions import override

from api.app import create_app
from api.live.live import Live
from api.providers.settings import ProviderSettings
from api.settings import ApiSettings
from services.auth.passwords import PasswordSettings
from services.database import MongoSettings
from services.limits.rules import LimitSettings
from services.logs import configure_logging
from services.payments.stripe import StripeSettings
from services.settings import SettingError, read_settings
from services.traces import Traces, TraceSettings, tracing
from temporal.client import LAST_BREATH_SECONDS
from temporal.metrics import SdkMetrics
from temporal.settings import TemporalSettings

GRACE_SECONDS: Final = 10
KEPT_SECONDS: Final = 75
"""An idle connection is let go by the other side: nginx does so after 60 s. If both did at once, a
request now and then would be sent into a connection that is being closed."""
DID_NOT_START: Final = 3


def main() -> None:
    """Read the settings, then serve. A wrong setting ends the process with a line that names it."""
    argparse.ArgumentParser(
        prog="python -m api",
        description="Serve the API until told to stop (Ctrl-C or SIGTERM). Reads its settings from "
        "the environment: docs/configuration.md lists them.",
    ).parse_args()
    try:
        settings = read_settings(ApiSettings)
        with tracing(read_settings(TraceSettings), "ticket-exchange-api") as traces:
            started = _serve(settings, traces)
    except SettingError as error:
        sys.exit(str(error))
    time.sleep(LAST_BREATH_SECONDS)
    if not started:
        sys.exit(DID_NOT_START)


def _serve(settings: ApiSettings, traces: Traces | None) -> bool:
    """Until told to stop; False when it could not start."""
    app = create_app(
        settings,
        mongo=read_settings(MongoSettings),
        temporal=read_settings(TemporalSettings),
        stripe=read_settings(StripeSettings),
        passwords=read_settings(PasswordSettings),
        limits=read_settings(LimitSettings),
        providers=read_settings(ProviderSettings),
        sdk=SdkMetrics(),
        traces=traces,
    )
    configure_logging()
    server = Server(
        uvicorn.Config(
            app,
            host=settings.host,
            port=settings.port,
            log_config=None,
            access_log=False,  # RequestContext logs requests, without what is personal in them
            server_header=False,
            proxy_headers=False,  # uvicorn believes what this machine forwards; see api.app
            timeout_graceful_shutdown=GRACE_SECONDS,
            timeout_keep_alive=KEPT_SECONDS,
        )
    )
    _keep_for_good()
    server.run()
    return server.started


def _keep_for_good() -> None:
    """What is there by now stays until the end: nobody looks through it for garbage any more.

    Each time it would hold all requests up for a tenth of a second and more.
    """
    gc.collect()
    gc.freeze()


class Server(uvicorn.Server):
    """Lets open event streams go first: they would last as long as the grace for requests."""

    @override
    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """The rest is uvicorn's, which stops listening before any browser can come back."""
        live: Live = self.config.app.state.live  # type: ignore[union-attr]  # it is our app
        live.close()
        await super().shutdown(sockets)


if __name__ == "__main__":
    main()
