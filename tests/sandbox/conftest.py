"""Leaves discord.py as it was: other tests of the same run speak to other Discords."""

from __future__ import annotations

from collections.abc import Iterator

import discord
import pytest


@pytest.fixture(autouse=True)
def discord_as_it_was() -> Iterator[None]:
    route, gateway = discord.http.Route, discord.gateway.DiscordWebSocket
    before = route.BASE, gateway.DEFAULT_GATEWAY, discord.Asset.BASE
    yield
    route.BASE, gateway.DEFAULT_GATEWAY, discord.Asset.BASE = before
