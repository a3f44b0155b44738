"""The settings alone decide what the stack consists of and what the applications are told."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from devstack.settings import SettingsError, with_dotenv
from devstack.stack import PLENTY, application_environment, stack_from
from services.limits.rules import Rule

EVERYTHING = ["mongod", "temporal", "bootstrap", "stripe", "mail", "signin", "worker", "api"]
REAL_STRIPE = {
    "STRIPE_SECRET_KEY": "sk_test_mine",
    "STRIPE_PUBLISHABLE_KEY": "pk_test_mine",
    "STRIPE_WEBHOOK_SECRET": "whsec_mine",
}
REAL_GOOGLE = {"GOOGLE_CLIENT_ID": "mine", "GOOGLE_CLIENT_SECRET": "my-secret"}
REAL_GITHUB = {"GITHUB_CLIENT_ID": "mine", "GITHUB_CLIENT_SECRET": "my-secret"}


def names(environ: Mapping[str, str]) -> list[str]:
    return [part.name for part in stack_from(environ)]


def test_without_settings_everything_runs_here() -> None:
    assert names({}) == EVERYTHING
    env = application_environment({})
    assert env["MONGODB_URI"] == "mongodb://127.0.0.1:27017/?replicaSet=rs0"
    assert env["TEMPORAL_ADDRESS"] == "127.0.0.1:7233"
    assert env["TEMPORAL_UI_URL"] == "http://127.0.0.1:8233"
    assert env["PUBLIC_URL"] == "http://127.0.0.1:8000"
    assert env["STRIPE_API_BASE"] == "http://127.0.0.1:12111"
    assert env["STRIPE_JS_URL"] == "http://127.0.0.1:12111/v3/"
    assert env["STRIPE_SECRET_KEY"] == "sk_test_devstack"
    assert env["RESEND_API_URL"] == "http://127.0.0.1:8025"
    assert env["GOOGLE_ISSUER"] == "http://127.0.0.1:8090/google"
    assert env["GITHUB_URL"] == "http://127.0.0.1:8090/github"
    assert env["GITHUB_API_URL"] == "http://127.0.0.1:8090/github/api"
    assert env["ENVIRONMENT"] == "dev"


@pytest.mark.parametrize(
    ("environ", "left_out"),
    [
        ({"MONGODB_URI": "mongodb://elsewhere/"}, "mongod"),
        ({"TEMPORAL_ADDRESS": "elsewhere:7233"}, "temporal"),
        (REAL_STRIPE, "stripe"),
        ({"RESEND_API_KEY": "re_mine"}, "mail"),
        ({**REAL_GOOGLE, **REAL_GITHUB}, "signin"),
    ],
)
def test_a_part_of_yours_replaces_ours(environ: dict[str, str], left_out: str) -> None:
    assert names(environ) == [name for name in EVERYTHING if name != left_out]
    told = application_environment(environ)
    assert environ.items() <= told.items()


def test_here_only_limits_that_a_crowd_would_share_are_wide() -> None:
    told = application_environment({"LIMIT_LOGIN": "1/minute"})
    wide = {name for name, value in told.items() if value == PLENTY}
    by_one = ("_account", "_email", "_user")
    shared = {f"LIMIT_{rule}".upper() for rule in Rule if not rule.endswith(by_one)}
    assert wide == shared - {"LIMIT_LOGIN"}
    assert told["LIMIT_LOGIN"] == "1/minute"
    assert {name for name in told if name.startswith("LIMIT_")} - shared == {"LIMIT_RESERVE_USER"}


def test_a_real_account_is_not_sent_to_the_simulators() -> None:
    told = application_environment({**REAL_STRIPE, "RESEND_API_KEY": "re_mine"})
    assert "STRIPE_API_BASE" not in told
    assert "STRIPE_JS_URL" not in told
    assert "RESEND_API_URL" not in told


def test_a_key_of_yours_can_be_used_with_the_simulator() -> None:
    environ = {"STRIPE_SECRET_KEY": "sk_test_mine", "STRIPE_API_BASE": "http://127.0.0.1:12111"}
    assert names(environ) == EVERYTHING
    assert application_environment(environ)["STRIPE_SECRET_KEY"] == "sk_test_mine"


def test_a_real_account_must_be_complete() -> None:
    with pytest.raises(SettingsError, match="STRIPE_PUBLISHABLE_KEY is needed"):
        stack_from({"STRIPE_SECRET_KEY": "sk_live_mine"})


def test_a_webhook_secret_of_yours_reaches_both_sides() -> None:
    parts = {part.name: part for part in stack_from({"STRIPE_WEBHOOK_SECRET": "whsec_mine"})}
    assert "whsec_mine" in parts["stripe"].command
    assert parts["api"].env["STRIPE_WEBHOOK_SECRET"] == "whsec_mine"


def test_ports_move_together_with_what_is_told_about_them() -> None:
    environ = {
        "PORT": "9000",
        "MONGODB_PORT": "9001",
        "TEMPORAL_PORT": "9002",
        "TEMPORAL_UI_PORT": "9003",
        "STRIPE_PORT": "9004",
        "MAIL_PORT": "9005",
        "SIGNIN_PORT": "9006",
        "WORKER_METRICS_PORT": "9007",
    }
    ports = [port for part in stack_from(environ) for port in part.ports.values()]
    told = application_environment(environ)
    assert sorted(ports) == list(range(9000, 9008))
    assert told["PUBLIC_URL"] == "http://127.0.0.1:9000"
    assert told["STRIPE_API_BASE"] == "http://127.0.0.1:9004"
    assert told["STRIPE_JS_URL"] == "http://127.0.0.1:9004/v3/"
    assert told["WORKER_METRICS_ADDRESS"] == "127.0.0.1:9007"
    assert told["GOOGLE_ISSUER"] == "http://127.0.0.1:9006/google"
    parts = {part.name: part for part in stack_from(environ)}
    assert "http://127.0.0.1:9000/api/webhooks/stripe" in parts["stripe"].command
    for provider in ("google", "github"):
        callback = f"http://127.0.0.1:9000/api/auth/{provider}/callback"
        assert callback in parts["signin"].command


@pytest.mark.parametrize(("port", "metrics"), [("8000", 9464), ("9000", 10464), ("65000", 63536)])
def test_the_workers_metrics_move_with_the_api_unless_they_have_a_port_of_their_own(
    port: str, metrics: int
) -> None:
    parts = {part.name: part for part in stack_from({"PORT": port})}
    assert parts["worker"].ports == {"WORKER_METRICS_PORT": metrics}
    assert parts["worker"].env["WORKER_METRICS_ADDRESS"] == f"127.0.0.1:{metrics}"


def test_an_address_of_yours_for_the_workers_metrics_is_only_passed_on() -> None:
    parts = {part.name: part for part in stack_from({"WORKER_METRICS_ADDRESS": "0.0.0.0:1"})}
    assert parts["worker"].ports == {}
    assert parts["worker"].env["WORKER_METRICS_ADDRESS"] == "0.0.0.0:1"


def test_the_applications_start_after_everything_that_they_need() -> None:
    parts = {part.name: part for part in stack_from({})}
    assert set(parts["api"].after) == set(parts["worker"].after) == set(EVERYTHING[:6])
    assert parts["bootstrap"].after == ["temporal"]


def test_other_settings_reach_the_applications() -> None:
    told = application_environment({"RESERVATION_WINDOW": "20", "PASSWORD_ROUNDS": "3"})
    assert (told["RESERVATION_WINDOW"], told["PASSWORD_ROUNDS"]) == ("20", "3")


@pytest.mark.parametrize(
    ("environ", "sentence"),
    [
        ({"RESERVATION_WINDOW": "abc"}, r"^RESERVATION_WINDOW=abc: "),
        ({"RESERVATION_WINDOW": "0"}, r"^RESERVATION_WINDOW=0: "),
        ({"HOLD_EXTENSION": "-1"}, r"^HOLD_EXTENSION=-1: "),
        ({"PORT": "http"}, r"^PORT=http: "),
        ({"MAIL_PORT": "70000"}, r"^MAIL_PORT=70000: "),
        ({"PORT": "8025"}, r"^MAIL_PORT and PORT are both 8025$"),
    ],
)
def test_a_bad_setting_is_named(environ: dict[str, str], sentence: str) -> None:
    with pytest.raises(SettingsError, match=sentence):
        stack_from(environ)


def test_the_environment_wins_over_dotenv(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text("PORT=9000\nMAIL_PORT=9005\nSTRIPE_SECRET_KEY=\n")
    merged = with_dotenv({"PORT": "9100", "MAIL_PORT": ""}, dotenv)
    assert merged == {"PORT": "9100", "MAIL_PORT": "9005"}
    assert with_dotenv({}, tmp_path / "none") == {}


def test_a_proxy_of_the_network_is_not_asked_for_our_own_parts() -> None:
    told = application_environment({"http_proxy": "http://proxy:3128", "NO_PROXY": "intranet"})
    assert told["no_proxy"] == told["NO_PROXY"] == "intranet,127.0.0.1,localhost"


def test_the_worker_keeps_the_bytecode_of_workflows_whatever_the_environment_says() -> None:
    parts = {part.name: part for part in stack_from({"PYTHONDONTWRITEBYTECODE": "1"})}

    assert parts["worker"].env["PYTHONDONTWRITEBYTECODE"] == ""
    assert parts["api"].env["PYTHONDONTWRITEBYTECODE"] == "1"
