"""A language model that understands perfectly is left alone, in every language, at the painter's door."""

from __future__ import annotations

import re
from contextlib import aclosing

from aiohttp import web

from bot.domain.jobs import Order
from bot.domain.prompt import PromptSpec
from bot.host.engines import open_engine
from bot.host.style_file import load_styles
from bot.services.draw import draw
from bot.services.split_engine import SplitEngine
from bot.settings import read
from bot.understanding.notation import read_notation
from engine.api.address import Address
from harness.right_answers import PerfectPlanner, Right, load_right
from tests.fakes import FakeEngine

UNHARMED = re.compile(r"independent|everyday|chains|removals|replacements")
"""Groups in which no line may be harmed."""
STYLES = load_styles()


async def painted(painter: FakeEngine, planner: object, row: Right) -> tuple[str, str]:
    """Return the prompt and negative prompt that reach the painter."""
    base = PromptSpec(**row.base) if row.base else None
    words = row.words if base else read_notation(row.words).words
    engine = SplitEngine(painter, planner)  # type: ignore[arg-type]
    async with aclosing(draw(engine, STYLES, Order(words, base=base), seed=1)) as events:
        async for _ in events:
            pass
    request, _ = painter.painted[-1]
    return request.prompt, request.negative_prompt or ""


async def test_right_answers_are_left_alone() -> None:
    rows = load_right()
    server, painter = PerfectPlanner(rows), FakeEngine()
    runner = web.AppRunner(server.app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
        async with open_engine(read({"ENGINE_URL": url, "LIMNER_PLANNER": "perfect"}), Address(url)) as planner:
            harmed = [(row, found) for row in rows if row.harmed(*(found := await painted(painter, planner, row)))]
    finally:
        await runner.cleanup()
    assert len(rows) >= 300
    assert server.asked == len(rows), "each was asked once, so each answer was valid"
    assert [(row.group, row.words, found) for row, found in harmed if UNHARMED.match(row.group)] == []
    assert len(harmed) <= len(rows) / 100, harmed
