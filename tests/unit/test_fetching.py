"""How far a model's fetch is, from the engine's answer to what members read."""

from __future__ import annotations

import msgspec
import pytest

from bot.domain.jobs import Job, JobState, Order, Place
from bot.domain.progress import Fetching, Waiting
from bot.services.engine_wait import Readiness, State, fetching_of
from bot.ui.cards import card
from bot.ui.i18n import LOCALES
from bot.ui.status import status_text
from engine.api.errors import EngineError, ModelLoading, Unavailable, from_wire
from engine.api.messages import Model
from engine.api.model_store import Loading
from tests.fakes import FakeEngine

NAME, BYTES = "artist/painter", 16_000_000_000
FETCHES = ModelLoading("Loading.", retry_after=2, progress=Loading(NAME, 43 * BYTES // 100 + 1, BYTES))


def wired(error: EngineError) -> EngineError:
    """Return what the client makes of an error that the engine sends."""
    return from_wire(error.status, msgspec.json.encode(error.body()), "2")


class Loads(FakeEngine):
    def __init__(self, error: EngineError) -> None:
        super().__init__()
        self.error: EngineError | None = error

    async def ready(self) -> bool:
        return self.error is None

    async def models(self) -> list[Model]:
        if self.error:
            raise self.error
        return []


def test_it_crosses_the_wire_and_others_answers_have_none() -> None:
    assert fetching_of(wired(FETCHES)) == Fetching(NAME, 43, BYTES)
    assert fetching_of(wired(ModelLoading("Loading."))) is None
    assert fetching_of(wired(ModelLoading("Loading.", progress=Loading(NAME)))) is None, "it is here, and being loaded"
    assert fetching_of(Unavailable("away")) is None
    assert isinstance(from_wire(503, b'{"error": {"message": "x", "code": "model_loading"}}'), ModelLoading)


async def test_readiness_says_it_while_it_lasts() -> None:
    engine = Loads(wired(FETCHES))
    readiness = Readiness(engine)
    assert (await readiness.now(), readiness.fetching) == (State.LOADING, Fetching(NAME, 43, BYTES))
    engine.error = wired(ModelLoading("Loading."))
    assert (await readiness.now(), readiness.fetching) == (State.LOADING, None)
    engine.error = None
    assert await readiness.now() is State.READY


@pytest.mark.parametrize("locale", LOCALES)
async def test_members_read_the_model_the_percent_and_the_size(locale: str) -> None:
    status = status_text(locale, FETCHES, [], paused=None, running=0, since=0, now=1)
    asked = Job("0" * 32, Order("a boat"), Place(1, 1, 1, locale=locale), 5, JobState.QUEUED, 1_000.0)
    message = card(asked, Waiting(None, Fetching(NAME, 43, BYTES))).content
    for told in (status, message):
        assert all(part in told for part in (NAME, "43 %", "16.0 GB", "▰▰▰▰▱▱▱▱▱▱")), told
