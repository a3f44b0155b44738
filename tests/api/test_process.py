"""``python -m api``, as a process."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import httpx
import pytest

from services.database import MongoSettings
from tests.servers import free_port

SECONDS = 60


def the_api(**environment: str) -> subprocess.Popen[str]:
    """The process, told only this; what is empty it is not told at all."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    defaults = {"STRIPE_SECRET_KEY": "sk_test_1", "TEMPORAL_ADDRESS": "127.0.0.1:1"}
    told = {**kept, **defaults, **environment}
    return subprocess.Popen(
        [sys.executable, "-m", "api"],
        env={name: value for name, value in told.items() if value},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def answers(address: str) -> bool:
    try:
        return httpx.get(address).is_success
    except httpx.HTTPError:
        return False


@contextmanager
def running_api(
    mongo: MongoSettings, **environment: str
) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """The process and its port; it serves inside the block and is told to stop after it."""
    port = free_port()
    process = the_api(
        PORT=str(port),
        MONGODB_URI=mongo.uri,
        MONGODB_DATABASE_PREFIX=mongo.database_prefix,
        **environment,
    )
    deadline = time.monotonic() + SECONDS
    try:
        while not answers(f"http://127.0.0.1:{port}/healthz"):
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield process, port
    finally:
        process.send_signal(signal.SIGTERM)


def test_serves_without_temporal_logs_json_and_stops_when_told(
    mongo_settings: MongoSettings,
) -> None:
    with running_api(mongo_settings) as (process, _):
        pass
    out, err = process.communicate(timeout=SECONDS)
    assert process.returncode in {0, -signal.SIGTERM}
    assert out == ""
    events = [json.loads(line) for line in err.splitlines()]
    assert {"request", "Application shutdown complete."} <= {event["event"] for event in events}


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"STRIPE_SECRET_KEY": ""}, "STRIPE_SECRET_KEY"),
        ({"RESERVATION_WINDOW": "soon"}, "RESERVATION_WINDOW"),
        ({"PORT": "99999"}, "PORT"),
        ({"PUBLIC_URL": "shop.example"}, "PUBLIC_URL"),
        ({"PASSWORD_ROUNDS": "0"}, "PASSWORD_ROUNDS"),
        ({"LIMIT_LOGIN_ACCOUNT": "often"}, "LIMIT_LOGIN_ACCOUNT"),
        ({"TRUSTED_PROXIES": "*"}, "TRUSTED_PROXIES"),
        ({"TRUSTED_ORIGINS": "*"}, "TRUSTED_ORIGINS"),
        ({"OPEN_HOLDS": "0"}, "OPEN_HOLDS"),
        ({"GOOGLE_CLIENT_ID": "x"}, "GOOGLE_CLIENT_SECRET"),
        ({"GITHUB_CLIENT_ID": "x"}, "GITHUB_CLIENT_SECRET"),
        ({"GITHUB_CLIENT_SECRET": "x"}, "GITHUB_CLIENT_SECRET"),
        ({"GOOGLE_ISSUER": "accounts.google.com"}, "GOOGLE_ISSUER"),
        ({"OTEL_TRACES_EXPORTER": "console"}, "OTEL_TRACES_EXPORTER"),
    ],
)
def test_a_wrong_setting_ends_it_with_one_line_that_names_it(
    environment: Mapping[str, str], named: str
) -> None:
    process = the_api(**environment)
    out, err = process.communicate(timeout=SECONDS)
    assert process.returncode == 1
    assert out == ""
    assert err.startswith(f"{named}: ")
    assert err.count("\n") == 1


def test_without_mongodb_it_ends_and_says_why() -> None:
    process = the_api(MONGODB_URI="mongodb://127.0.0.1:1/?replicaSet=rs0", PORT=str(free_port()))
    _, err = process.communicate(timeout=SECONDS)
    assert process.returncode not in {0, None}
    lines = [json.loads(line)["event"] for line in err.splitlines()]
    (reason,) = [line for line in lines if "MONGODB_URI" in line]
    assert "\n" not in reason


def test_what_is_there_when_serving_begins_is_not_looked_through_for_garbage() -> None:
    """Modules, routes and models are some hundred thousand objects that stay."""
    instead = (
        "import gc, uvicorn\n"
        "def told(*_): print(gc.get_freeze_count())\n"
        "told()\n"
        "uvicorn.Server.run = told\n"
        "from api.__main__ import main\n"
        "main()\n"
    )
    done = subprocess.run(  # noqa: S603 - a program of ours
        [sys.executable, "-c", instead],
        env={"PATH": os.environ["PATH"], "STRIPE_SECRET_KEY": "sk_test_1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS * 2,
    )
    before, serving = map(int, done.stdout.split())
    assert before == 0
    assert serving > 100_000
