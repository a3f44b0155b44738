"""Settings come from the environment, once, when a process starts."""

from typing import TypeVar

from pydantic import ValidationError
from pydantic_settings import BaseSettings
from pydantic_settings.exceptions import SettingsError as UnreadableError

Settings = TypeVar("Settings", bound=BaseSettings)


class SettingError(ValueError):
    """A setting is missing or makes no sense; the text is one line that names it."""


def read_settings(kind: type[Settings]) -> Settings:
    """The settings of this kind, or one sentence about the first that is wrong.

    The sentence never repeats the value: it may be a secret.
    """
    try:
        return kind()
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        prefix = kind.model_config.get("env_prefix", "")
        name = (prefix + ".".join(str(part) for part in first["loc"])).upper()
        raise SettingError(f"{name}: {first['msg']}") from None
    except UnreadableError as error:
        # A list or table that is no JSON; pydantic-settings names the field but not the variable.
        prefix = kind.model_config.get("env_prefix", "").upper()
        raise SettingError(f"{prefix}…: {error}") from None
