"""How often a minute the language model reads for one person."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot.domain.jobs import Order, Place
from bot.domain.prompt import as_written
from bot.domain.quota import Limit
from bot.services.minute_budget import PEOPLE_KEPT
from bot.services.orders import Refused, Rules
from bot.services.understanding_budget import TooManyUnderstandings, UnderstandingBudget
from bot.storage.database import Database
from tests.fakes import FakeClock
from tests.unit.test_orders import PLACE, Bench


def test_a_minute_that_rolls() -> None:
    clock = FakeClock(0.0)
    budget = UnderstandingBudget(clock, 3)
    for at in (0.0, 10.0, 20.0):
        clock.at = at
        budget.spend(1)
    for at, free_at in ((20.0, 60.0), (59.9, 60.0)):
        clock.at = at
        with pytest.raises(TooManyUnderstandings) as refused:
            budget.spend(1)
        assert refused.value.free_at == free_at
    budget.spend(2)
    clock.at = 60.0
    budget.spend(1)
    with pytest.raises(TooManyUnderstandings) as refused:
        budget.check(1)
    assert refused.value.free_at == 70.0


def test_what_is_refused_for_another_reason_is_not_counted() -> None:
    budget = UnderstandingBudget(FakeClock(), 1)
    with pytest.raises(KeyError), budget.spent(1):
        raise KeyError
    with budget.spent(1), pytest.raises(TooManyUnderstandings):
        budget.check(1)
    with pytest.raises(TooManyUnderstandings):
        budget.check(1)


def test_none_counts_nothing_and_few_people_are_remembered() -> None:
    unbounded, budget = UnderstandingBudget(FakeClock(), None), UnderstandingBudget(FakeClock(), 1)
    for user_id in range(2 * PEOPLE_KEPT):
        unbounded.spend(1)
        budget.spend(user_id)
    assert len(budget._budget._times) == PEOPLE_KEPT
    assert len(unbounded._budget._times) <= 1


@pytest_asyncio.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    database = await Database.open(tmp_path / "limner.sqlite3")
    yield Bench(database, Rules((Limit(12, "hour"),), at_once=100))
    await database.close()


async def test_of_twenty_orders_at_once_ten_are_taken_and_the_others_reserve_nothing(bench: Bench) -> None:
    ends = await asyncio.gather(
        *(bench.orders.submit(Order(f"boat {number}"), PLACE) for number in range(20)), return_exceptions=True
    )
    refused = [end.free_at for end in ends if isinstance(end, TooManyUnderstandings)]
    assert refused == [bench.clock.now() + 60] * 10
    assert len(await bench.jobs.unfinished()) == len(await bench.ledger.uses(1, 3, 0.0)) == 10
    with pytest.raises(TooManyUnderstandings):
        await bench.orders.check(Order("a boat"), PLACE)


async def test_exact_and_understood_orders_are_not_counted(bench: Bench) -> None:
    for number in range(12):
        await bench.orders.submit(
            Order("a boat", exact=True) if number % 2 else Order("a boat", spec=as_written("a boat")), PLACE
        )
    with pytest.raises(Refused):
        await bench.orders.submit(Order("a boat"), PLACE)
    for number in range(10):
        await bench.orders.submit(Order("a boat"), Place(1, 2, 100 + number))
    with pytest.raises(TooManyUnderstandings):
        await bench.orders.submit(Order("a boat"), Place(1, 2, 200))
    await bench.orders.submit(Order("a boat"), Place(2, 2, 200))
