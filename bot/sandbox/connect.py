"""Points discord.py at a sandbox; it has no setting for this, so this runs before a client is made."""

from __future__ import annotations

import discord
import discord.gateway
import discord.http
import yarl


def point_discord_at(url: str) -> None:
    """Make every discord.Client of this process talk to the sandbox at this address."""
    discord.http.Route.BASE = f"{url}/api/v10"
    discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(url.replace("http", "ws", 1)) / "gateway"
    discord.Asset.BASE = url
