"""Favourites: ★ under a picture, whose they are, and what becomes of them when a picture or a person goes."""

from __future__ import annotations

import json
from typing import Any

import discord
import pytest
from simcord.backend.models import Overwrite

from bot.cogs.double_press import SAME_S
from bot.domain.quota import Limit
from bot.services.orders import Rules
from bot.services.ports.favourites import MOST
from bot.storage.favourites import Favourites
from bot.ui.i18n import text
from tests.integration import conftest
from tests.integration.conftest import World, under_more
from tests.integration.test_parts import fields
from tests.integration.test_personal import erase, in_dm, rows, zips

KEPT, DROPPED = text("en", "favourite-kept"), text("en", "favourite-dropped")


@pytest.fixture(autouse=True)
def generous(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conftest, "RULES", Rules((Limit(99, "hour"),), at_once=9))


async def drawn(world: World, words: str, who: Any = None, **options: Any) -> Any:
    """Let Ada, or someone else, have a picture of the words as they are; return its message."""
    result = await (who or world.ada).slash(world.channel, "imagine", prompt=words, exact=True, **options)
    world.clock.at += 60
    return result.response if options.get("private") else world.message


async def starred(world: World, who: Any, picture: Any) -> str:
    """Press ★ once, not as a double click; return the answer."""
    world.env.backend.advance_clock(SAME_S)
    world.clock.at += 1
    result = await who.click(picture, label="★")
    assert result.ephemeral
    return str(result.response.content)


async def kept(world: World, who: Any) -> list[str]:
    return [job.order.words for job in await Favourites(world.database).of_user(who.id)]


async def test_a_star_keeps_a_picture_and_once_more_takes_it_out_after_a_restart_too(world: World) -> None:
    picture = await drawn(world, "a boat")
    before = picture.content, world.labels()
    assert await starred(world, world.ada, picture) == KEPT
    await world.restart()
    assert await kept(world, world.ada) == ["a boat"]
    assert await starred(world, world.ada, picture) == DROPPED
    assert await kept(world, world.ada) == []
    assert await starred(world, world.ada, picture) == KEPT
    assert (world.message.content, world.labels()) == before, "nobody else sees it"
    assert await world.used(world.ada) == 1


async def test_the_answer_is_in_the_presser_s_language(world: World) -> None:
    world.speaks[world.ben.id] = "zh-CN"
    picture = await drawn(world, "a boat")
    assert await starred(world, world.ben, picture) == text("zh-CN", "favourite-kept")


async def test_a_private_picture_can_be_kept_too(world: World) -> None:
    picture = await drawn(world, "a secret boat", private=True)
    assert await starred(world, world.ada, picture) == KEPT
    assert await kept(world, world.ada) == ["a secret boat"]


async def test_a_picture_that_is_deleted_is_nobody_s_favourite(world: World) -> None:
    first, second = await drawn(world, "a boat"), await drawn(world, "a hill")
    for who in (world.ada, world.ben):
        await starred(world, who, first)
        await starred(world, who, second)
    await under_more(world.ada, first, "Delete")
    await world.mo.delete(second)
    assert await kept(world, world.ada) == await kept(world, world.ben) == []
    assert await rows(world, "favourites") == []


async def test_there_are_so_many_at_most(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.storage.favourites.MOST", 2)
    pictures = [await drawn(world, f"boat {number}") for number in range(3)]
    assert [await starred(world, world.ada, picture) for picture in pictures] == [
        KEPT, KEPT, text("en", "refused-favourites-full", most=MOST),
    ]  # fmt: skip
    assert await starred(world, world.ben, pictures[2]) == KEPT, "each has their own"
    await starred(world, world.ada, pictures[0])
    assert await starred(world, world.ada, pictures[2]) == KEPT


async def test_export_and_erase_know_them_and_another_s_erase_takes_those_of_its_pictures(world: World) -> None:
    own, others = await drawn(world, "a boat"), await drawn(world, "a secret hill", world.ben)
    for picture in (own, others):
        await starred(world, world.ada, picture)
    await starred(world, world.ben, own)
    await world.ada.slash(world.channel, "my data export")
    read = (await zips(await in_dm(world, world.ada)))["data.json"]
    assert [one["message_id"] for one in json.loads(read)["favourites"]] == [str(own.id), str(others.id)]
    assert "secret hill" not in read.decode(), "another's words are another's"

    await erase(world, world.ben)
    assert await kept(world, world.ada) == ["a boat"]
    await starred(world, world.mo, own)
    await starred(world, world.ada, await drawn(world, "a tree", world.mo))
    await erase(world, world.ada)
    assert await rows(world, "favourites") == []


async def test_a_disk_that_takes_nothing_is_told_and_nothing_is_kept(world: World) -> None:
    picture = await drawn(world, "a boat")
    await world.database.on_writer(lambda connection: connection.execute("PRAGMA query_only = 1"))
    said = await starred(world, world.ada, picture)
    await world.database.on_writer(lambda connection: connection.execute("PRAGMA query_only = 0"))
    assert said == text("en", "refused-store")
    assert await kept(world, world.ada) == []


async def test_details_name_the_favourite_that_a_picture_was_made_from_to_those_who_see_it(world: World) -> None:
    hidden = world.env.guild.create_text_channel("hidden")
    await world.ada.slash(hidden, "imagine", prompt="a secret boat", exact=True)
    await starred(world, world.ada, hidden.last_message)
    await world.ada.slash(world.channel, "imagine", prompt="at night", favourite="boat", exact=True)
    picture = world.message
    named = (await fields(world, picture))["details-favourite"]
    assert "a secret boat" in named
    assert str(hidden.last_message.id) in named
    deny = discord.Permissions(view_channel=True).value
    world.env.backend.set_overwrite(hidden.id, Overwrite(target_id=world.ben.id, type=1, allow=0, deny=deny))
    await world.env.settle()
    assert "details-favourite" not in await fields(world, picture, world.ben)
    varied = await world.ada.click(picture, label="Vary")
    await world.ada.select(varied.response, values=["strong"])
    assert world.message.id != picture.id
    assert "details-favourite" not in await fields(world, world.message), "which started from the picture alone"
    await erase(world, world.ada)
