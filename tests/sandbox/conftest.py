"""Leaves discord.py as it was: other tests of the same run speak to other Discords."""

from __future__ import annotations

from collections.abc import Iterator

import discord
import pytest
from discord.webhook.async_ import AsyncWebhookAdapter, async_context


@pytest.fixture(autouse=True)
def discord_as_it_was() -> Iterator[None]:
    route, gateway = discord.http.Route, discord.gateway.DiscordWebSocket
    before = route.BASE, gateway.DEFAULT_GATEWAY, discord.Asset.BASE
    # SimCord answers interactions through an adapter of its own, which a test that failed there may leave behind.
    async_context.set(AsyncWebhookAdapter())
    yield
    route.BASE, gateway.DEFAULT_GATEWAY, discord.Asset.BASE = before
