"""An event that the gateway tells twice, as it may after a resume, is one event."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.ui.gateway_events import REMEMBERED, once
from tests.integration.conftest import World
from tests.integration.test_personal import rows
from tests.integration.test_same_moment import CHANGE, drawn

TOLD = ("INTERACTION_CREATE", "MESSAGE_CREATE")


@pytest.fixture
def doubled(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the gateway tell of each interaction and each message twice."""
    emit = world.env.backend.emit

    def twice(event: str, payload: Any, **how: Any) -> Any:
        first = emit(event, payload, **how)
        return emit(event, payload, **how) if event in TOLD else first

    monkeypatch.setattr(world.env.backend, "emit", twice)


@pytest.mark.usefixtures("doubled")
async def test_a_command_that_comes_twice_is_one_request(world: World) -> None:
    await world.ada.slash(world.channel, "imagine", prompt="a red boat")
    assert (len(await rows(world, "jobs")), await world.used(world.ada)) == (1, 1)


@pytest.mark.usefixtures("doubled")
async def test_a_button_that_comes_twice_is_one_press(world: World) -> None:
    _, picture = await drawn(world, 1)
    await world.ada.click(picture, label="Again")
    assert (len(await rows(world, "jobs")), await world.used(world.ada)) == (2, 2)


@pytest.mark.usefixtures("doubled")
async def test_a_reply_that_comes_twice_is_one_change(world: World) -> None:
    _, picture = await drawn(world, 1)
    world.engine.answer = json.dumps(CHANGE)
    await world.ada.send(world.channel, "make it night", reply_to=picture)
    assert (len(await rows(world, "jobs")), await world.used(world.ada)) == (2, 2)


def test_what_came_is_remembered_for_long_enough_and_not_for_ever() -> None:
    came: list[Any] = []
    read = once(came.append)
    for number in (1, 2, 1, 2):
        read({"id": str(number)})
    read({})
    read({})
    assert came == [{"id": "1"}, {"id": "2"}, {}, {}], "what has no id is not for it to judge"
    for number in range(3, 3 + REMEMBERED):
        read({"id": str(number)})
    read({"id": "1"})
    assert came[-1] == {"id": "1"}, "forgotten by now"
