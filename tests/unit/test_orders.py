"""The way of a job through the services, with a real database and nothing of Discord."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.assembly import assemble_jobs
from bot.domain.jobs import Job, JobState, Kind, Order, Painted, Place
from bot.domain.progress import Failed, Finished, HeldForReview, InLine, Painting, Reason, Suspended, Waiting
from bot.domain.prompt import PromptSpec
from bot.domain.quota import Limit
from bot.domain.styles import Styles
from bot.services import engine_wait, job_runner, orders, versions
from bot.services.catalog import Catalog
from bot.services.engine_wait import Patience
from bot.services.orders import Closing, Rules
from bot.services.ports.messaging import Posted
from bot.services.ports.storage import StoreUnavailable
from bot.storage.database import Database
from bot.storage.jobs import Jobs
from bot.storage.ledger import Ledger
from bot.storage.review import HeldPictures
from bot.storage.statistics import Statistics
from engine.api.errors import QueueFull, Unauthorized, Unavailable
from engine.api.messages import Model, ModelFacts, Status
from tests.fakes import SPEC, FakeBoard, FakeClock, FakeEngine, FakeMessenger, FakeRooms

PLACE = Place(1, 2, 3)


class Bench:
    """The service and everything around it."""

    def __init__(self, database: Database, rules: Rules) -> None:
        self.engine, self.messenger, self.clock = FakeEngine(), FakeMessenger(), FakeClock()
        self.database, self.jobs, self.ledger = database, Jobs(database), Ledger(database)
        self.orders = assemble_jobs(
            engine=self.engine, catalog=Catalog(self.engine), database=database, jobs=self.jobs, ledger=self.ledger,
            held=HeldPictures(database), tally=Statistics(database), messenger=self.messenger, rooms=FakeRooms(),
            board=FakeBoard(), clock=self.clock, styles=Styles([]), rules=rules,
            cannot_load=lambda: self.engine.broken,
        ).orders  # fmt: skip

    async def draw(self, words: str = "a boat", place: Place = PLACE) -> str:
        job = (await self.orders.submit(Order(words), place)).job
        self.orders.start(job)
        while self.orders.running:
            await asyncio.sleep(0.01)
        return job.id

    async def state(self, job_id: str) -> JobState:
        job = await self.jobs.get(job_id)
        assert job
        return job.state

    async def read_only(self, value: bool) -> None:
        await self.database.on_writer(lambda connection: connection.execute(f"PRAGMA query_only = {int(value)}"))


@pytest_asyncio.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    database = await Database.open(tmp_path / "limner.sqlite3")
    yield Bench(database, Rules((Limit(5, "hour"),), at_once=5, patience=Patience(0.2)))
    await database.close()


async def test_the_message_goes_from_queued_to_the_picture(bench: Bench) -> None:
    job_id = await bench.draw()
    understood, queued, painting, finished = bench.messenger.shown[job_id]
    assert understood == InLine(0)
    assert queued == InLine(1, bench.clock.now() + 4.0)
    assert painting == Painting(1, 2)
    assert isinstance(finished, Finished)
    assert await bench.state(job_id) is JobState.DONE


async def test_whoever_waits_for_an_acknowledgement_goes_before_a_jobs_first_message(bench: Bench) -> None:
    first, second = [(await bench.orders.submit(Order("a boat"), PLACE)).job for _ in range(2)]
    bench.orders.start(first)
    await asyncio.sleep(0.05)
    assert not bench.messenger.shown, "the second is not acknowledged yet"
    bench.orders.start(second)
    while bench.orders.running:
        await asyncio.sleep(0.01)
    assert [await bench.state(job.id) for job in (first, second)] == [JobState.DONE] * 2


async def test_a_job_waits_for_a_moment_alone_for_others(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orders, "OTHERS_FIRST_S", 0.01)
    await bench.orders.submit(Order("a boat"), PLACE)
    assert await bench.state(await bench.draw()) is JobState.DONE


async def test_an_order_on_a_disk_that_takes_nothing_changes_nothing(bench: Bench) -> None:
    await bench.read_only(True)
    with pytest.raises(StoreUnavailable):
        await bench.orders.submit(Order("a boat"), PLACE)
    await bench.read_only(False)
    assert await bench.jobs.unfinished() == []
    assert await bench.draw()


async def test_an_end_is_written_down_once_the_disk_takes_it(bench: Bench) -> None:
    job = (await bench.orders.submit(Order("a boat"), PLACE)).job

    async def fill_the_disk() -> None:
        await bench.read_only(True)
        asyncio.get_running_loop().call_later(0.2, lambda: asyncio.create_task(bench.read_only(False)))

    bench.engine.hold = fill_the_disk
    bench.orders.start(job)
    while bench.orders.running:
        await asyncio.sleep(0.01)
    assert isinstance(bench.messenger.shown[job.id][-1], Finished)
    assert await bench.state(job.id) is JobState.DONE


async def test_a_stop_on_a_full_disk_leaves_pictures_that_are_shown(bench: Bench) -> None:
    """The next start finds them, and paints nothing again."""
    finish, shown = bench.messenger.finish, asyncio.Event()

    async def show_and_fill_the_disk(job: Job, stage: Finished | Failed | HeldForReview | Suspended) -> None:
        await bench.read_only(True)
        await finish(job, stage)
        shown.set()

    bench.messenger.finish = show_and_fill_the_disk  # type: ignore[method-assign]
    job = (await bench.orders.submit(Order("a boat"), PLACE)).job
    bench.orders.start(job)
    await shown.wait()
    await bench.orders.drain(0.1)
    assert isinstance(bench.messenger.shown[job.id][-1], Finished)
    assert not (await bench.state(job.id)).ended


async def test_a_message_whose_place_the_disk_does_not_take_is_not_lost(bench: Bench) -> None:
    """It would show a Cancel button for ever, and the recovery would look for it."""
    post = bench.messenger.post

    async def post_and_fill_the_disk(job: Job, finished: Finished | None = None) -> Posted:
        posted = await post(job, finished)
        await bench.read_only(True)
        asyncio.get_running_loop().call_later(0.3, lambda: asyncio.create_task(bench.read_only(False)))
        return posted

    bench.messenger.post = post_and_fill_the_disk  # type: ignore[method-assign]
    job_id = await bench.draw()
    job = await bench.jobs.get(job_id)
    assert job
    assert (job.message_id, job.state) == (1, JobState.DONE)


async def test_how_pictures_were_made_is_on_disk_before_they_are_delivered(bench: Bench) -> None:
    """So that those which a crash left delivered can be enlarged, too."""
    seen: list[Painted | None] = []
    finish = bench.messenger.finish

    async def look(job: Job, stage: Finished | Failed | HeldForReview | Suspended) -> Posted | None:
        found = await bench.jobs.get(job.id)
        assert found
        seen.append(found.painted)
        return await finish(job, stage)

    bench.messenger.finish = look  # type: ignore[method-assign]
    job = await bench.jobs.get(await bench.draw())
    assert job
    assert job.painted
    assert seen == [job.painted]


async def test_an_engine_that_stays_away_ends_in_a_refund(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_wait, "POLL_S", 0.0)
    bench.engine.alive = False
    bench.engine.models = _refuse_connection  # type: ignore[method-assign]
    job_id = await bench.draw()
    waiting, failed = bench.messenger.shown[job_id][0], bench.messenger.shown[job_id][-1]
    assert isinstance(waiting, Waiting)
    assert waiting.until is not None
    assert isinstance(failed, Failed)
    assert failed.reason is Reason.UNAVAILABLE
    assert await bench.ledger.uses(1, 3, 0.0) == []


async def test_the_engine_takes_turns_among_people_whose_ids_it_is_not_told(bench: Bench) -> None:
    other = replace(PLACE, user_id=PLACE.user_id + 1)
    for place in (PLACE, other, PLACE):
        await bench.draw(place=place)
    one, two, again = (request.user for request, _ in bench.engine.painted)
    assert one
    assert two
    assert one == again != two
    assert {one, two}.isdisjoint({str(PLACE.user_id), str(other.user_id)})


async def test_a_full_engine_is_waited_for(bench: Bench) -> None:
    bench.engine.queue = Status(waiting=64, wait_s=30.0)
    bench.engine.fails = [QueueFull("full", retry_after=0.01), QueueFull("full", retry_after=0.01)]
    job_id = await bench.draw()
    assert bench.messenger.shown[job_id].count(InLine(64, bench.clock.now() + 30.0)) == 2
    assert await bench.state(job_id) is JobState.DONE
    assert len(bench.engine.chats) == 1  # what its words were understood as is kept


async def test_an_engine_that_does_not_say_how_long_it_is_full_is_not_waited_for(bench: Bench) -> None:
    bench.engine.fails = [QueueFull("full")]
    job_id = await bench.draw()
    assert bench.messenger.shown[job_id][-1] == Failed(Reason.BUSY, "full")


async def test_a_wrong_key_is_told_as_such(bench: Bench) -> None:
    bench.engine.fails = [Unauthorized("no")]
    job_id = await bench.draw()
    assert bench.messenger.shown[job_id][-1] == Failed(Reason.KEY, "no")


async def test_words_that_the_model_says_it_does_not_know_are_named(bench: Bench) -> None:
    facts = ModelFacts("planner", knows={"en": ["boats"]}, words=["a", "boat", "and"])
    bench.engine.listed = [Model("limner-starter", limner=facts)]
    bench.engine.answer = json.dumps({**SPEC, "unknown": ["dragon"]})
    job_id = await bench.draw("a boat and a dragon")
    finished = bench.messenger.shown[job_id][-1]
    assert isinstance(finished, Finished)
    assert finished.remarks.unknown
    assert (finished.remarks.unknown.words, finished.remarks.unknown.knows) == (("dragon",), {"en": ["boats"]})


async def test_words_without_a_usable_answer_are_drawn_as_written_and_it_says_so(bench: Bench) -> None:
    bench.engine.answer = "I would rather not."
    job_id = await bench.draw("dragon")
    job, finished = await bench.jobs.get(job_id), bench.messenger.shown[job_id][-1]
    assert job
    assert job.spec
    assert (job.spec.understood, job.spec.prompt) == ("dragon", "dragon")
    assert isinstance(finished, Finished)
    assert finished.remarks.as_written


async def test_after_closing_no_order_is_taken_and_running_ones_stay_on_disk(bench: Bench) -> None:
    bench.engine.hold = asyncio.Event().wait
    job = (await bench.orders.submit(Order("a boat"), PLACE)).job
    bench.orders.start(job)
    await asyncio.sleep(0.05)
    await bench.orders.close()
    assert [left.id for left in await bench.jobs.unfinished()] == [job.id]
    with pytest.raises(Closing):
        await bench.orders.submit(Order("a boat"), PLACE)


async def test_a_stop_while_the_gate_is_asked_takes_no_order(bench: Bench) -> None:
    class Stopping:
        async def check(self, order: Order, place: Place, model: str = "") -> None: ...

        async def check_words(self, order: Order, place: Place, *, anew: bool = False) -> tuple[str, ...]:
            await bench.orders.drain(0.1)
            return ()

        async def allows(self, spec: PromptSpec, place: Place) -> bool:
            return True

    bench.orders._gate = Stopping()
    with pytest.raises(Closing):
        await bench.orders.submit(Order("a boat"), PLACE)
    assert await bench.jobs.unfinished() == []


async def test_a_channel_that_is_gone_is_a_refund(bench: Bench) -> None:
    bench.messenger.gone = True
    job_id = await bench.draw()
    assert await bench.state(job_id) is JobState.FAILED
    assert bench.engine.painted == []
    assert await bench.ledger.uses(1, 3, 0.0) == []


async def test_those_who_wait_ask_the_engine_together(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_wait, "POLL_S", 0.05)
    bench.engine.alive = False
    asked = 0

    async def ready() -> bool:
        nonlocal asked
        asked += 1
        return bench.engine.alive

    bench.engine.ready = ready  # type: ignore[method-assign]
    for _ in range(5):
        bench.orders.start((await bench.orders.submit(Order("a boat"), PLACE)).job)
    await asyncio.sleep(0.5)
    assert asked < 5 + 0.5 / 0.05 + 2, "each once at first, then one for all"
    bench.engine.alive = True
    while bench.orders.running:
        await asyncio.sleep(0.01)
    assert len(bench.engine.painted) == 5


async def _refuse_connection() -> list[Model]:
    raise Unavailable("refused")


async def test_a_picture_that_is_shown_is_finished_before_that_is_committed(bench: Bench) -> None:
    """A press or a reply comes within the second in which the delivery is still to be written down."""
    finish, seen = bench.messenger.finish, list[Order]()

    async def pressed(job: Job, stage: Finished | Failed | HeldForReview | Suspended) -> Posted | None:
        shown = await finish(job, stage)
        parent = await bench.jobs.get(job.id)
        assert parent
        assert not parent.state.ended
        seen.extend((versions.again(parent), versions.refine(parent, "make it blue")))
        return shown

    bench.messenger.finish = pressed  # type: ignore[method-assign]
    await bench.draw()
    assert [order.kind for order in seen] == [Kind.AGAIN, Kind.REFINE]


async def test_a_job_of_which_nothing_is_heard_ends_with_its_refund(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where the engine's model hangs, while its event loop goes on sending comments."""
    monkeypatch.setattr(job_runner, "SILENCE_S", 0.2)
    monkeypatch.setattr(job_runner, "FORECASTS", 0.01)
    bench.engine.hold = asyncio.Event().wait
    async with asyncio.timeout(10):
        job_id = await bench.draw()
    assert bench.messenger.shown[job_id][-1] == Failed(Reason.UNAVAILABLE)
    assert bench.engine.cancelled == [job_id]
    assert await bench.ledger.uses(1, 3, 0.0) == []


async def test_what_is_committed_after_its_refusal_is_released(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orders, "ADMIT_S", 0.1)
    go, reserve = asyncio.Event(), bench.ledger.reserve

    async def late(*arguments: Any) -> Any:
        answer = await reserve(*arguments)
        await go.wait()
        return answer

    bench.ledger.reserve = late  # type: ignore[assignment,method-assign]
    with pytest.raises(StoreUnavailable):
        await bench.orders.submit(Order("a boat"), PLACE)
    go.set()
    async with asyncio.timeout(5):
        while await bench.jobs.unfinished():
            await asyncio.sleep(0.01)
    assert await bench.ledger.uses(1, 3, 0.0) == []
    assert bench.engine.painted == []
