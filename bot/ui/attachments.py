from __future__ import annotations

import discord


class Attachments:
    def __init__(self, pixels: object) -> None:
        self._pixels = pixels

    async def fetch(self, attachment: discord.Attachment) -> bytes:
        return await self._pixels.clean(await attachment.read())  # type: ignore

    async def of_message(self, message: discord.Message, index: int) -> bytes:
        return await message.attachments[index].read()
