"""Private pictures: in the interaction's answer while Discord takes it, then by direct message, else refunded."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import discord
import pytest

from bot.cogs.double_press import SAME_S
from bot.domain.jobs import JobState
from bot.errors import JobUnknown
from bot.ui.i18n import text
from tests.integration.conftest import World


async def test_a_private_picture_is_the_answer_itself(world: World) -> None:
    result = await world.ada.slash(world.channel, "imagine", prompt="a red boat", private=True)

    assert result.ephemeral
    assert await world.messages() == [], "nothing in the channel"
    assert "Understood as: a red boat" in result.response.content
    assert len(result.response.attachments) == 1
    (job,) = await world.jobs.of_user(world.ada.id, 0, 5)
    assert (job.state, job.message_id, job.link) == (JobState.DONE, result.response.id, "")
    assert await world.used(world.ada) == 1


async def test_no_right_to_write_in_the_channel_is_needed(world: World) -> None:
    bot = world.env.bot.get_guild(world.env.guild.id).me
    overwrites = {bot: discord.PermissionOverwrite(send_messages=False)}
    channel = world.env.guild.create_text_channel("closed", overwrites=overwrites)
    result = await world.ada.slash(channel, "imagine", prompt="a red boat", private=True)
    assert len(result.response.attachments) == 1


async def test_its_versions_stay_private_and_delete_takes_it_away(world: World) -> None:
    result = await world.ada.slash(world.channel, "imagine", prompt="a red boat", private=True)
    again = await world.ada.click(result.response, label="Again")
    assert again.ephemeral
    assert len(again.response.attachments) == 1
    assert await world.messages() == []
    await world.ada.click(result.response, label="Delete")
    jobs = await world.jobs.of_user(world.ada.id, 0, 5)
    assert len(jobs) == 1, "the deleted one is forgotten"


@pytest.mark.parametrize(("locale", "kept", "every"), [("en-US", "None of them", "All of them"),
                                                       ("zh-CN", "都不删", "全部")])  # fmt: skip
@pytest.mark.parametrize("restart", [False, True])
async def test_delete_of_a_private_set_asks_which_in_the_set_s_own_message(
    world: World, restart: bool, locale: str, kept: str, every: str
) -> None:
    world.speaks[world.ada.id] = locale
    world.engine.distinct = True
    shown = (await world.ada.slash(world.channel, "imagine", prompt="boats", count=3, private=True)).response
    (job,) = await world.jobs.of_user(world.ada.id, 0, 5)
    files = [await one.read() for one in shown.attachments]

    async def asked() -> list[str]:
        if restart:
            await world.restart()
        world.env.backend.advance_clock(SAME_S)
        await world.ada.click(shown, custom_id=f"limner:delete:{job.id}")
        (row,) = shown.components
        return [option["label"] for option in row["components"][0]["options"]]

    async def left() -> list[bytes]:
        return [await one.read() for one in shown.attachments]

    numbers = [text(locale, "picture-number", number=number) for number in (1, 2, 3)]
    assert await asked() == [*numbers, every, kept]
    buttons = str(shown.components)
    await world.ada.select(shown, ["keep"])
    assert (await left(), f"limner:pick:{job.id}:1" in str(shown.components)) == (files, True)
    assert f"limner:pick:{job.id}:1" not in buttons
    await asked()
    await world.ada.select(shown, ["1"])
    assert await left() == [files[0], files[2]]
    assert f"limner:pick:{job.id}:1" not in str(shown.components)
    assert f"limner:pick:{job.id}:2" in str(shown.components)
    assert await asked() == [numbers[0], numbers[2], every, kept]
    await world.ada.select(shown, ["all"])
    gone = await world.jobs.get(job.id)
    assert gone
    assert gone.deleted_at is not None
    assert await world.used(world.ada) == 3, "what was painted stays counted"
    assert await world.messages() == [], "nothing was in the channel"


async def test_the_last_picture_of_a_private_set_takes_the_message_with_it(world: World) -> None:
    world.engine.distinct = True
    shown = (await world.ada.slash(world.channel, "imagine", prompt="boats", count=2, private=True)).response
    (job,) = await world.jobs.of_user(world.ada.id, 0, 5)
    for index in ("0", "1"):
        world.env.backend.advance_clock(SAME_S)
        await world.ada.click(shown, custom_id=f"limner:delete:{job.id}")
        await world.ada.select(shown, [index])
    gone = await world.jobs.get(job.id)
    assert gone
    assert gone.deleted_at is not None


async def test_after_fifteen_minutes_it_comes_by_direct_message(world: World) -> None:
    painted = world.hold()
    await world.ada.slash(world.channel, "imagine", prompt="a red boat", private=True)
    await world.env.advance_time(16 * 60)
    painted.set()
    await world.env.settle()
    (job,) = await world.jobs.of_user(world.ada.id, 0, 5)
    assert job.state is JobState.DONE
    assert job.place.channel_id != world.channel.id
    assert await world.messages() == []
    assert job.link.startswith("https://discord.com/channels/@me/")


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
async def test_an_older_one_cannot_be_read_any_more_which_is_not_called_gone(world: World, locale: str) -> None:
    world.speaks[world.ada.id] = locale
    result = await world.ada.slash(world.channel, "imagine", prompt="a red boat", private=True)
    await world.env.advance_time(16 * 60)
    refused = await world.ada.click(result.response, label=text(locale, "button-upscale"))
    said = [one.content for one in refused.followups] or [refused.response.content]
    assert said == [text(locale, "refused-private-old")]
    assert (len(world.engine.painted), await world.used(world.ada)) == (1, 1)


async def test_it_speaks_the_askers_language_and_not_the_servers(world: World) -> None:
    world.speaks[world.ada.id] = "zh-CN"
    result = await world.ada.slash(world.channel, "imagine", prompt="a red boat", private=True)
    assert "理解为" in result.response.content


async def test_an_id_of_someone_elses_private_picture_opens_nothing(world: World) -> None:
    await world.ada.slash(world.channel, "imagine", prompt="a secret boat", private=True)
    (job,) = await world.jobs.of_user(world.ada.id, 0, 5)
    pictures = world.bot._pictures
    for actor, channel_id in ((world.ben.id, world.channel.id), (world.mo.id, world.channel.id)):
        asked = SimpleNamespace(user=discord.Object(actor), channel_id=channel_id)
        with pytest.raises(JobUnknown):
            await pictures.job(cast("Any", asked), job.id)
    assert await pictures.job(cast("Any", SimpleNamespace(user=discord.Object(world.ada.id), channel_id=1)), job.id)


async def test_an_id_from_elsewhere_opens_nothing_to_strangers(world: World) -> None:
    await world.ada.slash(world.channel, "imagine", prompt="a red boat")
    (job,) = await world.jobs.of_user(world.ada.id, 0, 5)
    here = world.bot.get_guild(world.env.guild.id)
    for guild in (None, SimpleNamespace(id=world.env.guild.id + 1), here):  # here as someone who is no member of it
        user, channel_id = discord.Object(world.ben.id), world.channel.id + 1
        elsewhere = SimpleNamespace(user=user, channel_id=channel_id, guild=guild)
        with pytest.raises(JobUnknown):
            await world.bot._pictures.job(cast("Any", elsewhere), job.id)
