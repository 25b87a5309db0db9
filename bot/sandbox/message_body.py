"""Parses the body and files of a message request, and applies them to the message wholly or not at all."""

from __future__ import annotations

import json
import re
from typing import Any

from aiohttp import BodyPartReader, web

from bot.sandbox.discord_errors import Refusal, invalid_form
from bot.sandbox.file_store import MAX_BYTES, FileStore, Upload
from bot.sandbox.guild import GUILD, PEOPLE, ROLES
from bot.sandbox.message import Message
from bot.sandbox.message_limits import at_most, check_body, check_not_empty

Json = dict[str, Any]
TEXT_FLAGS = 1 << 2 | 1 << 12  # suppress embeds, suppress notifications


async def read_body(request: web.Request) -> tuple[Json, dict[int, Upload]]:
    """The JSON of the request and its files by their number, from a JSON or a multipart body."""
    if not request.content_type.startswith("multipart/"):
        return _parse(await request.text()), {}
    body: Json = {}
    uploads: dict[int, Upload] = {}
    too_large = False
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            continue
        if part.name == "payload_json":
            body = _parse(await part.text())
        elif match := re.fullmatch(r"files\[(\d+)\]", part.name or ""):
            data = await _read_at_most(part, MAX_BYTES)
            too_large = too_large or data is None
            uploads[int(match[1])] = Upload(part.filename or "file", data or b"")
    if too_large:
        raise Refusal(413, 40005, "Request entity too large")
    return body, uploads


async def _read_at_most(part: BodyPartReader, maximum: int) -> bytes | None:
    """The part's bytes, or None when they are too many; read to the end, so that the sender hears the answer."""
    data = bytearray()
    size = 0
    while chunk := await part.read_chunk(65536):
        size += len(chunk)
        if size <= maximum:
            data += chunk
    return bytes(data) if size <= maximum else None


def _parse(text: str) -> Json:
    try:
        body = json.loads(text)
    except ValueError:
        raise Refusal(400, 50109, "The request body contains invalid JSON.") from None
    if not isinstance(body, dict):
        raise invalid_form("_misc", "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType")
    return body


def write(message: Message, body: Json, uploads: dict[int, Upload], files: FileStore) -> None:
    """Check the body against Discord's limits, then give the message its new contents."""
    check_body(body)
    content = body["content"] or "" if "content" in body else message.content
    embeds = body["embeds"] or [] if "embeds" in body else message.embeds
    kept, described = _attachments(message, body, uploads)
    check_not_empty(content, embeds, kept, described)
    added = [files.add(message.channel.id, upload, description) for upload, description in described]
    message.content = content
    message.attachments = kept + added
    message.embeds = [_embed(embed, message.attachments) for embed in embeds]
    if "components" in body:
        message.components = _numbered(body["components"] or [])
    if "flags" in body:
        message.flags = message.flags & ~TEXT_FLAGS | int(body["flags"] or 0) & TEXT_FLAGS
    _mention(message, body.get("allowed_mentions"))


def _attachments(
    message: Message, body: Json, uploads: dict[int, Upload]
) -> tuple[list[Json], list[tuple[Upload, str | None]]]:
    """Which attachments the message keeps, and which files it gains, each with its description."""
    wanted = body.get("attachments")
    descriptions: dict[int, str | None] = {}
    kept = list(message.attachments)
    if wanted is not None:
        present = {int(file["id"]): file for file in message.attachments}
        kept = []
        for index, item in enumerate(wanted):
            number = int(item["id"])
            if number in present:
                kept.append(present[number] | {key: item[key] for key in ("description",) if item.get(key)})
            elif number in uploads:
                descriptions[number] = item.get("description")
            else:
                raise invalid_form(f"attachments.{index}.id", "ATTACHMENT_NOT_FOUND", "Attachment not found")
    at_most("attachments", [*kept, *uploads], 10)
    return kept, [(upload, descriptions.get(number)) for number, upload in sorted(uploads.items())]


def _embed(embed: Json, attachments: list[Json]) -> Json:
    """The embed with Discord's defaults, and with attachment:// addresses made real and described."""
    files = {f"attachment://{file['filename']}": file for file in attachments}
    filled = {"type": "rich", **embed}
    for part in ("image", "thumbnail"):
        media = embed.get(part) or {}
        if file := files.get(media.get("url", "")):
            about = {key: file[key] for key in ("url", "proxy_url", "width", "height", "description") if key in file}
            filled[part] = {**media, **about}
    for part in ("author", "footer"):
        icon = (embed.get(part) or {}).get("icon_url")
        if icon in files:
            filled[part] = {**embed[part], "icon_url": files[icon]["url"]}
    if embed.get("fields"):
        filled["fields"] = [{"inline": False, **field} for field in embed["fields"]]
    return filled


def _numbered(rows: list[Json]) -> list[Json]:
    """Discord gives every component of a message a number of its own and fills in a select's bounds."""
    count = 0

    def number(component: Json) -> Json:
        nonlocal count
        count += 1
        filled = {**({"min_values": 1, "max_values": 1} if component["type"] == 3 else {}), **component, "id": count}
        if "components" in component:
            filled["components"] = [number(item) for item in component["components"]]
        return filled

    return [number(_without_nulls(row)) for row in rows]


def _without_nulls(value: Any) -> Any:
    """What discord.py sends as null, such as the id of an emoji that has none, Discord leaves out."""
    if isinstance(value, dict):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    return [_without_nulls(item) for item in value] if isinstance(value, list) else value


def _mention(message: Message, allowed: Json | None) -> None:
    """Whom the text mentions, as far as allowed_mentions lets it."""
    parse = ["users", "roles", "everyone"] if allowed is None else allowed.get("parse") or []
    named = {int(user) for user in (allowed or {}).get("users") or []}
    named_roles = {int(role) for role in (allowed or {}).get("roles") or []}
    users = [int(user) for user in re.findall(r"<@!?(\d+)>", message.content)]
    roles = [int(role) for role in re.findall(r"<@&(\d+)>", message.content)]
    message.mentions = [user for user in users if user in PEOPLE and ("users" in parse or user in named)]
    message.mention_roles = [role for role in roles if role in ROLES and ("roles" in parse or role in named_roles)]
    said_all = re.search(r"@(everyone|here)\b", message.content) is not None or GUILD in roles
    message.mention_everyone = "everyone" in parse and said_all
    is_reply = message.reply is not None and message.answers is None
    message.reply_pings = is_reply and (allowed is None or bool(allowed.get("replied_user")))
