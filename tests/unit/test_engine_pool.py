"""A list of engines: which gets which work, which is left out, what people are told; each is a fake at our port."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
import structlog
from msgspec import structs

from bot.services import listed_engine
from bot.services.engine_pool import EnginePool
from bot.services.ports.engine import ListStatus
from engine.api.chat_progress import OnProgress, ignore_progress
from engine.api.errors import EngineError, ModelLoading, QueueFull, Unauthorized, Unavailable
from engine.api.messages import (
    ChatMessage,
    ChatRequest,
    Completed,
    ImageEvent,
    ImageRequest,
    Model,
    ModelFacts,
    Status,
)
from tests.fakes import FakeEngine

PAINTER = Model("a/painter", owned_by="here", limner=ModelFacts("painter", why="it fits GPU 0"))
REQUEST = ImageRequest("a boat", seed=7)
CHAT = ChatRequest([ChatMessage("user", "a boat")])


class Listed(FakeEngine):
    """One of a list; `away` is why it takes no work, and until `hangs` is set it answers nothing."""

    def __init__(self) -> None:
        super().__init__(models=[PAINTER])
        self.keys: set[str] = set()
        self.away: EngineError | None = None
        self.hangs: asyncio.Event | None = None
        self.queue = Status(0, 0.0, 0.0)
        self.answer_s = 0.0
        self.hold_chats: asyncio.Event | None = None
        self.fails_chats: list[EngineError] = []

    async def holds(self, key: str) -> bool:
        return key in self.keys

    async def ready(self) -> bool:
        await asyncio.sleep(self.answer_s)
        if self.hangs:
            await self.hangs.wait()
        return self.away is None

    async def models(self) -> list[Model]:
        if self.away:
            raise self.away
        return self.listed

    async def chat(self, request: ChatRequest, on_progress: OnProgress = ignore_progress) -> str:
        answer = await super().chat(request, on_progress)
        if self.hold_chats:
            await self.hold_chats.wait()
        if self.fails_chats:
            raise self.fails_chats.pop(0)
        return answer


class Two:
    """A pool of two engines."""

    def __init__(self) -> None:
        self.one, self.two = Listed(), Listed()
        self.pool = EnginePool({"gpu0": self.one, "gpu1": self.two})

    @property
    def counts(self) -> tuple[int, int]:
        return len(self.one.painted), len(self.two.painted)

    async def paint(self, key: str | None = None) -> list[ImageEvent]:
        return [event async for event in self.pool.images(REQUEST, key=key)]


@pytest_asyncio.fixture
async def pair() -> AsyncIterator[Two]:
    made = Two()
    yield made
    await made.pool.close()


async def test_the_engine_that_begins_soonest_paints(pair: Two) -> None:
    pair.one.queue, pair.two.queue = Status(1, 30.0, 0.1), Status(4, 6.0, 0.1)
    await pair.paint()
    assert pair.counts == (0, 1), "by its forecast, not by how many wait"
    pair.two.queue = Status(4, 31.0, 0.1)
    await pair.paint()
    assert pair.counts == (1, 1)


async def test_without_a_forecast_the_fewest_pictures_decide(pair: Two) -> None:
    pair.one.queue, pair.two.queue = Status(2, None), Status(1, None)
    await pair.paint()
    assert pair.counts == (0, 1)


async def test_an_engine_whose_model_thread_is_silent_comes_last(pair: Two) -> None:
    pair.one.queue, pair.two.queue = Status(1, 0.0, 60.0), Status(5, 50.0, 0.1)
    await pair.paint()
    assert pair.counts == (0, 1)


@pytest.mark.parametrize("requests", [2, 3, 10])
async def test_requests_of_one_moment_are_spread(pair: Two, requests: int) -> None:
    held = asyncio.Event()
    pair.one.hold = pair.two.hold = held.wait
    painting = [asyncio.create_task(pair.paint(f"job{number}")) for number in range(requests)]
    while sum(pair.counts) < requests:
        await asyncio.sleep(0)
    assert sorted(pair.counts) == [requests // 2, requests - requests // 2]
    held.set()
    await asyncio.gather(*painting)
    assert (await pair.pool.status()).waiting == 0


async def test_requests_of_one_moment_go_by_the_seconds_that_each_engine_needs(pair: Two) -> None:
    """One takes 10 s a picture and the other 2 s: of six, the fast one gets five."""
    held = asyncio.Event()
    pair.one.hold = pair.two.hold = held.wait
    pair.one.queue, pair.two.queue = Status(1, 10.0), Status(1, 2.0)
    painting = [asyncio.create_task(pair.paint()) for _ in range(6)]
    while sum(pair.counts) < 6:
        await asyncio.sleep(0)
    assert pair.counts == (1, 5)
    held.set()
    await asyncio.gather(*painting)


async def test_a_key_stays_where_it_went(pair: Two) -> None:
    await pair.paint("job")
    assert pair.counts == (1, 0)
    pair.one.queue = Status(9, 90.0)
    await pair.paint("job")
    assert pair.counts == (2, 0)
    await pair.paint("another")
    assert pair.counts == (2, 1)


async def test_after_a_restart_of_the_bot_the_engine_that_has_the_key_is_found(pair: Two) -> None:
    pair.two.keys.add("job")
    pair.two.queue = Status(9, 90.0)
    await pair.paint("job")
    assert pair.counts == (0, 1)


async def test_a_job_whose_engine_dies_is_painted_by_another_with_the_same_seed(pair: Two) -> None:
    pair.one.fails = [Unavailable("The engine's answer was cut short.")]
    with pytest.raises(Unavailable):
        await pair.paint("job")
    pair.one.away = Unavailable("nobody is there")
    events = await pair.paint("job")
    assert [event.seed for event in events if isinstance(event, Completed)] == [7]
    assert (pair.counts, pair.one.painted, pair.two.painted) == ((1, 1), [(REQUEST, "job")], [(REQUEST, "job")])


async def test_a_job_whose_connection_alone_broke_goes_back_to_its_engine(pair: Two) -> None:
    pair.one.fails, pair.one.answer_s = [Unavailable("The engine's answer was cut short.")], 0.02
    with pytest.raises(Unavailable):
        await pair.paint("job")
    await pair.paint("job")
    assert pair.counts == (2, 0)


async def test_a_full_engine_is_passed_over_and_when_all_are_full_the_shortest_wait_counts(pair: Two) -> None:
    held = [event async for event in Refusing(pair.one, pair.two).pool.images(REQUEST)]
    assert isinstance(held[-1], Completed)
    both = Refusing(pair.one, pair.two, refuses=2)
    with pytest.raises(QueueFull) as full:
        [event async for event in both.pool.images(REQUEST)]
    assert full.value.retry_after == 2


class Refusing:
    """A pool whose first engines, or all, have full queues: they refuse before any event."""

    def __init__(self, *engines: Listed, refuses: int = 1) -> None:
        for number, engine in enumerate(engines):
            engine.fails = []
            if number < refuses:
                vars(engine)["images"] = _refuse(5.0 - 3 * number)
        self.pool = EnginePool({f"gpu{number}": engine for number, engine in enumerate(engines)})


def _refuse(retry_after: float) -> object:
    async def images(request: ImageRequest, **_: object) -> AsyncIterator[ImageEvent]:
        if retry_after:
            raise QueueFull("full", retry_after=retry_after)
        yield Completed(b"")

    return images


async def test_an_engine_that_is_away_is_left_out_and_comes_back(pair: Two) -> None:
    pair.one.away = Unavailable("nobody is there")
    await pair.paint()
    assert pair.counts == (0, 1)
    pair.one.away = None
    await pair.pool.status()  # which any look of the bot's does: it is asked in the background
    await asyncio.sleep(0.01)
    await pair.paint()
    assert pair.counts == (1, 1)


async def test_an_engine_that_hangs_costs_one_look_and_then_nothing(pair: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listed_engine, "LOOK_S", 0.2)
    now = asyncio.get_running_loop().time
    pair.one.hangs, began = asyncio.Event(), now()
    await pair.paint()
    assert 0.2 <= now() - began < 2
    monkeypatch.setattr(listed_engine, "LOOK_S", 60.0)
    async with asyncio.timeout(5):
        await pair.paint()
    assert pair.counts == (0, 2)


async def test_one_that_is_cancelled_amid_a_look_leaves_the_others_theirs(pair: Two) -> None:
    pair.one.hangs = asyncio.Event()
    waiting = [asyncio.create_task(pair.paint()) for _ in range(2)]
    await asyncio.sleep(0.01)
    waiting[0].cancel()
    await asyncio.sleep(0.01)
    pair.one.hangs.set()
    async with asyncio.timeout(2):
        assert await waiting[1]
    assert waiting[0].cancelled()


async def test_with_all_away_the_list_is_as_one_engine_that_is_away(pair: Two) -> None:
    pair.one.away = pair.two.away = Unavailable("nobody is there")
    assert not await pair.pool.ready()
    for asked in (pair.pool.models(), pair.pool.status(), pair.paint("job"), pair.pool.chat(CHAT)):
        with pytest.raises(Unavailable):
            await asked
    pair.two.away = ModelLoading("It loads.")
    with pytest.raises(ModelLoading, match="It loads"):
        await pair.pool.models()
    assert not await pair.pool.ready()


async def test_a_key_that_all_refuse_is_an_answer_for_the_request(pair: Two) -> None:
    refusal = Unauthorized("The key is wrong.")
    for engine in (pair.one, pair.two):
        vars(engine)["models"] = _raiser(refusal)
    assert await pair.pool.ready()
    with pytest.raises(Unauthorized):
        await pair.paint()
    vars(pair.one).pop("models")
    pair.one.away = Unavailable("nobody is there")
    assert not await pair.pool.ready(), "the other may come back"


def _raiser(error: EngineError) -> object:
    async def models() -> list[Model]:
        raise error

    return models


async def test_chats_are_spread_and_one_that_is_lost_is_asked_of_another(pair: Two) -> None:
    held = asyncio.Event()
    pair.one.hold_chats = pair.two.hold_chats = held
    asked = [asyncio.create_task(pair.pool.chat(CHAT)) for _ in range(4)]
    while len(pair.one.chats) + len(pair.two.chats) < 4:
        await asyncio.sleep(0)
    assert (len(pair.one.chats), len(pair.two.chats)) == (2, 2)
    held.set()
    await asyncio.gather(*asked)
    pair.one.fails_chats = [Unavailable("cut short")]
    assert await pair.pool.chat(CHAT) == pair.two.answer
    pair.one.fails_chats, pair.two.fails_chats = [Unavailable("cut short")], [Unavailable("cut short")]
    await asyncio.sleep(0.01)
    with pytest.raises(Unavailable):
        await pair.pool.chat(CHAT)


async def test_a_cancel_reaches_the_engine_of_its_job_and_all_others_that_answer(pair: Two) -> None:
    await pair.paint("job")
    await pair.pool.cancel("job")
    assert pair.one.cancelled == pair.two.cancelled == ["job"], "a job that moved may still be held by the first"


OTHERS = {
    "painter": (structs.replace(PAINTER, id="b/painter"), "Its painter is b/painter, and that of gpu0 is a/painter."),
    "sizes": (
        structs.replace(PAINTER, limner=ModelFacts("painter", sizes={"square": "512x512"})),
        "Its sizes is {'square': '512x512'}, and that of gpu0 is {}.",
    ),
}


@pytest.mark.parametrize("fact", OTHERS)
async def test_an_engine_with_other_models_is_left_out_with_one_sentence(pair: Two, fact: str) -> None:
    other, sentence = OTHERS[fact]
    pair.two.listed = [other]
    pair.one.queue = Status(5, 50.0)
    with structlog.testing.capture_logs() as logs:
        for _ in range(3):
            await pair.paint()
            models = await pair.pool.models()
    assert [line["why"] for line in logs if line["event"] == "engine.left_out"] == [sentence]
    assert (pair.counts, models) == ((3, 0), [PAINTER])
    status = await pair.pool.status()
    assert isinstance(status, ListStatus)
    [_, second] = status.engines
    assert second.differs
    assert second.differs.fact == fact


async def test_while_the_first_is_away_others_with_other_models_do_not_take_its_work(pair: Two) -> None:
    pair.two.listed = [OTHERS["painter"][0]]
    await pair.paint("job")
    pair.one.away = Unavailable("nobody is there")
    with pytest.raises(Unavailable):
        await pair.paint("job")
    assert pair.counts == (1, 0)


async def test_one_that_stays_away_decides_no_more_which_models_count(
    pair: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair.two.listed = [OTHERS["painter"][0]]
    await pair.paint()
    monkeypatch.setattr(listed_engine, "REMEMBERED_S", 0.0)
    pair.one.away = Unavailable("nobody is there")
    await pair.paint()
    assert pair.counts == (1, 1)


async def test_why_a_model_was_chosen_and_who_owns_it_may_differ_and_all_owners_are_named(pair: Two) -> None:
    pair.two.listed = [Model("a/painter", owned_by="there", limner=ModelFacts("painter", why="it fits GPU 1"))]
    [model] = await pair.pool.models()
    assert model.owned_by == "here, there"


async def test_an_engine_whose_picture_check_failed_is_the_one_that_is_left_out(pair: Two) -> None:
    pair.one.listed = [structs.replace(PAINTER, limner=ModelFacts("painter", check="failed"))]
    pair.two.listed = [structs.replace(PAINTER, limner=ModelFacts("painter", check="on"))]
    await pair.paint()
    assert pair.counts == (0, 1)
