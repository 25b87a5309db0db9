"""Keeps what stands in the channels in the database, so that a conversation goes on after a restart.

Invariant: what one member alone sees is not kept, as Discord does not keep it; all else is on disk within KEEP_S.
"""

from __future__ import annotations

import asyncio
import json
import re
from contextlib import suppress
from typing import Any

from bot.sandbox.file_store import FileStore, Upload
from bot.sandbox.guild import BOT, CHANNELS, PEOPLE
from bot.sandbox.message import LOADING, Message
from bot.sandbox.snowflake import seconds_of
from bot.sandbox.world import World
from bot.services.ports.storage import StoreUnavailable
from bot.storage.sandbox_messages import KeptFile, KeptMessage, SandboxMessages
from engine.api.light_structlog import structlog

log = structlog.get_logger(__name__)

KEEP_S = 1.0
FIELDS = (
    "type", "flags", "content", "embeds", "attachments", "components", "mentions", "mention_roles", "mention_everyone",
    "edited", "nonce", "reply_pings", "answers",
)  # fmt: skip


class ConversationKeeper:
    """Listens to a world and writes its changes together, every KEEP_S seconds and at the end."""

    def __init__(self, world: World, store: SandboxMessages) -> None:
        self._world, self._store = world, store
        self._changed: dict[int, Message] = {}
        self._gone: set[int] = set()
        self._stored: set[int] = set()  # files that the store has
        self._task: asyncio.Task[None] | None = None

    async def load(self) -> list[KeptMessage]:
        return await self._store.load()

    def begin(self, kept: list[KeptMessage]) -> None:
        """Put back what was kept, once the server's address is known, and keep what changes from now on."""
        for message in kept:
            for file in message.files:
                if file.data is not None:
                    self._world.files.put(file.id, Upload(file.name, file.data))
                    self._stored.add(file.id)
            try:
                found = _restored(message, self._world)
            except (ValueError, KeyError, TypeError) as error:  # damaged; the others are as they were
                log.warning("conversation.unreadable", detail=repr(error))
                continue
            if found is not None:
                self._world.messages[found.id] = found
        self._world.listeners.append(self._note)
        self._store.database.erased.append(self.forget)
        self._task = asyncio.create_task(self._run(), name="conversation-keeper")

    def forget(self, user_id: int) -> None:
        """Take away what someone wrote and what was written for them; their rows were erased."""
        for message in list(self._world.messages.values()):
            if message.seen_by is None and not message.flags & LOADING and owner(message) == user_id:
                self._world.delete(message)

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._store.database.erased.remove(self.forget)
            await self.flush()

    async def flush(self) -> None:
        """Write what has changed; what cannot be written now is tried again with the next changes."""
        changed, gone = self._changed, self._gone
        if not changed and not gone:
            return
        self._changed, self._gone = {}, set()
        messages = [_kept(message, self._world.files, self._stored) for message in changed.values()]
        try:
            await self._store.keep(messages, sorted(gone))
        except StoreUnavailable as error:
            log.warning("conversation.not_kept", detail=str(error))
            self._changed = {
                number: message for number, message in changed.items() if number not in self._gone
            } | self._changed
            self._gone |= gone
        else:
            self._stored |= {file.id for message in messages for file in message.files}

    def _note(self, event: str, about: Any) -> None:
        if not isinstance(about, Message) or about.seen_by is not None:
            return
        if event == "delete":
            self._changed.pop(about.id, None)
            self._gone.add(about.id)
        else:
            self._changed[about.id] = about

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(KEEP_S)
            await self.flush()


def owner(message: Message) -> int:
    """Return whose the message is: who wrote it, or whom the bot answers, writes to or names first; 0 for nobody."""
    if message.author != BOT:
        return message.author
    if message.channel.recipient is not None:
        return message.channel.recipient
    if message.answers is not None:
        return int(message.answers["interaction_metadata"]["user"]["id"])
    if message.reply is not None and message.reply.author != BOT:
        return message.reply.author
    named = re.search(r"<@!?(\d+)>", message.content)
    return int(named[1]) if named and int(named[1]) in PEOPLE else 0


def _kept(message: Message, files: FileStore, stored: set[int]) -> KeptMessage:
    body: dict[str, Any] = {name: getattr(message, name) for name in FIELDS}
    body |= {"channel": message.channel.id, "author": message.author, "address": files.base_url}
    body["reply"] = [message.reply.id, message.reply.author] if message.reply else None
    shown = []
    for file in message.attachments:
        number = int(file["id"])
        if (upload := files.find(number)) is not None:
            shown.append(KeptFile(number, upload.name, None if number in stored else upload.data))
    return KeptMessage(message.id, owner(message), seconds_of(message.id), json.dumps(body), tuple(shown))


def _restored(kept: KeptMessage, world: World) -> Message | None:
    """Return the message, its files at the server's new address; None for one that says "thinking" for ever."""
    body = json.loads(kept.body)
    body = json.loads(kept.body.replace(f"{body['address']}/attachments/", f"{world.files.base_url}/attachments/"))
    channel = CHANNELS.get(body["channel"])
    if channel is None or body["flags"] & LOADING:
        return None
    message = Message(channel, body["author"], id=kept.id, **{name: body[name] for name in FIELDS})
    if body["reply"]:
        number, author = body["reply"]
        # Of what is replied to and gone, who wrote it is all that counts.
        message.reply = world.messages.get(number) or Message(channel, author, id=number, deleted=True)
    return message
