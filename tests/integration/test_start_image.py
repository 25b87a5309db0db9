"""A picture that a member posted is fetched through SimCord and cleaned in a process of its own."""

from __future__ import annotations

from typing import Any

import discord
import pytest

from bot.ui.attachments import AttachmentRefused, Attachments
from bot.workers.picture_process import PictureProcess
from tests import pictures
from tests.integration.conftest import SimCordCdn, World
from tests.pictures import decoded, encoded, noise


@pytest.fixture
def attachments(world: World) -> Attachments:
    cdn = SimCordCdn()
    cdn.client = world.bot
    return Attachments(PictureProcess(), cdn)


async def posted(world: World, name: str, data: bytes) -> Any:
    channel = world.env.bot.get_channel(world.channel.id)
    assert isinstance(channel, discord.TextChannel)
    await world.ada.send(world.channel, "look", attachments=[(name, data)])
    return await channel.fetch_message(world.channel.last_message.id)


async def test_a_members_picture_is_fetched_clean(world: World, attachments: Attachments) -> None:
    data = encoded(noise((60, 40)), "JPEG", exif=pictures.exif(8))
    message = await posted(world, "photo.jpg", data)
    image = decoded(await attachments.of_message(message, 0, 7))
    assert (image.format, image.size) == ("WEBP", (40, 60))
    assert not {"exif", "xmp", "icc_profile"} & set(image.info)


async def test_what_only_calls_itself_a_picture_is_refused(world: World, attachments: Attachments) -> None:
    message = await posted(world, "photo.png", b"<svg/>")
    with pytest.raises(AttachmentRefused, match="type"):
        await attachments.of_message(message, 0, 7)
