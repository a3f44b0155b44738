"""A market that is as it should be gives no alarm, and a run survives whatever happens to it."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.reconciliation.checks import CheckActivities
from services.operations.store import OperationsStore
from temporal.lookup import WorkflowLookup
from tests.api.market import BILLING, Market, Person
from tests.reconciliation.auditor import Auditor
from tests.reconciliation.conftest import IMPATIENT
from workers.__main__ import make_checks
from workers.settings import CheckSettings
from workflows.reconciliation.messages import StartReconciliation
from workflows.reconciliation.steps import CheckPage, Looked


def checks_of(market: Market, settings: CheckSettings = IMPATIENT) -> CheckActivities:
    return make_checks(market.gateway, WorkflowLookup(market.temporal), settings)


async def test_nothing_is_wrong_during_many_purchases_nor_after_them(
    auditor: Auditor, market: Market, seller: Person, buyer: Person
) -> None:
    """Impatient for holds and patient for messages: what is on its way is nobody's business."""
    patient = CheckSettings(page_size=3, hold_grace_seconds=0, stripe_per_second=500)
    stop = asyncio.Event()
    found: list[int] = []
    healed: list[int] = []

    async def purchase(number: int) -> None:
        order = await buyer.buys(await seller.lists(), billing=BILLING)
        match number % 4:
            case 0:
                await buyer.cancels(order)
            case 1:
                await market.decline(order)
            case _:
                await market.pay(order)
                await buyer.when_it_is(order, "complete")
                if number % 4 == 3:
                    await buyer.asks_money_back(order)
                    await buyer.when_it_is(order, "refunded")

    async def check_all_the_time() -> None:
        while not stop.is_set():
            result = await auditor.check()
            found.append(result.found)
            healed.append(result.healed)

    async with market.crew.working_with(checks=checks_of(market, patient)):
        checking = asyncio.create_task(check_all_the_time())
        for start in range(0, 16, 4):
            await asyncio.gather(*(purchase(number) for number in range(start, start + 4)))
        stop.set()
        await checking
        last = await auditor.check()

    assert len(found) > 1
    assert set(found) == set(healed) == {0}
    assert (last.found, last.healed) == (0, 0)
    assert last.orders_checked == 16


async def test_what_is_found_is_logged_once_and_what_is_healed_is_logged(
    auditor: Auditor, market: Market, seller: Person, buyer: Person
) -> None:
    order = await auditor.sold(seller, buyer)
    await auditor.change_order(order, total__amount=1)
    await market.databases.orders["sent_mail"].delete_many({"order_id": order["id"]})
    with capture_logs() as logs:
        await auditor.check()
        await auditor.check()
    broken = [entry for entry in logs if entry["event"] == "invariant_broken"]
    assert [(entry["kind"], entry["order_id"]) for entry in broken] == [("I3", order["id"])]
    assert [entry["remedy"] for entry in logs if entry["event"] == "healed"] == ["send_mail"]


async def test_a_look_that_dies_is_taken_again_and_the_run_goes_on(
    auditor: Auditor, market: Market, seller: Person, buyer: Person
) -> None:
    order = await auditor.sold(seller, buyer)
    await auditor.change_order(order, total__amount=1)

    class Mortal(CheckActivities):
        """Dies once, after it has looked at the page and written on the board."""

        died = False

        @activity.defn
        async def check_page(self, request: CheckPage) -> Looked:
            looked = await super().check_page(request)
            if looked.orders_checked and not Mortal.died:
                Mortal.died = True
                raise ApplicationError("died", type="Died")
            return looked

    usual = checks_of(market)
    mortal = Mortal(usual._books, window=timedelta(hours=1), patience=usual._patience, page_size=2)
    async with market.crew.working_with(checks=mortal):
        result = await auditor.check()
    assert Mortal.died
    assert result.found == 1
    assert len(await auditor.board()) == 1


async def test_a_run_goes_on_with_other_workers_and_under_another_run_of_its_workflow(
    auditor: Auditor, market: Market, seller: Person, buyer: Person
) -> None:
    orders = [await auditor.sold(seller, buyer) for _ in range(3)]
    for order in orders:
        await auditor.change_order(order, total__amount=1)
    async with market.crew.away():
        handle = await auditor.begin(StartReconciliation(pages=1))
    result = await handle.result()
    assert (result.orders_checked, result.found) == (3, 3)
    run = await OperationsStore().last_complete_run()
    assert run is not None
    assert (run.id, run.orders_checked) == (handle.first_execution_run_id, 3)


async def test_a_run_that_fails_closes_nothing(
    auditor: Auditor, market: Market, seller: Person, buyer: Person
) -> None:
    order = await auditor.sold(seller, buyer)
    await auditor.change_order(order, total__amount=1)
    await auditor.check()
    await auditor.change_order(order, total__amount=18080)

    class Broken(CheckActivities):
        """Cannot look at anything."""

        @activity.defn
        async def check_page(self, request: CheckPage) -> Looked:
            raise ApplicationError("for good", non_retryable=True)

    usual = checks_of(market)
    broken = Broken(usual._books, window=timedelta(hours=1), patience=usual._patience, page_size=2)
    async with market.crew.working_with(checks=broken):
        with pytest.raises(Exception, match="execution failed"):
            await auditor.check()
    assert len(await auditor.board()) == 1
    assert (await auditor.check()).found == 0


async def test_two_runs_at_once_do_no_harm(
    auditor: Auditor, market: Market, seller: Person, buyer: Person
) -> None:
    await market.hooks.post("/webhooks/mode", drop=True)
    broken = await auditor.sold_by_check(seller, buyer)
    await auditor.change_order(broken, total__amount=1)
    paid = await auditor.billed(seller, buyer)
    await market.pay(paid)
    lost = await auditor.billed(seller, buyer)
    await market.pay(lost)
    await auditor.lose_purchase(lost)
    results = await asyncio.gather(auditor.check(), auditor.check())
    assert {result.found for result in results} == {1}
    await buyer.when_it_is(paid, "complete")
    await buyer.when_it_is(lost, "cancelled")
    assert (await market.ledger(paid))["captured"] == 18080
    assert len(await market.mail_to(buyer)) == len(
        {mail["id"] for mail in await market.mail_to(buyer)}
    )
    assert (await auditor.board()).keys() == {f"I3:{broken['id']}"}


async def test_a_run_looks_back_to_the_last_one_that_was_complete(
    auditor: Auditor, market: Market, seller: Person, buyer: Person
) -> None:
    order = await auditor.sold(seller, buyer)
    yesterday = datetime.now(UTC) - timedelta(days=1)
    await auditor.change_order(order, total__amount=1, changed_at=yesterday, created_at=yesterday)
    await market.databases.payments["payments"].update_one(
        {"_id": order["id"]}, {"$set": {"created_at": yesterday}}
    )
    await auditor.change_ticket(order["ticket"]["id"], updated_at=yesterday)
    await market.hooks.post("/clock", advance_seconds=7200)
    runs = market.databases.operations["check_runs"]
    await runs.insert_one({"_id": "old", "began_at": yesterday, "ended_at": yesterday})
    assert (await auditor.check()).found == 1
