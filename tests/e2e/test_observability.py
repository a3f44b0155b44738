"""What dashboard and alerts name is what the processes tell, after people have been there."""

import json
from datetime import UTC, datetime
from uuid import uuid4

import httpx
from pymongo import MongoClient

from tests.e2e.system import ANSWER_SECONDS, BILLING, Json, System
from tests.observability import queries, series_in
from tests.waiting import eventually

CREATE = "/v1/payment_intents"
CAPTURE = f"{CREATE}/*/capture"


def scrapes(system: System) -> tuple[str, str]:
    """Of the API and of the worker."""
    worker = f"http://127.0.0.1:{system.environ['WORKER_METRICS_PORT']}"
    api_says, worker_says = (
        httpx.get(f"{each}/metrics", timeout=ANSWER_SECONDS) for each in (system.api, worker)
    )
    return api_says.raise_for_status().text, worker_says.raise_for_status().text


def reconciled(system: System) -> None:
    """A check has come to its end."""
    with MongoClient[dict[str, object]](port=int(system.environ["MONGODB_PORT"])) as client:
        at = datetime.now(UTC)
        run = {"_id": str(uuid4()), "began_at": at, "ended_at": at}
        client["te_operations"]["check_runs"].insert_one(run)


def test_every_metric_and_label_that_is_asked_for_is_there_after_a_purchase(
    system: System,
) -> None:
    with system.people() as (seller, buyer):
        ticket = system.ticket(seller)
        order = system.reserve(buyer, ticket)
        system.fault(CREATE, "error_before")
        system.fault(CAPTURE, "error_before")
        billing = f"/api/orders/{order['id']}/billing"
        assert buyer.put(billing, json=BILLING).status_code == 503
        eventually(lambda: buyer.put(billing, json=BILLING).is_success, "it can be paid")
        paid = buyer.get(f"/api/orders/{order['id']}").json()
        system.pay(paid)
        system.when(buyer, paid, "complete")
    reconciled(system)

    def lacking() -> list[str]:
        series = series_in(*scrapes(system))
        return [what for query in queries() for what in query.lacking(series)]

    eventually(lambda: not lacking(), "everything that is asked for is measured")
    assert lacking() == []


def test_the_logs_tell_the_story_of_one_order(system: System) -> None:
    with system.people() as (seller, buyer):
        order = system.payable_order(buyer, system.ticket(seller))
        system.pay(order)
        system.when(buyer, order, "complete")

    def steps() -> set[str]:
        lines = lines_of(system, "worker", order)
        assert all(line["workflow_id"] == f"purchase-{order['id']}" for line in lines)
        return {line["step"] for line in lines if line["event"] == "step"}

    eventually(lambda: {"open_order", "capture_payment", "send_mail"} <= steps(), "all is told")
    asked = lines_of(system, "api", order)
    assert {"/api/orders", "/api/orders/{order_id}/billing", "/api/webhooks/stripe"} <= {
        line["route"] for line in asked if line["event"] == "request"
    }


def lines_of(system: System, process: str, order: Json) -> list[Json]:
    """What a process has logged about one order."""
    log = (system.folder / "log" / f"{process}.log").read_text(encoding="utf-8")
    return [json.loads(line) for line in log.splitlines() if f'"order_id": "{order["id"]}"' in line]
