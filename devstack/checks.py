"""Looks at the settings of every process before the first one starts."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from pydantic_settings import BaseSettings

from activities.gateways.resend import ResendSettings
from api.providers.settings import ProviderSettings
from api.settings import ApiSettings
from devstack.settings import SettingsError
from services.auth.passwords import PasswordSettings
from services.database import MongoSettings
from services.limits.rules import LimitSettings
from services.payments.stripe import StripeSettings
from services.settings import SettingError, read_settings
from services.traces import TraceSettings
from temporal.settings import TemporalSettings
from workers.settings import CheckSettings, PurchaseSettings, WorkerSettings

READ: Final[tuple[type[BaseSettings], ...]] = (
    ApiSettings,
    MongoSettings,
    TemporalSettings,
    StripeSettings,
    PasswordSettings,
    LimitSettings,
    ProviderSettings,
    WorkerSettings,
    ResendSettings,
    CheckSettings,
    PurchaseSettings,
    TraceSettings,
)
"""What the processes of this stack read."""


def refuse_wrong_settings(environ: Mapping[str, str]) -> None:
    """Raise ``SettingsError`` for what would end a process over and over, in a log of its own."""
    with _in(environ):
        for kind in READ:
            try:
                read_settings(kind)
            except SettingError as error:
                raise SettingsError(str(error)) from None


@contextmanager
def _in(environ: Mapping[str, str]) -> Iterator[None]:
    """Settings are read from the environment of the process; it is as before after the block."""
    kept = dict(os.environ)
    os.environ.clear()
    os.environ.update(environ)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(kept)
