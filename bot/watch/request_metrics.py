"""Counts and times every request to Discord, also those answered with 429."""

from __future__ import annotations

import re
import time
from types import SimpleNamespace

import aiohttp
import discord

from bot.watch.meters import Meters

ACKNOWLEDGEMENT = re.compile(r"/interactions/(?P<id>\d+)/[^/]+/callback$")
FAILED = "none"
"""Stands for the status of a request that got no answer."""


def discord_trace(meters: Meters) -> aiohttp.TraceConfig:
    """Return what a discord.Client takes as its `http_trace`."""

    async def begin(_: object, context: SimpleNamespace, sent: aiohttp.TraceRequestStartParams) -> None:
        context.began = time.monotonic()

    async def end(_: object, context: SimpleNamespace, got: aiohttp.TraceRequestEndParams) -> None:
        count(context, got.method, str(got.response.status))
        acknowledgement = ACKNOWLEDGEMENT.search(got.url.path)
        if acknowledgement and got.response.status < 300:
            made = discord.utils.snowflake_time(int(acknowledgement["id"])).timestamp()  # the limit of 3 s begins there
            meters.acknowledgement_seconds.observe(max(0.0, time.time() - made))

    async def fail(_: object, context: SimpleNamespace, lost: aiohttp.TraceRequestExceptionParams) -> None:
        count(context, lost.method, FAILED)

    def count(context: SimpleNamespace, method: str, status: str) -> None:
        meters.discord_requests.labels(method, status).inc()
        meters.discord_seconds.labels(method).observe(time.monotonic() - context.began)

    trace = aiohttp.TraceConfig()
    trace.on_request_start.append(begin)
    trace.on_request_end.append(end)
    trace.on_request_exception.append(fail)
    return trace
