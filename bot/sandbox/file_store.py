"""Uploaded files and their addresses; the bytes served are the bytes uploaded, and none can run as a page."""

from __future__ import annotations

import mimetypes
import re
import struct
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from bot.sandbox import discord_errors
from bot.sandbox.snowflake import next_id

MAX_BYTES = 10 * 1024 * 1024
SHOWN_INLINE = ("image/png", "image/jpeg", "image/gif", "image/webp")


@dataclass
class Upload:
    name: str
    data: bytes


class FileStore:
    """What Discord's CDN is to attachments."""

    def __init__(self) -> None:
        self.base_url = ""  # set by the server once it knows its port
        self._files: dict[int, Upload] = {}

    def add(self, channel_id: int, upload: Upload, description: str | None = None) -> dict[str, Any]:
        """Keep the file; the answer is Discord's attachment object."""
        file_id = next_id()
        name = re.sub(r"[^\w.\-]", "_", upload.name) or "file"
        self._files[file_id] = Upload(name, upload.data)
        url = f"{self.base_url}/attachments/{channel_id}/{file_id}/{name}"
        attachment: dict[str, Any] = {"id": str(file_id), "filename": name, "size": len(upload.data)}
        attachment |= {"url": url, "proxy_url": url, "content_type": content_type(name)}
        if size := image_size(upload.data):
            attachment |= {"width": size[0], "height": size[1]}
        return attachment | ({"description": description} if description else {})

    def find(self, file_id: int) -> Upload | None:
        return self._files.get(file_id)

    def put(self, file_id: int, upload: Upload) -> None:
        """Give back a file that was kept, under its id of before."""
        self._files[file_id] = upload

    async def serve(self, request: web.Request) -> web.Response:
        file = self._files.get(int(request.match_info["file_id"]))
        if file is None or file.name != request.match_info["name"]:
            raise discord_errors.not_found()
        kind = content_type(file.name)
        headers = {"Content-Security-Policy": "sandbox; default-src 'none'", "Cache-Control": "private, max-age=86400"}
        if kind not in SHOWN_INLINE:
            headers["Content-Disposition"] = f'attachment; filename="{file.name}"'
        return web.Response(body=file.data, content_type=kind, headers=headers)


def content_type(name: str) -> str:
    return mimetypes.guess_type(name)[0] or "application/octet-stream"


def image_size(data: bytes) -> tuple[int, int] | None:
    """Width and height in pixels, read from the header as each format's specification lays it out."""
    try:
        if data.startswith(b"\x89PNG\r\n\x1a\n"):
            width, height = struct.unpack_from(">II", data, 16)
        elif data[:6] in (b"GIF87a", b"GIF89a"):
            width, height = struct.unpack_from("<HH", data, 6)
        elif data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            width, height = _webp_size(data)
        elif data.startswith(b"\xff\xd8"):
            width, height = _jpeg_size(data)
        else:
            return None
    except struct.error:
        return None
    return width, height


def _webp_size(data: bytes) -> tuple[int, int]:
    if data[12:16] == b"VP8X":
        return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")
    if data[12:16] == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, 21)
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    width, height = struct.unpack_from("<HH", data, 26)
    return width & 0x3FFF, height & 0x3FFF


def _jpeg_size(data: bytes) -> tuple[int, int]:
    offset = 2
    while True:
        marker, length = struct.unpack_from(">HH", data, offset)
        if 0xFFC0 <= marker <= 0xFFCF and marker not in (0xFFC4, 0xFFC8, 0xFFCC):
            height, width = struct.unpack_from(">HH", data, offset + 5)
            return width, height
        offset += 2 + length
