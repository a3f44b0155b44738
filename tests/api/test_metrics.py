"""What the API measures of the whole: read when somebody asks, and left out when it cannot be."""

from collections.abc import AsyncIterator
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from fastapi import FastAPI
from prometheus_client import CollectorRegistry

from api.metrics import Lookout
from services.clock import now
from services.database import MongoSettings
from services.metrics import WebhookMetrics
from services.operations.documents import CheckRun, Finding, Invariant, Trouble
from services.operations.store import OperationsStore
from tests.api.conftest import Browser, a_browser, an_app, running
from tests.api.market import until
from tests.cables import Cable, a_cable
from tests.conftest import empty
from tests.observability import series_in


async def told(browser: Browser) -> dict[str, float]:
    """What is measured right now, by name and labels."""
    lookout: Lookout = browser._transport.app.state.lookout  # type: ignore[attr-defined]
    lookout.fresh_seconds = 0
    return values((await browser.get("/metrics")).text)


def values(scrape: str) -> dict[str, float]:
    """The samples that are ours, as they are written."""
    lines = [line.rpartition(" ") for line in scrape.splitlines() if line.startswith("te_")]
    return {name: float(value) for name, _, value in lines}


async def found(kind: str, subject: str = "order-1") -> None:
    at = now()
    finding = Finding(
        id=f"{kind}:{subject}", kind=kind, subject=subject, detail="So.", found_at=at, seen_at=at
    )
    assert await OperationsStore().report(finding)


@pytest.fixture
async def cable(mongo_settings: MongoSettings) -> AsyncIterator[Cable]:
    """To MongoDB; it can be pulled."""
    port = urlsplit(mongo_settings.uri).port
    assert port is not None
    async with a_cable(port) as cable:
        yield cable


@pytest.fixture
async def app(mongo_settings: MongoSettings, cable: Cable) -> AsyncIterator[FastAPI]:
    """An API on that cable."""
    uri = f"mongodb://{cable.address}/?directConnection=true"
    async with running(an_app(mongo_settings.model_copy(update={"uri": uri}))) as started:
        await empty(started.state.databases)
        yield started


async def test_every_kind_of_finding_is_there_also_when_none_is_open(browser: Browser) -> None:
    measured = await told(browser)
    kinds = [f'te_findings_open{{kind="{kind}"}}' for kind in (*Invariant, *Trouble)]
    assert [measured[kind] for kind in kinds] == [0] * len(kinds)
    assert measured["te_findings_readable"] == 1


async def test_open_findings_count_and_dismissed_ones_do_not(browser: Browser) -> None:
    for subject in ("order-1", "order-2"):
        await found(Invariant.MONEY_MATCHES_SALES, subject)
    await found(Trouble.REFUND_FAILED)
    await OperationsStore().dismiss("refund_failed:order-1", by="op", why="paid", at=now())
    measured = await told(browser)
    assert measured['te_findings_open{kind="I3"}'] == 2
    assert measured['te_findings_open{kind="refund_failed"}'] == 0


async def test_what_was_put_right_by_itself_is_told_apart(browser: Browser) -> None:
    await found(Invariant.EVERY_HOLD_HAS_A_WORKFLOW)
    finding = await Finding.get("I6:order-1")
    assert finding is not None
    await OperationsStore().note_healed(finding, at=now())
    measured = await told(browser)
    assert measured['te_findings_healed{kind="I6"}'] == 1
    assert measured['te_findings_open{kind="I6"}'] == 0


async def test_the_age_of_reconciliation_is_that_of_the_last_one_that_ended(
    browser: Browser,
) -> None:
    assert "te_reconciliation_age_seconds" not in await told(browser)
    began = now() - timedelta(hours=1)
    await OperationsStore().note_run(CheckRun(id="done", began_at=began, ended_at=began))
    await OperationsStore().note_run(CheckRun(id="stuck", began_at=now()))
    age = (await told(browser))["te_reconciliation_age_seconds"]
    assert 3_600 <= age < 3_700


async def test_without_mongodb_the_scrape_answers_and_says_what_it_cannot_know(
    browser: Browser, cable: Cable
) -> None:
    await found(Invariant.MONEY_MATCHES_SALES)
    await OperationsStore().note_run(CheckRun(id="done", began_at=now(), ended_at=now()))
    async with cable.pulled():
        measured = await told(browser)
    assert measured["te_findings_readable"] == 0
    assert measured['te_part_up{part="mongodb"}'] == 0
    assert not [name for name in measured if name.startswith(("te_findings_open", "te_recon"))]

    async def again() -> bool:
        return (await told(browser)).get('te_findings_open{kind="I3"}') == 1

    await until(again)


async def test_without_temporal_nothing_is_said_of_open_purchases(browser: Browser) -> None:
    measured = await told(browser)
    assert measured['te_part_up{part="temporal"}'] == measured['te_part_up{part="worker"}'] == 0
    assert "te_purchases_open" not in measured


async def test_asking_again_at_once_reads_nothing_again(browser: Browser) -> None:
    await browser.get("/metrics")
    await found(Invariant.MONEY_MATCHES_SALES)
    soon = values((await browser.get("/metrics")).text)
    assert soon['te_findings_open{kind="I3"}'] == 0
    assert (await told(browser))['te_findings_open{kind="I3"}'] == 1


async def test_an_app_that_starts_again_measures_once(
    mongo_settings: MongoSettings,
) -> None:
    again = an_app(mongo_settings)
    for _ in range(2):
        async with running(again), a_browser(again) as browser:
            scrape = (await browser.get("/metrics")).text
            assert len(series_in(scrape)["te_findings_readable"]) == 1


def test_an_event_from_the_future_is_not_early() -> None:
    """Stripe's clock may be ahead of ours."""
    registry = CollectorRegistry()
    WebhookMetrics(registry).handled(-0.4)
    assert registry.get_sample_value("te_webhook_lag_seconds_sum") == 0
    assert registry.get_sample_value("te_webhook_lag_seconds_count") == 1
