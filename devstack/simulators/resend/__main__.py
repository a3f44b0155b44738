"""Run the mail inbox: ``python -m devstack.simulators.resend``."""

import argparse
from pathlib import Path

import uvicorn

from devstack.simulators.resend.app import InboxSettings, create_app


def main() -> None:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser(
        prog="python -m devstack.simulators.resend",
        description="A stand-in for Resend: keeps what is posted to /emails and sends nothing. "
        "Read it at / in a browser.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=8025, help="port to listen on")
    parser.add_argument(
        "--data", type=Path, default=Path("mail.sqlite"), help="file that keeps the mail"
    )
    options = parser.parse_args()
    app = create_app(InboxSettings(data=options.data))
    uvicorn.run(
        app, host=options.host, port=options.port, log_level="info", timeout_graceful_shutdown=2
    )


if __name__ == "__main__":
    main()
