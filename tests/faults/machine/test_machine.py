"""Whatever happens in whatever order on a real market, its promises hold at every step."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from services.database import MongoSettings
from services.payments.store import PaymentStore
from tests.api.market import OtherSteps
from tests.faults.machine.clocks import Clocks, market_with_clocks
from tests.faults.machine.machine import MarketMachine
from tests.faults.market.test_stripe import SeatFirst
from tests.queries import unheard

COMMON = settings(
    deadline=None,
    derandomize=True,
    database=None,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)
QUICK = settings(COMMON, max_examples=3, stateful_step_count=20)
THOROUGH = settings(COMMON, max_examples=30, stateful_step_count=50)
SEARCHING = settings(COMMON, max_examples=50, stateful_step_count=30, phases=[Phase.generate])
"""The first story that goes wrong will do: making it short takes long."""


MakeMachine = Callable[[OtherSteps], type[MarketMachine]]


@pytest.fixture
def make_machine(mongo_settings: MongoSettings, tmp_path: Path) -> Iterator[MakeMachine]:
    """Machines, with a loop that runs only while something is asked of it."""
    mongo = mongo_settings.model_copy(
        update={"database_prefix": f"{mongo_settings.database_prefix}machine_"}
    )
    number = count()

    with unheard(), asyncio.Runner() as ours:

        def make(other_steps: OtherSteps) -> type[MarketMachine]:
            class Ready(MarketMachine):
                runner = ours

                @staticmethod
                def open_market() -> AbstractAsyncContextManager[Clocks]:
                    folder = tmp_path / str(next(number))
                    folder.mkdir()
                    return market_with_clocks(mongo, folder, other_steps=other_steps)

            return Ready

        yield make


@pytest.fixture
def machine(make_machine: MakeMachine) -> type[MarketMachine]:
    """With our own steps."""
    return make_machine(lambda _: {})


@pytest.mark.timeout(300)
def test_a_few_stories_end_well(machine: type[MarketMachine]) -> None:
    run_state_machine_as_test(machine, settings=QUICK)


@pytest.mark.faults
@pytest.mark.timeout(1800)
def test_many_stories_end_well(machine: type[MarketMachine]) -> None:
    run_state_machine_as_test(machine, settings=THOROUGH)


@pytest.mark.faults
@pytest.mark.timeout(600)
def test_without_closing_the_till_a_story_is_found_that_ends_badly(
    make_machine: MakeMachine,
) -> None:
    careless = make_machine(lambda gateway: {"payments": SeatFirst(PaymentStore(), gateway)})
    with pytest.raises(AssertionError, match="it can still be paid"):
        run_state_machine_as_test(careless, settings=SEARCHING)
