"""docs/configuration.md and .env.example say what the classes of settings say; wrong ones stop."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any, Final

import pytest
from pydantic_settings import BaseSettings

from devstack.checks import READ
from devstack.configuration import DOCUMENT, FOLDERS, processes, settings, written
from devstack.folder import CHECKOUT
from services.settings import SettingError, read_settings, variables_of

NEEDED: Final = {"STRIPE_SECRET_KEY": "sk_test_1", "RESEND_API_KEY": "re_1"}
ARGUMENTS: Final = {
    "services": ["grant-operator", "ann@example.com"],
    "temporal.versions": ["a"],
}
"""What a process must be told on its command line before it reads anything."""

KINDS: Final = list(dict.fromkeys(kind for kinds in processes().values() for kind in kinds))
READERS: Final = [(process, kind) for process, kinds in processes().items() for kind in kinds]


FREE: Final = frozenset(
    {
        *("HOST", "MAIL_FROM", "UI_DIR", "STRIPE_PUBLISHABLE_KEY"),
        *("GOOGLE_CLIENT_ID", "GITHUB_CLIENT_ID"),
        *("TEMPORAL_NAMESPACE", "TEMPORAL_TLS_SERVER_NAME", "OTEL_SERVICE_NAME"),
    }
)
"""Names and free text, which are looked at by nobody but their users."""

NONSENSE: Final = "~ no such thing ~"


def wrong_values(kind: type[BaseSettings]) -> Iterator[tuple[str, str]]:
    """Every variable of the class with something that it refuses."""
    for name, variable in variables_of(kind).items():
        secret = "SecretStr" in str(kind.model_fields[name].annotation)
        if variable not in FREE and not secret:
            yield variable, NONSENSE


WRONG: Final = [(kind, *pair) for kind in KINDS for pair in wrong_values(kind)]


def clean_environment() -> dict[str, str]:
    """Nothing of ours."""
    return {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}


def test_the_table_is_what_the_classes_say() -> None:
    document = DOCUMENT.read_text(encoding="utf-8")
    assert written(document) == document, "run `make settings-doc`"


def test_every_setting_says_what_it_means() -> None:
    assert [row.variable for row in settings() if not row.meaning] == []


def test_every_class_of_settings_belongs_to_a_process() -> None:
    def under(kind: type[BaseSettings]) -> Iterator[type[BaseSettings]]:
        for each in kind.__subclasses__():
            yield each
            yield from under(each)

    ours = {kind for kind in under(BaseSettings) if kind.model_fields}
    theirs = {kind for kind in ours if kind.__module__.partition(".")[0] in FOLDERS}
    assert theirs - set(KINDS) == set()


def test_the_stack_looks_at_what_its_processes_read() -> None:
    assert set(READ) == {*processes()["api"], *processes()["workers"]}


def test_the_example_has_every_variable_with_its_default() -> None:
    text = (CHECKOUT / ".env.example").read_text(encoding="utf-8")
    shown = dict(re.findall(r"^#([A-Z0-9_]+)=(.*)$", text, flags=re.MULTILINE))
    defaults = {row.variable: row.default.strip("`") for row in reversed(settings())}
    assert shown.keys() == defaults.keys()
    fixed = {name: value for name, value in defaults.items() if value not in ("", "must be set")}
    assert {name: squeezed(shown[name]) for name in fixed} == {
        name: squeezed(value) for name, value in fixed.items()
    }


def squeezed(value: str) -> str:
    """A list may be written with or without spaces."""
    return value.replace('", "', '","')


@pytest.mark.parametrize(
    ("kind", "variable", "value"), WRONG, ids=[variable for _, variable, _ in WRONG]
)
def test_a_wrong_value_is_refused_in_one_line_that_names_the_variable(
    kind: type[BaseSettings], variable: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, given in (NEEDED | {variable: value}).items():
        monkeypatch.setenv(name, given)
    with pytest.raises(SettingError) as refused:
        read_settings(kind)
    said = str(refused.value)
    assert said.startswith(f"{variable}: ")
    assert len(said) > len(f"{variable}: ") + 10
    assert "\n" not in said
    assert value not in said


def test_what_is_left_out_above_may_be_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: nothing is left out that has a form to be held to."""
    for name in FREE - {"GOOGLE_CLIENT_ID", "GITHUB_CLIENT_ID"}:  # these ask for their secrets
        monkeypatch.setenv(name, NONSENSE)
    for name, value in NEEDED.items():
        monkeypatch.setenv(name, value)
    for kind in KINDS:
        read_settings(kind)


@pytest.mark.parametrize(
    ("process", "kind"), READERS, ids=[f"{process} {kind.__name__}" for process, kind in READERS]
)
def test_no_process_starts_with_a_wrong_setting(process: str, kind: type[BaseSettings]) -> None:
    variable, value = next(wrong_values(kind))
    ended = run(process, {variable: value})
    assert ended.returncode == 1
    assert ended.stderr.startswith(f"{variable}: ")
    assert ended.stderr.count("\n") == 1
    assert ended.stdout == ""


@pytest.mark.parametrize(
    ("process", "missing"),
    [("api", "STRIPE_SECRET_KEY"), ("workers", "STRIPE_SECRET_KEY"), ("workers", "RESEND_API_KEY")],
)
def test_no_process_starts_without_what_must_be_set(process: str, missing: str) -> None:
    ended = run(process, {missing: ""})
    assert (ended.returncode, ended.stderr) == (1, f"{missing}: must be set\n")


@pytest.mark.parametrize("variable", ["PORT", "WORKER_MAIL_PER_SECOND", "LIMIT_LOGIN"])
def test_the_stack_does_not_start_with_what_would_end_a_process(variable: str) -> None:
    ended = run("devstack", {variable: "nonsense"})
    assert ended.returncode == 2
    assert ended.stderr.startswith(variable)
    assert ended.stderr.count("\n") == 1


def test_a_variable_that_is_nearly_one_of_ours_is_pointed_out(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PASSWORD_ROUND", "3")
    monkeypatch.setenv("PASSWORD_SERVICE_HOST", "10.0.0.1")  # a cluster's own, not a mistake
    kind: Any = next(kind for kind in KINDS if kind.__name__ == "PasswordSettings")
    assert read_settings(kind).rounds == 2
    told = capsys.readouterr().err
    assert told == "PASSWORD_ROUND is not a setting; was PASSWORD_ROUNDS meant?\n"


def run(process: str, environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """The process as it would be started, told only this; what is empty it is not told."""
    needed = {} if process == "devstack" else NEEDED
    told = {name: value for name, value in (needed | environ).items() if value}
    return subprocess.run(  # noqa: S603 - our own programs
        [sys.executable, "-m", process, *ARGUMENTS.get(process, [])],
        env=clean_environment() | told,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
