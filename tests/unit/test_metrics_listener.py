"""The listener for Prometheus says why it cannot listen, and which setting to change."""

from __future__ import annotations

import errno
import os

import pytest
from aiohttp import web

from bot.operator_errors import CannotStart
from bot.ui.i18n import text
from bot.watch.metrics_listener import metrics_listener
from engine.api.address import parse_engine_url

ENGINE = parse_engine_url("http://127.0.0.1:1")
ELSEWHERE = "192.0.2.1"
"""An address that no machine has (RFC 5737)."""


async def figures() -> bytes:
    return b""


async def refusal(host: str, port: int) -> str:
    with pytest.raises(CannotStart) as refused:
        async with metrics_listener(host, port, figures, ENGINE):
            pass
    return text("en", refused.value.key, **refused.value.facts)


async def test_an_address_of_another_machine() -> None:
    why = os.strerror(errno.EADDRNOTAVAIL)
    assert await refusal(ELSEWHERE, 9_999) == (
        f"Limner cannot listen on {ELSEWHERE}:9999 ({why}); set LIMNER_METRICS_HOST to another."
    )


async def test_a_port_that_is_taken() -> None:
    runner = web.AppRunner(web.Application())
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        port = runner.addresses[0][1]
        assert await refusal("127.0.0.1", port) == (
            f"Port {port} is taken; stop what uses it, or set LIMNER_METRICS_PORT to another."
        )
    finally:
        await runner.cleanup()
