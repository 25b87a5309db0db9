"""A message and its JSON; without the message-content intent a bot gets only text that Discord would let it read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.discord_json import member_wire, user_wire
from bot.sandbox.guild import BOT, Channel
from bot.sandbox.snowflake import next_id, timestamp_of

EPHEMERAL = 1 << 6
LOADING = 1 << 7
EMBEDDED = (("image", "url"), ("thumbnail", "url"), ("author", "icon_url"), ("footer", "icon_url"))
REPLY, COMMAND_ANSWER, MENU_ANSWER = 19, 20, 23


@dataclass
class Message:
    channel: Channel
    author: int
    id: int = field(default_factory=next_id)
    type: int = 0
    flags: int = 0
    content: str = ""
    embeds: list[dict[str, Any]] = field(default_factory=list)
    attachments: list[dict[str, Any]] = field(default_factory=list)
    components: list[dict[str, Any]] = field(default_factory=list)
    mentions: list[int] = field(default_factory=list)
    mention_roles: list[int] = field(default_factory=list)
    mention_everyone: bool = False
    edited: str | None = None
    nonce: str | None = None
    reply: Message | None = None
    reply_pings: bool = False
    seen_by: int | None = None  # of an ephemeral message: the one member who sees it
    answers: dict[str, Any] | None = None  # of an answer to an interaction: its metadata
    deleted: bool = False

    def to_wire(self, with_reply: bool = True) -> dict[str, Any]:
        mentions = list(dict.fromkeys(self.mentions + ([self.reply.author] if self.reply and self.reply_pings else [])))
        in_embeds = {
            part[key] for embed in self.embeds for name, key in EMBEDDED if (part := embed.get(name)) and key in part
        }
        wire: dict[str, Any] = {
            "id": str(self.id),
            "channel_id": str(self.channel.id),
            "type": self.type,
            "flags": self.flags,
            "author": user_wire(self.author),
            "content": self.content,
            "timestamp": timestamp_of(self.id),
            "edited_timestamp": self.edited,
            "tts": False,
            "pinned": False,
            "mentions": [user_wire(user) for user in mentions],
            "mention_roles": [str(role) for role in self.mention_roles],
            "mention_everyone": self.mention_everyone,
            "attachments": [file for file in self.attachments if file["url"] not in in_embeds],
            "embeds": self.embeds,
            "components": self.components,
        }
        if self.nonce is not None:
            wire["nonce"] = self.nonce
        if self.answers is not None:
            wire |= {"application_id": str(BOT), "webhook_id": str(BOT), **self.answers}
        if self.reply is not None:
            place = {"channel_id": str(self.channel.id)} | of_guild(self.channel)
            wire["message_reference"] = {"type": 0, "message_id": str(self.reply.id), **place}
            if with_reply:
                wire["referenced_message"] = None if self.reply.deleted else self.reply.to_wire(with_reply=False)
        return wire

    def for_bot(self, may_read_text: bool) -> dict[str, Any]:
        """The message as the bot's REST calls give it."""
        wire = self.to_wire()
        quoted = wire.get("referenced_message")
        if quoted and self.reply and not (may_read_text or self.reply._is_open_to_bot()):
            _withhold(quoted)
        if not (may_read_text or self._is_open_to_bot()):
            _withhold(wire)
        return wire

    def for_gateway(self, may_read_text: bool) -> dict[str, Any]:
        """The message as a gateway event gives it, with its guild and its author's membership."""
        if self.channel.is_dm:
            return self.for_bot(may_read_text)
        membership = {} if self.answers else {"member": member_wire(self.author, with_user=False)}
        return {**self.for_bot(may_read_text), **of_guild(self.channel), **membership}

    def _is_open_to_bot(self) -> bool:
        """Direct messages, its own, those that mention it, and replies to a regular message of its with the ping on."""
        if self.channel.is_dm or self.author == BOT or BOT in self.mentions:
            return True
        return self.reply is not None and self.reply_pings and self.reply.author == BOT and self.reply.answers is None


def of_guild(channel: Channel) -> dict[str, str]:
    """The field that names the channel's server, which direct messages lack."""
    return {} if channel.is_dm else {"guild_id": str(channel.guild_id)}


def _withhold(wire: dict[str, Any]) -> None:
    wire["content"] = ""
    for part in ("embeds", "attachments", "components"):
        wire[part] = []
