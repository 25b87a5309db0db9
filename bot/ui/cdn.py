"""Downloads from Discord's CDN and from nowhere else: no redirects, no proxies, never more than so many bytes."""

from __future__ import annotations

from typing import Protocol

import aiohttp
import discord
from yarl import URL

TIMEOUT = aiohttp.ClientTimeout(total=30.0, sock_connect=10.0)
BLOCK_BYTES = 64 * 1024
HOSTS = ("https://cdn.discordapp.com", "https://media.discordapp.net")
GONE = (403, 404, 410)
"""What the CDN answers to an address that has expired, and to a file that was deleted."""


class CdnRefused(Exception):
    """`reason` is foreign (no address of Discord's), gone, heavy (more bytes than allowed) or unreachable."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Cdn(Protocol):
    async def read(self, url: str, most: int) -> bytes:
        """Return the file's bytes, at most `most`. Raises CdnRefused."""


class DiscordCdn:
    """The port over HTTP. A sandbox moves `discord.Asset.BASE`, so that is read at each call."""

    async def read(self, url: str, most: int) -> bytes:
        address = allowed(url)
        try:
            async with (
                # Neither the environment's proxies nor cookies; and no packed bodies, whose size says nothing.
                aiohttp.ClientSession(timeout=TIMEOUT, trust_env=False, auto_decompress=False) as session,
                session.get(address, allow_redirects=False, headers={"Accept-Encoding": "identity"}) as response,
            ):
                if response.status in GONE:
                    raise CdnRefused("gone")
                if response.status != 200:
                    raise CdnRefused("unreachable")
                return await _bounded(response, most)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise CdnRefused("unreachable") from error


def allowed(url: str) -> URL:
    """Return the address where it is one of Discord's CDN. Raises CdnRefused."""
    try:
        address = URL(url)
        if address.user is None and address.password is None and address.origin() in _origins():
            return address
    except ValueError as error:
        raise CdnRefused("foreign") from error
    raise CdnRefused("foreign")


def _origins() -> set[URL]:
    return {URL(host).origin() for host in (*HOSTS, discord.Asset.BASE)}


async def _bounded(response: aiohttp.ClientResponse, most: int) -> bytes:
    kept = bytearray()
    async for block in response.content.iter_chunked(BLOCK_BYTES):
        kept += block
        if len(kept) > most:
            raise CdnRefused("heavy")
    return bytes(kept)
