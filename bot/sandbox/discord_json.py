"""Encodes people, roles, channels and the server as Discord's REST answers and gateway events do."""

from __future__ import annotations

from typing import Any

from bot.sandbox.guild import BOT, CHANNELS, DRAWING, GUILD, JOINED, MO, PEOPLE, ROLES, Channel

Json = dict[str, Any]
GUILD_NAME = "Limner Sandbox"
MESSAGE_CONTENT_GRANTED = 1 << 19  # the application flag of a small bot that may read message text


def user_wire(user_id: int) -> Json:
    person = PEOPLE[user_id]
    return {
        "id": str(person.id),
        "username": person.name if person.is_bot else person.name.lower(),
        "global_name": None if person.is_bot else person.name,
        "discriminator": "0000" if person.is_bot else "0",
        "avatar": None,
        "bot": person.is_bot,
        "public_flags": 0,
        "flags": 0,
        "primary_guild": None,
    }


def member_wire(user_id: int, with_user: bool = True) -> Json:
    member: Json = {
        "avatar": None,
        "banner": None,
        "communication_disabled_until": None,
        "flags": 0,
        "joined_at": JOINED,
        "nick": PEOPLE[user_id].name if PEOPLE[user_id].is_bot else None,
        "pending": False,
        "premium_since": None,
        "roles": [str(role) for role in PEOPLE[user_id].roles],
        "mute": False,
        "deaf": False,
    }
    return member | ({"user": user_wire(user_id)} if with_user else {})


def role_wire(role_id: int) -> Json:
    name, allowed = ROLES[role_id]
    return {
        "id": str(role_id),
        "name": name,
        "permissions": str(int(allowed)),
        "position": 0 if role_id == GUILD else 1,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "managed": False,
        "mentionable": False,
        "icon": None,
        "unicode_emoji": None,
        "flags": 0,
    }


def channel_wire(channel: Channel) -> Json:
    if channel.recipient is not None:
        recipients = [user_wire(channel.recipient)]
        return {"id": str(channel.id), "type": 1, "flags": 0, "last_message_id": None, "recipients": recipients}
    return {
        "id": str(channel.id),
        "type": 0,
        "flags": 0,
        "guild_id": str(channel.server),
        "name": channel.name,
        "topic": None,  # the page has one, in its reader's language
        "position": channel.id - DRAWING,
        "parent_id": None,
        "last_message_id": None,
        "rate_limit_per_user": 0,
        "nsfw": channel.age_restricted,
        "permission_overwrites": [
            {
                "id": str(overwrite.target),
                "type": int(overwrite.is_member),
                "allow": str(int(overwrite.allow)),
                "deny": str(int(overwrite.deny)),
            }
            for overwrite in channel.overwrites
        ],
    }


def guild_wire(locale: str) -> Json:
    """The guild as GET /guilds/{id} gives it; `locale` is its language."""
    absent = (
        "icon description home_header splash discovery_splash banner application_id afk_channel_id system_channel_id "
        "widget_channel_id max_presences vanity_url_code rules_channel_id safety_alerts_channel_id "
        "public_updates_channel_id incidents_data"
    )
    zero = (
        "system_channel_flags verification_level default_message_notifications mfa_level explicit_content_filter "
        "premium_tier premium_subscription_count nsfw_level"
    )
    return {
        **dict.fromkeys(absent.split()),
        **dict.fromkeys(zero.split(), 0),
        "id": str(GUILD),
        "name": GUILD_NAME,
        "owner_id": str(MO),
        "features": [],
        "region": "local",
        "afk_timeout": 300,
        "widget_enabled": False,
        "roles": [role_wire(role) for role in ROLES],
        "max_members": 100,
        "max_stage_video_channel_users": 0,
        "max_video_channel_users": 0,
        "preferred_locale": locale,
        "premium_progress_bar_enabled": False,
        "nsfw": False,
        "emojis": [],
        "stickers": [],
    }


def guild_create(locale: str) -> Json:
    """The guild as GUILD_CREATE gives it; without the members intent, only the bot's own member is listed."""
    nothing = "threads presences voice_states stage_instances guild_scheduled_events soundboard_sounds"
    return {
        **guild_wire(locale),
        **{name: [] for name in nothing.split()},
        "joined_at": JOINED,
        "large": False,
        "unavailable": False,
        "member_count": len(PEOPLE),
        "members": [member_wire(BOT)],
        "channels": [channel_wire(channel) for channel in CHANNELS.values() if channel.guild_id == GUILD],
    }


def application_wire(may_read_text: bool) -> Json:
    flags = MESSAGE_CONTENT_GRANTED if may_read_text else 0
    return {
        "id": str(BOT),
        "name": PEOPLE[BOT].name,
        "icon": None,
        "description": "",
        "type": None,
        "bot": user_wire(BOT),
        "bot_public": False,
        "bot_require_code_grant": False,
        "verify_key": "0" * 64,
        "flags": flags,
        "flags_new": str(flags),
        "redirect_uris": [],
        "interactions_endpoint_url": None,
        "role_connections_verification_url": None,
        "owner": user_wire(MO),
        "approximate_guild_count": 1,
        "approximate_user_install_count": 0,
        "approximate_user_authorization_count": 0,
        "explicit_content_filter": 0,
        "team": None,
        "eligible_oauth2_scopes": [],
    }
