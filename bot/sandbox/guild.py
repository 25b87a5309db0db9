"""The sandbox's server: its members, roles, channels and permissions, with the same ids from run to run."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag

BOT = 1100000000000000000
ADA, BEN, MO = 1100000000000000001, 1100000000000000002, 1100000000000000003
GUILD = 1100000000000000010
MODERATORS = 1100000000000000011
DRAWING, READ_ONLY, BACK_ROOM = 1100000000000000020, 1100000000000000021, 1100000000000000022
ADULTS, REVIEW = 1100000000000000023, 1100000000000000024
JOINED = "2024-01-01T00:00:00+00:00"


class Permission(IntFlag):
    """The bits of Discord's permission set that the sandbox knows."""

    MANAGE_GUILD = 1 << 5
    ADD_REACTIONS = 1 << 6
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    USE_EXTERNAL_EMOJIS = 1 << 18
    CONNECT = 1 << 20
    USE_APPLICATION_COMMANDS = 1 << 31
    SEND_MESSAGES_IN_THREADS = 1 << 38


MANAGING = Permission.MANAGE_GUILD | Permission.MANAGE_MESSAGES
EVERYONE = Permission(sum(Permission)) & ~MANAGING  # ~ alone would set unnamed bits too, such as Administrator
NOTHING = Permission(0)


@dataclass(frozen=True)
class Person:
    id: int
    name: str
    roles: tuple[int, ...] = ()
    is_bot: bool = False


@dataclass(frozen=True)
class Overwrite:
    """An exception to a role's or a member's permissions in one channel."""

    target: int
    is_member: bool
    allow: Permission
    deny: Permission


@dataclass(frozen=True)
class Channel:
    id: int
    name: str
    overwrites: tuple[Overwrite, ...] = ()
    recipient: int | None = None  # of a direct-message channel
    age_restricted: bool = False
    server: int = GUILD  # of a channel in a server

    @property
    def is_dm(self) -> bool:
        return self.recipient is not None

    @property
    def guild_id(self) -> int | None:
        """The server's id; None of a direct-message channel."""
        return None if self.is_dm else self.server


PEOPLE = {
    person.id: person
    for person in (
        Person(ADA, "Ada"),
        Person(BEN, "Ben"),
        Person(MO, "Mo", roles=(MODERATORS,)),
        Person(BOT, "Limner", is_bot=True),
    )
}
ROLES = {GUILD: ("@everyone", EVERYONE), MODERATORS: ("Moderators", EVERYONE | MANAGING)}
CHANNELS = {
    channel.id: channel
    for channel in (
        Channel(DRAWING, "drawing"),
        Channel(
            READ_ONLY,
            "read-only",
            (Overwrite(BOT, True, NOTHING, Permission.SEND_MESSAGES | Permission.SEND_MESSAGES_IN_THREADS),),
        ),
        Channel(
            BACK_ROOM,
            "back-room",
            (
                Overwrite(GUILD, False, NOTHING, Permission.VIEW_CHANNEL),
                Overwrite(MODERATORS, False, Permission.VIEW_CHANNEL, NOTHING),
            ),
        ),
        Channel(ADULTS, "adults", age_restricted=True),
        Channel(
            REVIEW,
            "review",
            (
                Overwrite(GUILD, False, NOTHING, Permission.VIEW_CHANNEL),
                Overwrite(MODERATORS, False, Permission.VIEW_CHANNEL, NOTHING),
                Overwrite(BOT, True, Permission.VIEW_CHANNEL, NOTHING),
            ),
        ),
        *(Channel(person.id + 30, "", recipient=person.id) for person in PEOPLE.values() if not person.is_bot),
    )
}


def direct_channel(user_id: int) -> Channel | None:
    return next((channel for channel in CHANNELS.values() if channel.recipient == user_id), None)


def permissions(user_id: int, channel: Channel) -> Permission:
    """What the user may do in the channel: Discord's algorithm, roles first, then the channel's overwrites."""
    person = PEOPLE[user_id]
    if channel.is_dm:
        return EVERYONE if person.is_bot or channel.recipient == user_id else NOTHING
    allowed = EVERYONE
    for role in person.roles:
        allowed |= ROLES[role][1]
    for overwrite in sorted(channel.overwrites, key=lambda overwrite: overwrite.is_member):
        if overwrite.target in (GUILD, user_id, *person.roles):
            allowed = allowed & ~overwrite.deny | overwrite.allow
    return allowed if allowed & Permission.VIEW_CHANNEL else NOTHING
