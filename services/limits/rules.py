"""What is limited, and how tightly."""

from enum import StrEnum
from typing import Annotated

from limits import RateLimitItem, parse_many
from pydantic import AfterValidator, Field
from pydantic_settings import SettingsConfigDict

from services.settings import Settings


class Rule(StrEnum):
    """What is counted; each has a setting of its name, ``LIMIT_LOGIN`` and so on.

    The first ones count by client address, in routes: ``Depends(limited(Rule.LOGIN))``. Those named
    after an account, an address or a user count by that: ``await limits.hit(Rule.…, key)``.
    """

    REGISTRATION = "registration"
    LOGIN = "login"
    PASSWORD_RESET = "password_reset"
    CONFIRM = "confirm"
    """Links from mail (verification, password reset): each try may cost a password hash."""
    SIGN_IN_PROVIDER = "sign_in_provider"
    """Beginning and ending a sign-in with Google or GitHub."""
    RESERVE = "reserve"
    WEBHOOK = "webhook"
    REPORT = "report"

    LOGIN_ACCOUNT = "login_account"
    """Keys: folded e-mail address, client address. As a pair, so that nobody locks others out."""
    REGISTRATION_EMAIL = "registration_email"
    """Key: folded e-mail address."""
    PASSWORD_RESET_EMAIL = "password_reset_email"
    """Key: folded e-mail address."""
    VERIFICATION_USER = "verification_user"
    """Key: user id. Asking for the verification mail again."""
    PASSWORD_USER = "password_user"
    """Key: user id. Telling the current password to change it or to close the account."""
    TOKEN_USER = "token_user"
    """Key: user id. Making personal API tokens."""
    EXPORT_USER = "export_user"
    """Key: user id. Exporting one's data, or, as an operator, a table of purchases."""
    RESERVE_USER = "reserve_user"
    """Key: user id. Taking tickets off the market and letting them go again."""
    OPERATE_USER = "operate_user"
    """Key: user id. What operators do to purchases and findings, and looking for people."""


def _is_limit(value: str) -> str:
    try:
        windows = parse_many(value)
    except ValueError:
        raise ValueError("must be limits such as 5/minute;20/hour") from None
    if any(window.amount < 1 or window.get_expiry() < 1 for window in windows):
        raise ValueError("must allow something in some time, such as 5/minute;20/hour")
    return value


Windows = Annotated[str, Field(max_length=200), AfterValidator(_is_limit)]


class LimitSettings(Settings):
    """How often, per rule; variables are prefixed ``LIMIT_``.

    Several windows make one limit: all of them must have room. ``5/minute;20/hour;50/day`` is a
    backoff: whoever goes on trying waits a minute first, then an hour, then a day.
    """

    model_config = SettingsConfigDict(env_prefix="LIMIT_")

    registration: Windows = "20/minute;100/hour"
    """Registrations, by client address."""
    login: Windows = "30/minute;300/hour"
    """Sign-ins with a password, by client address."""
    password_reset: Windows = "10/minute;60/hour"
    """Mails with a reset link asked for, by client address."""
    confirm: Windows = "20/minute;100/hour"
    """Links from mail used, by client address."""
    sign_in_provider: Windows = "30/minute;300/hour"
    """Sign-ins with Google or GitHub begun or ended, by client address."""
    reserve: Windows = "120/minute"
    """Reservations, by client address."""
    webhook: Windows = "3000/minute"
    """Events from Stripe, by client address."""
    report: Windows = "20/minute;100/hour"
    """Browsers' reports of blocked content, by client address."""

    login_account: Windows = "5/minute;20/hour;50/day"
    """Sign-ins with a password, by account and client address together."""
    registration_email: Windows = "3/minute;10/hour;20/day"
    """Registrations, by e-mail address."""
    password_reset_email: Windows = "2/minute;5/hour;10/day"
    """Mails with a reset link asked for, by e-mail address."""
    verification_user: Windows = "2/minute;5/hour;10/day"
    """Verification mails asked for again, by user."""
    password_user: Windows = "5/minute;20/hour;50/day"
    """Current password told, to change it or to close the account, by user."""
    token_user: Windows = "10/minute;50/hour"
    """Personal API tokens made, by user."""
    export_user: Windows = "5/minute;20/hour"
    """Exports of one's data, by user."""
    reserve_user: Windows = "20/minute;100/hour"
    """Tickets taken off the market or let go again, by user."""
    operate_user: Windows = "60/minute;600/hour"
    """Actions on purchases and refunds by one operator, by user."""

    def windows(self, rule: Rule) -> list[RateLimitItem]:
        """All windows of a rule, the shortest first."""
        return sorted(parse_many(getattr(self, rule)), key=lambda window: window.get_expiry())
