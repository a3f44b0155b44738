"""The time, as precise as MongoDB keeps it."""

from datetime import UTC, datetime


def whole_milliseconds(moment: datetime) -> datetime:
    """The moment as MongoDB gives it back: UTC, without microseconds."""
    moment = moment.astimezone(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def now() -> datetime:
    """This moment; what is answered after a write equals what is read later."""
    return whole_milliseconds(datetime.now(UTC))
