"""The listener for Prometheus says why it cannot listen, and which setting to change."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
import structlog
from aiohttp import web

from bot.operator_errors import CannotStart
from bot.ui.i18n import text
from bot.watch.metrics_listener import BACKLOG, MAX_CONNECTIONS, metrics_listener
from engine.api.address import Address, parse_engine_url
from engine.api.metrics_registry import MetricsRegistry
from tests.figures import Figures

ENGINES = {"": parse_engine_url("http://127.0.0.1:1")}
ELSEWHERE = "192.0.2.1"
"""An address that no machine has (RFC 5737)."""


async def figures() -> bytes:
    return b""


async def refusal(host: str, port: int) -> str:
    with pytest.raises(CannotStart) as refused:
        async with metrics_listener(host, port, figures, ENGINES):
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


def open_files() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


async def test_hundreds_of_half_sent_heads_leave_it_files_and_it_answers() -> None:
    async def some() -> bytes:
        return b"limner_up 1\n"

    with structlog.testing.capture_logs() as logs:
        async with metrics_listener("127.0.0.1", 0, some, ENGINES):
            (port,) = [line["port"] for line in logs if line["event"] == "metrics.listening"]
            files = open_files()
            async with AsyncExitStack() as stack:
                for number in range(300):
                    slow = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=5))
                    slow.sendall(b"GET /metrics HTTP/1.1\r\nX: ")
                    if number % 10 == 0:
                        await asyncio.sleep(0.01)
                await asyncio.sleep(0.05)
                ours = open_files() - files - 300
                async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/metrics") as got:
                    assert await got.read() == b"limner_up 1\n"
    assert ours <= MAX_CONNECTIONS + BACKLOG


def exposition(jobs: int) -> bytes:
    """Return what an engine tells that has ended so many jobs."""
    registry = MetricsRegistry("limner_engine_")
    registry.counter("jobs", "Jobs.", "lane").labels("images").inc(jobs)
    registry.histogram("step_seconds", "Steps.", buckets=(1, 2)).observe(jobs)
    return registry.render()


@asynccontextmanager
async def engine_on(path: Path, jobs: int) -> AsyncIterator[Address]:
    """Serve an engine's figures on a Unix socket."""

    async def metrics(_: web.Request) -> web.Response:
        return web.Response(body=exposition(jobs))

    app = web.Application()
    app.add_routes([web.get("/metrics", metrics)])
    runner = web.AppRunner(app)
    await runner.setup()
    await web.UnixSite(runner, str(path)).start()
    try:
        yield Address("http://engine", path)
    finally:
        await runner.cleanup()


async def test_the_figures_of_each_engine_of_a_list_have_its_name(tmp_path: Path) -> None:
    async with engine_on(tmp_path / "a", 3) as one, engine_on(tmp_path / "b", 5) as two:
        dead = Address("http://engine", tmp_path / "c")
        text = await passed_on({"gpu0": one, "gpu1": two, "gpu2": dead})
        for name, jobs in (("gpu0", 3), ("gpu1", 5)):
            assert Figures(text).value("limner_engine_jobs_total", engine=name, lane="images") == jobs
            assert Figures(text).value("limner_engine_step_seconds_sum", engine=name) == jobs
            assert Figures(text).value("process_open_fds", engine=name) > 0
        assert {sample.labels["engine"] for sample in Figures(text).samples} == {"gpu0", "gpu1"}
        assert text.count("# TYPE limner_engine_jobs_total counter") == 1
        alone = await passed_on({"": one})
        assert Figures(alone).value("limner_engine_jobs_total", lane="images") == 3
        assert "engine=" not in alone, "one engine's are passed on as they are"


async def passed_on(engines: dict[str, Address]) -> str:
    with structlog.testing.capture_logs() as logs:
        async with metrics_listener("127.0.0.1", 0, figures, engines), aiohttp.ClientSession() as session:
            (port,) = [line["port"] for line in logs if line["event"] == "metrics.listening"]
            async with session.get(f"http://127.0.0.1:{port}/engine/metrics") as answer:
                return await answer.text()
