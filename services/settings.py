"""Settings come from the environment, once, when a process starts."""

import difflib
import os
import re
import sys
from collections.abc import Mapping
from typing import Annotated, Final, TypeVar

from pydantic import AfterValidator, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict
from pydantic_settings.exceptions import SettingsError as UnreadableError


class SettingError(ValueError):
    """A setting is missing or makes no sense; the text is one line that names it."""


class Settings(BaseSettings):
    """Base of every class of settings. An empty variable counts as not set.

    What stands under a field is what ``docs/configuration.md`` says of its variable.
    """

    model_config = SettingsConfigDict(
        frozen=True, env_ignore_empty=True, use_attribute_docstrings=True
    )


Kind = TypeVar("Kind", bound=BaseSettings)

ALIKE: Final = 0.9
"""A letter missing, doubled or changed. What a cluster injects for its services is further off."""


class Form:
    """What a text must look like, in words for people and as a pattern."""

    def __init__(self, words: str, pattern: str) -> None:
        self.words = words
        self._pattern = re.compile(pattern)

    def __call__(self, value: str) -> str:
        """The value, if it is of this form."""
        if not self._pattern.fullmatch(value):
            raise ValueError(f"must be {self.words}")
        return value


HttpAddress = Annotated[
    str, AfterValidator(Form("an absolute http or https address", r"https?://[^\s/?#@:]\S*"))
]
Environment = Annotated[
    str, AfterValidator(Form("a to z, 0 to 9 and -, at most 20 characters", r"[a-z0-9-]{1,20}"))
]
"""The name of an installation."""


def variables_of(kind: type[BaseSettings]) -> dict[str, str]:
    """The environment variable of each field, by the field's name."""
    prefix = kind.model_config.get("env_prefix", "")
    return {
        name: str(field.validation_alias or prefix + name).upper()
        for name, field in kind.model_fields.items()
    }


def read_settings(kind: type[Kind]) -> Kind:
    """The settings of this kind, or one sentence about the first that is wrong.

    The sentence never repeats the value: it may be a secret. A variable that is nearly one of these
    is told on standard error, because it was most likely meant to be one.
    """
    for name, meant in misspelt(kind, os.environ).items():
        print(f"{name} is not a setting; was {meant} meant?", file=sys.stderr)  # noqa: T201
    try:
        return kind()
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = [str(part) for part in first["loc"][:1]]
        names = [variables_of(kind).get(part, part.upper()) for part in where]
        what = "must be set" if first["type"] == "missing" else first["msg"]
        raise SettingError(": ".join([*names, what.removeprefix("Value error, ")])) from None
    except UnreadableError as error:
        # A list that is no JSON; pydantic-settings names the field, between quotation marks.
        quoted = re.search(r'field "(\w+)"', str(error))
        name = variables_of(kind)[quoted[1]] if quoted else str(error)
        raise SettingError(f"{name}: must be JSON, such as a list in square brackets") from None


def misspelt(kind: type[BaseSettings], environ: Mapping[str, str]) -> dict[str, str]:
    """Variables that begin like these and are nearly one of them, with the one that is meant."""
    prefix = kind.model_config.get("env_prefix", "").upper()
    known = set(variables_of(kind).values())
    others = [name for name in environ if prefix and name.startswith(prefix) and name not in known]
    alike = {name: difflib.get_close_matches(name, known, n=1, cutoff=ALIKE) for name in others}
    return {name: found[0] for name, found in alike.items() if found}
