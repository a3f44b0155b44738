"""``python -m temporal.operations``, as somebody types it who has nothing but Temporal."""

import asyncio
import getpass
import os
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from tests.api.market import BILLING, Json, Market, Person
from tests.api.operations.conftest import REASON, Duty

WHY = ("--reason", REASON)
LOGIN = getpass.getuser()


@dataclass(frozen=True)
class Said:
    """How a command ended."""

    code: int
    out: str
    err: str


async def run(market: Market, *arguments: str, **environ: str) -> Said:
    """The command in a process of its own, without any other setting of ours."""
    settings = market.temporal_settings
    inherited = {name: value for name, value in os.environ.items() if "_" not in name}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "temporal.operations", *arguments),
        env={
            **inherited,
            "TEMPORAL_ADDRESS": settings.address,
            "TEMPORAL_NAMESPACE": settings.namespace,
            **environ,
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert process.returncode is not None
    return Said(process.returncode, out.decode(), err.decode())


async def done(market: Market, *arguments: str) -> str:
    """What it says when it is done."""
    said = await run(market, *arguments)
    assert (said.code, said.err) == (0, ""), said
    return said.out


async def refused(market: Market, *arguments: str, **environ: str) -> str:
    """The one line that it says when it is not."""
    said = await run(market, *arguments, **environ)
    assert (said.code, said.out) == (1, ""), said
    assert said.err.count("\n") == 1
    return said.err.rstrip("\n")


async def told(operator: Duty, order: Json) -> list[tuple[str, str, str]]:
    """What the story of an order says that operators did."""
    events = (await operator.sees(order))["timeline"]
    return [(each["what"], each["who"], each["why"]) for each in events if each["who"]]


async def test_it_extends_and_cancels_and_says_who_did(
    market: Market, operator: Duty, seller: Person, buyer: Person
) -> None:
    order = await buyer.buys(await seller.lists())
    said = await done(market, "extend", order["id"], "--minutes", "5", *WHY)
    before = datetime.fromisoformat(order["expires_at"])
    longer = datetime.fromisoformat((await buyer.order(order))["expires_at"])
    assert longer == before + timedelta(minutes=5)
    assert said == f"Extended until {longer:%Y-%m-%d %H:%M:%S} UTC.\n"
    assert await done(market, "cancel", order["id"], "--actor", "ann", *WHY) == "Cancelled.\n"
    assert (await buyer.order(order))["cancel_reason"] == "operator"
    assert await told(operator, order) == [
        ("hold extended", LOGIN, REASON),
        ("cancelled: operator", "ann", REASON),
    ]


async def test_it_lists_and_shows(
    market: Market, operator: Duty, seller: Person, buyer: Person
) -> None:
    order = await buyer.buys(await seller.lists(), billing=BILLING)
    shown = await done(market, "show", order["id"])
    assert shown.startswith(f"purchase-{order['id']}: running")
    assert "waiting for: payment" in shown
    assert f"amount: {order['total']['amount']} minor units" in shown
    for personal in (buyer.email, seller.email, BILLING["name"]):
        assert personal not in shown

    for _ in range(100):  # Temporal's search follows by a moment
        listed = await done(market, "list", "--state", "awaiting_payment", "--limit", "1000")
        if order["id"] in listed:
            break
    (line,) = [each for each in listed.splitlines() if order["id"] in each]
    assert order["ticket"]["id"] in line
    assert order["id"] in await done(market, "list", "--limit", "1000")


async def test_it_refunds(market: Market, operator: Duty, seller: Person, buyer: Person) -> None:
    order = await buyer.buys(await seller.lists(), billing=BILLING)
    await market.pay(order)
    await buyer.when_it_is(order, "complete")
    await market.hooks.post("/refund_mode", status="failed")
    await done(market, "refund", order["id"], *WHY)
    await buyer.when(order, lambda it: it["refund"]["status"] == "failed")
    assert "refund-" in await done(market, "show", order["id"])
    said = await done(market, "settle-refund", order["id"], *WHY)
    assert said == "The refund is settled.\n"
    await buyer.when_it_is(order, "refunded")
    assert await refused(market, "refund", order["id"], *WHY) == (
        "Only a complete order can be refunded, and only once."
    )


async def test_what_is_refused_is_said_in_the_workflows_own_words(
    market: Market, seller: Person, buyer: Person
) -> None:
    order = await buyer.buys(await seller.lists())
    assert await refused(market, "extend", order["id"], "--minutes", "120", *WHY) == (
        "The deadline would be more than 60 minutes from now."
    )
    assert await refused(market, "retry-capture", order["id"], *WHY) == (
        "Nothing waits for another try at Stripe."
    )


async def test_what_is_not_there_is_said_in_one_line(market: Market) -> None:
    for command in ("extend", "cancel", "retry-capture", "settle-refund"):
        more = ("--minutes", "5") if command == "extend" else ()
        said = await refused(market, command, "no-such-order", *more, *WHY)
        assert said == "It is too late for that, or there never was such an order."
    assert await refused(market, "show", "no-such-order") == (
        "Temporal knows no such purchase, or has forgotten it."
    )
    assert await refused(market, "refund", "no-such-order", *WHY) == (
        "Temporal knows no such purchase, or has forgotten it."
        " Say which ticket it is about, with --ticket."
    )


async def test_a_temporal_that_is_away_is_said_in_one_line(market: Market) -> None:
    for arguments in (("list",), ("cancel", "x", *WHY), ("reconcile",)):
        said = await refused(market, *arguments, TEMPORAL_ADDRESS="127.0.0.1:1")
        assert said.startswith("No answer from Temporal at 127.0.0.1:1")


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("cancel", "x"),
        ("extend", "x", *WHY),
        ("list", "--state", "sold"),
        ("extend", "x", "--minutes", "soon", *WHY),
        ("extend", "x", "--minutes", "nan", *WHY),
    ],
)
async def test_what_is_typed_wrong_is_said(market: Market, arguments: tuple[str, ...]) -> None:
    said = await run(market, *arguments)
    assert (said.code, said.out) == (2, "")
    assert "usage: python -m temporal.operations" in said.err


async def test_a_reason_is_not_empty(market: Market) -> None:
    said = await refused(market, "cancel", "x", "--reason", "")
    assert said == "why: String should have at least 1 character"


async def test_it_explains_itself(market: Market) -> None:
    said = await done(market, "--help")
    for command in ("list", "show", "extend", "cancel", "retry-capture", "refund", "reconcile"):
        assert f"    {command}" in said
