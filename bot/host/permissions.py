"""The Discord permissions that Limner uses, each with its reason, and the invite link that asks for exactly these.

What a channel needs is checked before anything is reserved; an age-restricted one needs no more than others. Not used,
and so not asked for: Embed Links (its messages in channels hold none), Manage Messages (it deletes its own alone), and
whatever else there is.
"""

from __future__ import annotations

import discord

SEE = "view_channel"
ATTACH = "attach_files"
USED = {
    SEE: "to post in a channel, and to hear replies there",
    "send_messages": "the one message of each request, and the log where moderators want it",
    "send_messages_in_threads": "the same in threads and posts of forums",
    ATTACH: "the pictures",
    "read_message_history": "to find a message again, whose picture is to be changed, and to answer it",
    "connect": "without it, Discord shows a bot nothing of the chat of a voice channel",
}
VOICE = (discord.VoiceChannel, discord.StageChannel)


def needed(channel: object, *, private: bool = False) -> tuple[str, ...]:
    """Return what a picture takes there, from start to end; a private one answers its interaction alone."""
    if private:
        return (ATTACH,)
    send = "send_messages_in_threads" if isinstance(channel, discord.Thread) else "send_messages"
    names = (SEE, send, ATTACH, "read_message_history")
    return (*names, "connect") if isinstance(channel, VOICE) else names


def lacking(bits: int) -> list[str]:
    """Return which of them a server does not give, by the bits of what it gives the bot in all."""
    has = discord.Permissions(bits)
    return [name for name in USED if not (has.administrator or getattr(has, name))]


def to_install() -> discord.Permissions:
    return discord.Permissions(**dict.fromkeys(USED, True))


def invite_link(application_id: int) -> str:
    """Return the address at which a server's owner lets Limner in."""
    scopes = ("bot", "applications.commands")
    return discord.utils.oauth_url(application_id, permissions=to_install(), scopes=scopes)
