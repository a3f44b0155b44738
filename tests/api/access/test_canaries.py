"""What people type and carry never leaves the places that it is for.

One sale with a refund, from registration to leaving, with texts that can be recognised anywhere:
then everything that is written besides the databases' own fields is searched for them.
"""

import json
import logging
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import pytest
import stripe
from temporalio.client import Client

from activities.account_letters import CONFIRM, RESET
from tests.api.market import Json, Market, Person, token_in, until
from tests.spans import Spans, text_of

PASSWORD = "canary-password-Zq81"
NAME = "Canaria Nightjar"
STREET = "77 Budgerigar Lane"
CITY = "Fringillidae"
KINDS = {"PurchaseWorkflow", "RefundWorkflow", "LetterWorkflow", "ClosureWorkflow"}


@dataclass
class Canaries:
    """The texts, by what they are."""

    texts: dict[str, str] = field(default_factory=dict)

    def found_in(self, haystack: str) -> list[str]:
        """Which of them are in there, in any case."""
        folded = haystack.lower()
        return [name for name, text in self.texts.items() if text.lower() in folded]


@dataclass
class Sale:
    """A sale that has happened, and what was recorded meanwhile."""

    market: Market
    canaries: Canaries
    logs: str
    orders: list[Json]


@pytest.fixture
async def sale(market: Market, caplog: pytest.LogCaptureFixture) -> Sale:
    """Everything that a person can do, once."""
    caplog.set_level(logging.INFO)  # as the processes log
    logging.getLogger("httpx").setLevel(logging.WARNING)
    canaries = Canaries({"password": PASSWORD, "name": NAME, "street": STREET, "city": CITY})
    seller = await _registers(market, canaries, "seller")
    buyer = await _registers(market, canaries, "buyer")
    made = await buyer.http.post(
        "/api/users/me/tokens", json={"name": "program", "scopes": ["orders:read"]}
    )
    canaries.texts["api token"] = made.json()["token"]
    orders = [await _buys(market, canaries, seller, buyer) for _ in range(2)]
    await buyer.asks_money_back(orders[0])
    await buyer.when_it_is(orders[0], "refunded")
    await market.letters(buyer, 3)
    await market.browser().post("/api/users/password-reset", json={"email": buyer.email})
    canaries.texts["reset link"] = token_in(await market.letter(buyer.email, RESET.subject))
    wrong = {"email": buyer.email, "password": f"{PASSWORD}-wrong"}
    assert (await market.browser().post("/api/users/login", json=wrong)).status_code == 401
    closed = await buyer.http.post("/api/users/me/close", json={"password": PASSWORD})
    assert closed.status_code == 204
    logs = "\n".join(f"{each.getMessage()} {vars(each)}" for each in caplog.records)
    return Sale(market, canaries, logs, orders)


async def test_security_32_nothing_personal_and_no_secret_is_logged(sale: Sale) -> None:
    assert "webhook_handled" in sale.logs
    assert sale.canaries.found_in(sale.logs) == []


async def test_security_33_history_holds_ids_amounts_and_statuses_only(sale: Sale) -> None:
    history = await _history(sale.market.temporal, KINDS, sale.orders[0]["id"])
    assert sale.canaries.found_in(history) == []


async def test_security_32_traces_name_kinds_of_things_and_no_person(
    sale: Sale, spans: Spans
) -> None:
    sent = spans.sent()
    names = {span.name for span in sent}
    assert {"POST /api/users/login", "RunActivity:send_mail", "POST /emails"} <= names
    assert sale.orders[0]["id"] in text_of(sent)
    assert sale.canaries.found_in(text_of(sent)) == []


async def test_security_32_the_webhook_inbox_keeps_no_person(sale: Sale) -> None:
    inbox = await sale.market.databases.payments["inbox"].find({}).to_list()
    assert len(inbox) >= 2
    assert sale.canaries.found_in(str(inbox)) == []


async def test_security_03_nobody_sees_more_of_others_than_they_need(sale: Sale) -> None:
    """The seller's own listing, and the public's view of it, name no buyer and no address."""
    anybody = sale.market.browser()
    ticket = (await anybody.get(f"/api/tickets/{sale.orders[1]['ticket']['id']}")).json()
    listing = await anybody.get("/api/tickets", params={"status": "sold", "limit": 100})
    assert ticket["status"] == "sold"
    assert "held_by" not in listing.text
    assert sale.canaries.found_in(str(ticket) + listing.text) == []


def test_the_search_finds_a_canary_when_there_is_one() -> None:
    canaries = Canaries({"name": NAME, "street": STREET})
    assert canaries.found_in(json.dumps({"to": NAME.upper()})) == ["name"]


async def test_security_33_the_search_reads_every_payload_of_a_history(
    market: Market, buyer: Person
) -> None:
    """Ids are in there, so that an address would be found as well."""
    request = await market.databases.auth["letter_requests"].find_one({"user_id": buyer.id})
    await market.letter(buyer.email, CONFIRM.subject)
    assert request is not None
    assert request["_id"] in await _history(market.temporal, {"LetterWorkflow"}, request["_id"])


async def _registers(market: Market, canaries: Canaries, role: str) -> Person:
    email = f"canary-{role}-{uuid4().hex}@example.com"
    http = market.browser()
    answer = await http.post("/api/users/register", json={"email": email, "password": PASSWORD})
    canaries.texts |= {f"address of the {role}": email, f"session of the {role}": _cookie(http)}
    letter = await market.letter(email, CONFIRM.subject)
    canaries.texts[f"link of the {role}"] = token_in(letter)
    await http.post("/api/users/verification/confirm", json={"token": token_in(letter)})
    return Person(http, answer.json()["id"], email)


def _cookie(http: Any) -> str:  # noqa: ANN401 - a browser of whatever kind
    cookie: str = http.cookies["session"]
    return cookie


async def _buys(market: Market, canaries: Canaries, seller: Person, buyer: Person) -> Json:
    address = {"line1": STREET, "city": CITY, "region": "ON", "postal_code": "M5B 1T7"}
    billing = {"name": NAME, "address": {**address, "country": "CA"}}
    order = await buyer.bills(await buyer.buys(await seller.lists()), billing)
    canaries.texts[f"client secret {order['id']}"] = order["payment"]["client_secret"]
    with pytest.raises(stripe.CardError):
        await market.pay(order, card="pm_card_chargeDeclined")
    await buyer.when(order, lambda it: it["payment"]["last_error"])
    await market.pay(order)
    return await buyer.when_it_is(order, "complete")


async def _history(client: Client, kinds: set[str], text: str) -> str:
    """All that there is once it has workflows of these kinds and this text: its list lags."""

    async def look() -> str | None:
        there, history = await _everything_in_temporal(client)
        return history if kinds <= there and text in history else None

    return await until(look)


async def _everything_in_temporal(client: Client) -> tuple[set[str], str]:
    """The kinds of workflows there are, and all that their histories and descriptions say."""
    kinds: set[str] = set()
    texts: list[str] = []
    async for each in client.list_workflows():
        handle = client.get_workflow_handle(each.id, run_id=each.run_id)
        description = await handle.describe()
        history = await handle.fetch_history()
        kinds.add(each.workflow_type)
        # Protobuf's text form shows payloads decoded, failures and headers as well.
        texts += [str(event) for event in history.events]
        texts += [str(description.raw_description), each.id]
    return kinds, "\n".join(texts)
