"""Admission: between Enter and the acknowledgement, one transaction decides, writes and tells how the limits stand."""

from __future__ import annotations

from typing import Any

import pytest

from bot.cogs import responses, services
from bot.storage.database import Database
from tests.integration.conftest import World
from tests.integration.test_moderation import moderator


@pytest.fixture
def trips(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ways to the database's threads, and the acknowledgements, in order."""
    order: list[str] = []
    for name in ("read", "read_much", "write"):
        original = getattr(Database, name)

        async def counted(self: Database, *given: Any, name: str = name, original: Any = original, **more: Any) -> Any:
            order.append(name)
            return await original(self, *given, **more)

        monkeypatch.setattr(Database, name, counted)
    answer = responses.answer

    async def answered(*given: Any) -> int:
        order.append("answered")
        return await answer(*given)

    monkeypatch.setattr(services, "answer", answered)
    return order


async def test_an_order_is_one_write_and_one_read_of_the_usual_settings(world: World, trips: list[str]) -> None:
    await moderator(world).slash(world.channel, "moderation words add", word="zorkslur")
    await world.ada.slash(world.channel, "imagine", prompt="a boat")
    trips.clear()
    accepted = await world.ada.slash(world.channel, "imagine", prompt="a boat")
    assert accepted.response.content == "On its way: your picture appears in this channel. 1 of 3 left this hour."
    assert trips[: trips.index("answered")] == ["read", "write"]
    trips.clear()
    refused = await world.ada.slash(world.channel, "imagine", prompt="a zorkslur")
    assert refused.response.content.startswith("Your request holds a word")
    assert "answered" not in trips


async def test_words_that_changed_since_they_were_read_count(world: World) -> None:
    boss = moderator(world)
    await world.ada.slash(world.channel, "imagine", prompt="a boat")
    await boss.slash(world.channel, "moderation words add", word="zorkslur")
    refused = await world.ada.slash(world.channel, "imagine", prompt="a zorkslur")
    assert refused.response.content.startswith("Your request holds a word")
    await boss.slash(world.channel, "moderation words remove", word="zorkslur")
    await world.ada.slash(world.channel, "imagine", prompt="a zorkslur")
    assert await world.used(world.ada) == 2
