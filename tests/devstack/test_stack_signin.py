"""Who signs people in: the real providers, our stand-ins, or one of each."""

import shlex
from pathlib import Path

import pytest

from devstack.folder import DevFolder
from devstack.settings import SettingsError, read_settings
from devstack.stack import application_environment, stack_from
from devstack.terminal import Terminal, address_table
from tests.devstack.test_stack import REAL_GITHUB, REAL_GOOGLE, names

GOOGLE_ADDRESS = "http://127.0.0.1:8090/google"
GITHUB_ADDRESS = "http://127.0.0.1:8090/github"


def signin_command(environ: dict[str, str]) -> str:
    """The command line of the stand-ins."""
    (part,) = (part for part in stack_from(environ) if part.name == "signin")
    return shlex.join(part.command)


def test_both_stand_ins_know_the_application_by_what_it_is_told() -> None:
    told, command = application_environment({}), signin_command({})
    for name in ("GOOGLE", "GITHUB"):
        client = f"{told[f'{name}_CLIENT_ID']} {told[f'{name}_CLIENT_SECRET']}"
        assert f"--{name.lower()}-client {client}" in command


@pytest.mark.parametrize(
    ("environ", "real", "ours"),
    [(REAL_GOOGLE, "GOOGLE", "GITHUB"), (REAL_GITHUB, "GITHUB", "GOOGLE")],
)
def test_a_real_provider_goes_together_with_a_stand_in(
    environ: dict[str, str], real: str, ours: str
) -> None:
    told, command = application_environment(environ), signin_command(environ)
    assert (told[f"{real}_CLIENT_ID"], told[f"{real}_CLIENT_SECRET"]) == ("mine", "my-secret")
    assert told[f"{ours}_CLIENT_ID"] == f"{ours.lower()}-devstack"
    assert f"--{ours.lower()}-client" in command
    assert f"--{real.lower()}-client" not in command
    assert "my-secret" not in command


def test_a_real_application_is_not_sent_to_the_stand_ins() -> None:
    told = application_environment({**REAL_GOOGLE, **REAL_GITHUB})
    assert not {"GOOGLE_ISSUER", "GITHUB_URL", "GITHUB_API_URL"} & told.keys()


@pytest.mark.parametrize(
    ("environ", "missing"),
    [
        ({"GOOGLE_CLIENT_ID": "mine"}, "GOOGLE_CLIENT_SECRET"),
        ({"GITHUB_CLIENT_ID": "mine"}, "GITHUB_CLIENT_SECRET"),
        ({"GOOGLE_ISSUER": "https://issuer.example"}, "GOOGLE_CLIENT_ID"),
        ({"GITHUB_URL": "https://github.example"}, "GITHUB_CLIENT_ID"),
    ],
)
def test_a_real_application_must_be_complete(environ: dict[str, str], missing: str) -> None:
    with pytest.raises(SettingsError, match=f"^{missing} is needed"):
        stack_from(environ)


@pytest.mark.parametrize(
    "environ",
    [
        {**REAL_GOOGLE, "GOOGLE_ISSUER": GOOGLE_ADDRESS},
        {**REAL_GITHUB, "GITHUB_URL": GITHUB_ADDRESS},
    ],
)
def test_an_application_of_yours_can_be_used_with_a_stand_in(environ: dict[str, str]) -> None:
    assert "signin" in names({**REAL_GOOGLE, **REAL_GITHUB, **environ})
    assert "-client mine my-secret" in signin_command(environ)


def test_a_secret_of_yours_reaches_both_sides() -> None:
    environ = {"GOOGLE_CLIENT_SECRET": "my-secret"}
    assert application_environment(environ)["GOOGLE_CLIENT_SECRET"] == "my-secret"
    assert "google-devstack my-secret" in signin_command(environ)


def test_the_callback_follows_the_public_address() -> None:
    command = signin_command({"PUBLIC_URL": "https://tickets.example/"})
    assert "https://tickets.example/api/auth/google/callback" in command


def test_the_api_address_that_githubs_machines_set_is_for_the_real_one_only() -> None:
    theirs = {"GITHUB_API_URL": "https://api.github.com"}
    assert application_environment(theirs)["GITHUB_API_URL"] == f"{GITHUB_ADDRESS}/api"
    told = application_environment({**REAL_GITHUB, **theirs})
    assert told["GITHUB_API_URL"] == "https://api.github.com"


@pytest.mark.parametrize(
    ("environ", "shown"),
    [
        ({}, "http://127.0.0.1:8090 (stand-in for Google and GitHub)"),
        (REAL_GOOGLE, "http://127.0.0.1:8090 (stand-in for GitHub), the real Google"),
        ({**REAL_GOOGLE, **REAL_GITHUB}, "the real Google, the real GitHub"),
    ],
)
def test_the_supervisor_says_where_people_sign_in(
    environ: dict[str, str], shown: str, tmp_path: Path
) -> None:
    told = application_environment(environ)
    table = address_table(read_settings(environ), told, DevFolder(tmp_path))
    terminal = Terminal()
    terminal.width = 200
    with terminal.capture() as captured:
        terminal.show(table)
    assert shown in captured.get()
