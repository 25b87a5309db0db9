"""A picture that a member posted is fetched through SimCord and cleaned in a process of its own."""

from __future__ import annotations

from typing import Any

import discord
import pytest
from PIL import Image

from bot.errors import sentence
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


async def test_a_mask_is_read_in_a_process_too_and_one_of_another_shape_is_refused_with_both_sizes(
    world: World, attachments: Attachments
) -> None:
    clear = encoded(Image.new("RGBA", (60, 40)).resize((60, 40)))
    half = Image.new("RGBA", (60, 40), "black")
    half.paste((0, 0, 0, 0), (0, 0, 30, 40))
    picture = encoded(noise((60, 40)))

    async def mask(data: bytes) -> bytes:
        message = await posted(world, "mask.png", data)
        return await attachments.mask(picture, message.attachments[0], 7)

    assert decoded(await mask(encoded(half))).size == (60, 40)
    for data, locale, words in (
        (encoded(half.resize((40, 40))), "en-US", "The mask has 40x40 pixels and the picture 60x40"),
        (encoded(half.resize((40, 40))), "zh-CN", "蒙版是 40x40 像素，图是 60x40 像素"),
        (clear, "en-US", "The mask marks the whole picture"),
        (picture, "en-US", "The mask marks nothing"),
        (picture, "zh-CN", "蒙版什么也没标出"),
        (b"<svg/>", "en-US", "That is no picture that I can read"),
    ):
        with pytest.raises(AttachmentRefused) as caught:
            await mask(data)
        assert sentence(caught.value, locale).startswith(words)


async def test_what_only_calls_itself_a_picture_is_refused(world: World, attachments: Attachments) -> None:
    message = await posted(world, "photo.png", b"<svg/>")
    with pytest.raises(AttachmentRefused, match="type"):
        await attachments.of_message(message, 0, 7)
