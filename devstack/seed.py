"""A few people and what they sell, put in through the API like anybody else's."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

import httpx

PASSWORD = "correct horse battery staple"  # noqa: S105  (shown to whoever runs the stack)
CURRENCY = "CAD"
TICKET_STATUSES = ("available", "reserved", "sold")


@dataclass(frozen=True)
class Listing:
    """A ticket for sale; ``cents`` of ``CURRENCY``, ``days`` from now."""

    title: str
    cents: int
    venue: str
    days: int
    seat: str
    description: str = ""


SELLERS: dict[str, Sequence[Listing]] = {
    "ada@example.com": (
        Listing("Arcade Fire", 16000, "Centre Bell, Montréal", 21, "Section 112, row F, seat 8"),
        Listing(
            "Les Misérables", 9450, "Royal Alexandra Theatre, Toronto", 9, "Balcony B, seat 31"
        ),
        Listing("Jazz on the Quay", 3500, "Lonsdale Quay, Vancouver", 4, "General admission"),
        Listing("Winter Poetry Night", 1200, "Massey Hall, Toronto", 40, "Row C, seat 2"),
    ),
    "grace@example.com": (
        Listing(
            "Canadiens v. Maple Leafs",
            24800,
            "Centre Bell, Montréal",
            12,
            "Section 305, row A, seat 14",
        ),
        Listing(
            "Swan Lake", 13200, "Four Seasons Centre, Toronto", 33, "Orchestra, row K, seat 19"
        ),
        Listing(
            "Comedy Late Show", 2800, "Rivoli, Toronto", 2, "General admission", "Doors at 22:00."
        ),
        Listing("Symphony No. 9", 7600, "Orpheum, Vancouver", 55, "Dress circle, row 2, seat 7"),
    ),
    "linus@example.com": (
        Listing("Folk Festival, day pass", 11000, "Bird's Hill Park, Winnipeg", 70, "Day pass"),
        Listing(
            "Blue Jays v. Yankees",
            8900,
            "Rogers Centre, Toronto",
            28,
            "Section 128, row 20",
        ),
        Listing("Northern Lights Planetarium", 1950, "TELUS Spark, Calgary", 6, "Seat 44"),
        Listing(
            "Metric", 6500, "History, Toronto", 17, "Standing", "Two available; sold one by one."
        ),
    ),
}
BUYER = "buyer@example.com"


async def seed(base_url: str, say: Callable[[str], None]) -> None:
    """Add people and listings that are not there yet; a failure is told, not raised."""
    try:
        for email in (*SELLERS, BUYER):
            async with httpx.AsyncClient(base_url=base_url, trust_env=False, timeout=30) as client:
                await _sign_in(client, email)
                await _offer(client, SELLERS.get(email, ()))
            what = f"sells {len(SELLERS[email])} tickets" if email in SELLERS else "buys"
            say(f"{email} / {PASSWORD} ({what})")
    except httpx.HTTPError as error:
        say(f"The sample data could not be put in: {error}")


async def _sign_in(client: httpx.AsyncClient, email: str) -> None:
    """Log in, or register when no earlier run has done so; leaves a cookie."""
    credentials = {"email": email, "password": PASSWORD}
    answer = await client.post("/api/users/login", json=credentials)
    if answer.status_code == HTTPStatus.UNAUTHORIZED:
        answer = await client.post("/api/users/register", json=credentials)
    answer.raise_for_status()


async def _offer(client: httpx.AsyncClient, listings: Sequence[Listing]) -> None:
    """Put the listings on the market, unless this seller has any, whatever became of them."""
    if not listings:
        return
    for status in TICKET_STATUSES:
        mine = await client.get(
            "/api/tickets", params={"seller": "me", "status": status, "limit": 1}
        )
        mine.raise_for_status()
        if mine.json()["items"]:
            return
    evening = datetime.now(UTC).replace(hour=19, minute=30, second=0, microsecond=0)
    for listing in listings:
        answer = await client.post("/api/tickets", json=_body(listing, evening))
        answer.raise_for_status()


def _body(listing: Listing, evening: datetime) -> dict[str, object]:
    return {
        "title": listing.title,
        "price": {"amount": listing.cents, "currency": CURRENCY},
        "venue": listing.venue,
        "starts_at": (evening + timedelta(days=listing.days)).isoformat(),
        "seat": listing.seat,
        **({"description": listing.description} if listing.description else {}),
    }
