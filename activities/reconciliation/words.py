"""How findings put things: times, amounts and pauses as an operator reads them."""

from datetime import UTC, datetime, timedelta


def money(amount: int, currency: str = "CAD") -> str:
    """``160.00 CAD``."""
    sign, minor = "-" if amount < 0 else "", abs(amount)
    return f"{sign}{minor // 100}.{minor % 100:02} {currency}"


def moment(at: datetime) -> str:
    """``2026-11-25 14:05:09 UTC``."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def pause(length: timedelta) -> str:
    """``3 min`` or ``2 h 5 min``; below a minute in seconds."""
    seconds = int(length.total_seconds())
    if seconds < 60:  # noqa: PLR2004 - a minute
        return f"{seconds} s"
    hours, minutes = divmod(seconds // 60, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
