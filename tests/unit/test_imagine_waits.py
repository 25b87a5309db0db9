"""`limner imagine` with an engine elsewhere: one that loads is waited for, one that is away is not."""

from __future__ import annotations

from typing import Any, cast

import pytest

from bot.cli.imagine import _until_ready
from bot.cli.status_line import StatusLine
from bot.operator_errors import CannotStart
from bot.services.ports.engine import Engine
from engine.api.errors import EngineError, ModelLoading, Unavailable
from engine.api.model_store import Loading

WAIT_S = 0.15
"""Less than the turns below take together."""


class Elsewhere:
    """An engine that is ready after so many questions, and until then answers with an error."""

    def __init__(self, error: EngineError, turns: int) -> None:
        self.error, self.turns = error, turns

    async def ready(self) -> bool:
        self.turns -= 1
        return self.turns < 0

    async def models(self) -> Any:
        raise self.error


async def wait_for(engine: Elsewhere) -> None:
    await _until_ready(cast(Engine, engine), "http://there", WAIT_S, StatusLine("en-US"))


@pytest.mark.parametrize("progress", [Loading("a/painter"), Loading("a/painter", 1, 2)])
async def test_an_engine_that_loads_is_waited_for_and_that_is_said_once(
    progress: Loading, capsys: pytest.CaptureFixture[str]
) -> None:
    await wait_for(Elsewhere(ModelLoading("It loads.", progress=progress), 5))
    assert capsys.readouterr().err.lower().count("load") == 1


@pytest.mark.parametrize("error", [Unavailable("Nobody is there."), ModelLoading("It cannot be loaded.")])
async def test_one_that_is_away_or_cannot_load_is_not(error: EngineError) -> None:
    with pytest.raises(CannotStart):
        await wait_for(Elsewhere(error, 50))
