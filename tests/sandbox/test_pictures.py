"""Pictures that members attach in the sandbox are fetched from its server by the same way as from Discord's."""

from __future__ import annotations

import io
from typing import Any

import discord

from bot.ui.attachments import AttachmentRefused, Attachments
from bot.workers.picture_process import PictureProcess
from tests import pictures
from tests.pictures import decoded, encoded, noise
from tests.sandbox.stage import TinyBot, stage

PHOTO = encoded(noise((120, 80)), "JPEG", exif=pictures.exif(6))


async def test_an_attached_picture_is_fetched_and_made_safe() -> None:
    attachments = Attachments(PictureProcess())
    fetched: list[bytes | str] = []

    def define(bot: TinyBot) -> None:
        @bot.tree.command(name="start", description="x")
        async def start(interaction: discord.Interaction, image: discord.Attachment) -> None:
            await interaction.response.defer()
            result: bytes | str
            try:
                result = await attachments.fetch(image, 7)
            except AttachmentRefused as error:
                result = error.reason
            await interaction.followup.send("done")
            fetched.append(result)  # the last, since the stage is closed after it

    async with stage(define) as on:
        files: dict[str, bytes] = {
            "photo.jpg": PHOTO,
            "photo.png": b"<html>",
            "moving.webp": pictures.animation("WEBP"),
        }
        for name, data in files.items():
            async with on.session.post("/page/upload", params={"as": "Ada", "name": name}, data=data) as answer:
                upload: Any = await answer.json()
            await on.command("start", image=upload["id"])
            await on.until(lambda: len(fetched) == [*files].index(name) + 1)  # noqa: B023 - called before it changes
    photo, *refused = fetched
    assert isinstance(photo, bytes)
    image = decoded(photo)
    assert (image.format, image.size) == ("WEBP", (80, 120))
    assert not {"exif", "xmp", "icc_profile", "comment"} & image.info.keys()
    assert refused == ["type", "animated"]


async def test_a_picture_of_the_bots_own_message_is_fetched() -> None:
    attachments = Attachments(PictureProcess())
    async with stage() as on:
        files = [discord.File(io.BytesIO(encoded(noise((40 + n, 40)))), f"{n}.png") for n in range(2)]
        message = await on.drawing.send(files=files)
        assert decoded(await attachments.of_message(message, 1, 7)).size == (41, 40)
