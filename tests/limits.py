"""Limits for tests that are about something else."""

from services.limits.rules import LimitSettings, Rule


def generous(**tight: str) -> LimitSettings:
    """Nobody ever hits a limit, but those that are named: ``login="2/minute"``."""
    return LimitSettings.model_validate(dict.fromkeys(Rule, "1000000/minute") | tight)
