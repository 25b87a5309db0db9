"""What a server's owner set in Discord (Server Settings → Integrations) about who may use a command, and where.

Discord's precedence: a setting of the command goes before one of the whole application; of a channel's, before that of
all channels; of a user's, before their roles', where one that allows wins, before everyone's. Only a setting of the
command itself gives it to someone who lacks its default permission.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import Enum


class Subject(Enum):
    """Discord's numbers."""

    ROLE = 1
    USER = 2
    CHANNEL = 3


@dataclass(frozen=True, slots=True)
class Overwrite:
    """Everyone is the role of the server's id, all channels the channel of the server's id less one."""

    subject: Subject
    id: int
    allowed: bool


@dataclass(frozen=True, slots=True)
class Overwrites:
    """Those of one command, and those of the application."""

    command: tuple[Overwrite, ...] = ()
    application: tuple[Overwrite, ...] = ()

    def give(self, guild_id: int, user_id: int, roles: Collection[int], channel_id: int) -> bool:
        """Whether the owner gave the command to someone without its default permission; a thread counts as its parent.

        What is not said for certain is no.
        """
        if not self._open(guild_id, channel_id):
            return False
        return _member(self.command, guild_id, user_id, roles) is True

    def _open(self, guild_id: int, channel_id: int) -> bool:
        """Whether the command may be used in the channel."""
        for overwrites in (self.command, self.application):
            for wanted in (channel_id, guild_id - 1):
                said = _said(overwrites, Subject.CHANNEL, {wanted})
                if said:
                    return all(said)
        return True


def _member(overwrites: Iterable[Overwrite], guild_id: int, user_id: int, roles: Collection[int]) -> bool | None:
    held = tuple(overwrites)
    if said := _said(held, Subject.USER, {user_id}):
        return all(said)
    if said := _said(held, Subject.ROLE, set(roles) - {guild_id}):
        return any(said)
    if said := _said(held, Subject.ROLE, {guild_id}):
        return all(said)
    return None


def _said(overwrites: Iterable[Overwrite], subject: Subject, ids: Collection[int]) -> list[bool]:
    return [found.allowed for found in overwrites if found.subject is subject and found.id in ids]
