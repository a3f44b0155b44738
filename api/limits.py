"""How often a client may call, declared on routes."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Request

from api.addresses import counted
from services.limits.limiter import Limits
from services.limits.rules import Rule


async def _limits(request: Request) -> Limits:
    limits: Limits = request.app.state.limits
    return limits


LimitDesk = Annotated[Limits, Depends(_limits)]


async def _client_address(request: Request) -> str:
    return counted(request.client.host if request.client else None)


ClientAddress = Annotated[str, Depends(_client_address)]
"""Whom a limit counts: an IPv4 address or an IPv6 network, as seen past trusted proxies."""


def limited(rule: Rule) -> Callable[[Limits, str], Awaitable[None]]:
    """A dependency that counts the request for its client address, before any work is done."""

    async def count(limits: LimitDesk, address: ClientAddress) -> None:
        await limits.hit(rule, address)

    return count
