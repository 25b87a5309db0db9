"""The member who uses a moderators' command, with the permissions that Discord sent with it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """`guild_id` is the server whose member this is, None in direct messages; `manages` is its Manage Server there.

    A server's owner may give a moderators' command to others in Discord itself; whom Discord says so of manages too.
    """

    user_id: int
    guild_id: int | None
    manages: bool = False
    is_bot: bool = False


class NotModerator(Exception):
    """Only someone with Manage Server in that very server may do this."""


def check_moderator(actor: Actor, guild_id: int | None) -> int:
    """Return the server's id where the actor moderates it. Raises NotModerator."""
    if guild_id is None or actor.guild_id != guild_id or not actor.manages or actor.is_bot:
        raise NotModerator
    return guild_id
