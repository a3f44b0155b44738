"""What a newcomer is promised, and what must hold when a worker dies at the worst moment."""

import subprocess
import sys
from pathlib import Path

import httpx

from tests.e2e.system import ANSWER_SECONDS, System
from tests.waiting import eventually

CAPTURE = "/v1/payment_intents/*/capture"
REFUNDS = "/v1/refunds"
TOTAL = 11300


def test_the_demo_plays_all_five_purchases(system: System) -> None:
    demo = subprocess.run(
        [sys.executable, "-m", "devstack.demo"],
        env=system.environ,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )

    assert demo.returncode == 0, demo.stdout + demo.stderr
    assert "All five went as they should." in demo.stdout
    assert demo.stdout.count("/workflows/purchase-") == 5


def test_a_worker_killed_after_the_capture_charges_once_and_sells_the_ticket(
    system: System,
) -> None:
    with system.people() as (seller, buyer):
        ticket = system.ticket(seller)
        order = system.payable_order(buyer, ticket)
        system.fault(CAPTURE, "timeout_after", seconds=60)
        intent = system.pay(order)
        eventually(lambda: system.ledger(intent)["captured"] == TOTAL, "the money is taken")
        system.kill("worker")
        system.no_more_faults()
        system.when(buyer, order, "complete")

        assert system.booked(intent, "captures") == [TOTAL]
        assert seller.get(f"/api/tickets/{ticket['id']}").json()["status"] == "sold"
        eventually(lambda: system.mails_to(buyer), "the buyer is written to")
        assert system.mails_to(buyer) == ["Order Confirmed!"]


def test_a_worker_killed_before_the_capture_still_charges_once(system: System) -> None:
    with system.people() as (seller, buyer):
        order = system.payable_order(buyer, system.ticket(seller))
        system.fault(CAPTURE, "timeout_before", seconds=60)
        intent = system.pay(order)
        eventually(system.fault_was_met, "a capture is asked for")
        system.kill("worker")
        system.no_more_faults()
        system.when(buyer, order, "complete")

        assert system.booked(intent, "captures") == [TOTAL]


def test_a_worker_killed_after_the_refund_gives_the_money_back_once(system: System) -> None:
    with system.people() as (seller, buyer):
        ticket = system.ticket(seller)
        order = system.payable_order(buyer, ticket)
        intent = system.pay(order)
        system.when(buyer, order, "complete")
        system.fault(REFUNDS, "timeout_after", seconds=60)
        buyer.post(f"/api/orders/{order['id']}/refund").raise_for_status()
        eventually(lambda: system.ledger(intent)["refunded"] == TOTAL, "the money is back")
        system.kill("worker")
        system.no_more_faults()
        system.when(buyer, order, "refunded")

        assert system.booked(intent, "refunds") == [TOTAL]
        eventually(
            lambda: seller.get(f"/api/tickets/{ticket['id']}").json()["status"] == "available",
            "the ticket is for sale again",
        )


def test_stripe_killed_in_mid_purchase_loses_nothing(system: System) -> None:
    with system.people() as (seller, buyer):
        order = system.payable_order(buyer, system.ticket(seller))
        system.kill("stripe")
        eventually(lambda: _answers(system.stripe_address), "Stripe answers again")
        intent = system.pay(order)
        system.when(buyer, order, "complete")

        assert system.booked(intent, "captures") == [TOTAL]


def test_sign_in_killed_remembers_people_and_knows_this_stack(system: System) -> None:
    ada = {"provider": "google", "name": "Ada", "email": "ada@example.com"}
    httpx.post(f"{system.signin}/_sim/people", json=ada, timeout=ANSWER_SECONDS).raise_for_status()
    system.kill("signin")
    eventually(lambda: _answers(system.signin), "the stand-ins answer again")

    page = httpx.get(
        f"{system.signin}/google/authorize",
        params={
            "client_id": "google-devstack",
            "redirect_uri": f"{system.api}/api/auth/google/callback",
            "response_type": "code",
            "scope": "openid email",
            "code_challenge": "a" * 43,
            "code_challenge_method": "S256",
        },
        timeout=ANSWER_SECONDS,
    )

    assert page.status_code == 200
    assert "ada@example.com" in page.text


def test_a_second_start_keeps_the_data_and_ctrl_c_leaves_no_process(tmp_path: Path) -> None:
    system = System(tmp_path / "dev")
    with system.running(), system.person("seller") as seller:
        ticket = system.ticket(seller)

    with system.running():
        kept = httpx.get(f"{system.api}/api/tickets/{ticket['id']}", timeout=ANSWER_SECONDS)
    assert kept.json() == ticket


def _answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/healthz").is_success
    except httpx.TransportError:
        return False
