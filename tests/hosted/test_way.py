"""The whole way of a request with hosted models: settings, services, command line, Discord."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest
import pytest_asyncio
from PIL import Image

from bot.assembly import assemble_jobs
from bot.domain.jobs import JobState, Order, Place
from bot.domain.progress import Failed, Finished, Painting, Reason
from bot.domain.quota import Limit
from bot.domain.styles import Styles
from bot.host.engines import OwnEngine, not_for_the_engine, open_engine
from bot.services.catalog import Catalog
from bot.services.draw import DrawEvent, Understood, draw
from bot.services.engine_wait import Patience
from bot.services.orders import Rules
from bot.services.ports.engine import Engine
from bot.services.split_engine import SplitEngine
from bot.settings import read
from bot.storage.database import Database
from bot.storage.jobs import Jobs
from bot.storage.ledger import Ledger
from bot.storage.review import HeldPictures
from bot.storage.statistics import Statistics
from engine.api.auto_client import AutoClient
from engine.api.client import EngineClient
from engine.api.errors import BadRequest
from tests.fakes import PNG, FakeBoard, FakeClock, FakeMessenger, FakeRooms, never
from tests.hosted.openai_server import KEY, OpenAIServer, refusing, serving

WORDS = "ein rotes Boot für <@123456789012345678>, Fragen an ada@example.com oder +49 30 12345678"
OWN = (OwnEngine(Path("/nonexistent/socket")),)
PERSONAL = ("123456789012345678", "ada", "12345678")


def hosted(server: OpenAIServer, **more: str) -> dict[str, str]:
    names = {"LIMNER_MODEL": "gpt-image-1", "LIMNER_PLANNER": "gpt-4.1-mini"}
    return {"ENGINE_URL": server.url, "ENGINE_API_KEY": KEY, **names, **more}


async def drawn(engine: Engine, order: Order) -> list[DrawEvent]:
    async with aclosing(draw(engine, Styles([]), order, 7, key="key")) as events:
        return [event async for event in events]


def check_nothing_personal(server: OpenAIServer) -> None:
    for sent in server.requests:
        body = json.dumps([sent.fields, list(sent.files)], ensure_ascii=False)
        assert not [piece for piece in PERSONAL if piece in body], body


@pytest.mark.parametrize("painter", ["gpt-image-1", "dall-e-3", "dall-e-2"])
@pytest.mark.parametrize("count", [1, 2])
async def test_words_become_pictures(openai: OpenAIServer, painter: str, count: int) -> None:
    async with open_engine(read(hosted(openai, LIMNER_MODEL=painter)), OWN) as engine:
        events = await drawn(engine, Order(WORDS, shape="landscape", count=count))
    understood, finished = events[0], events[-1]
    assert isinstance(understood, Understood)
    assert understood.spec.prompt == "a red boat on a calm lake"
    assert isinstance(finished, Finished)
    assert finished.pictures == (PNG,) * count
    assert finished.painted.model == painter
    assert {sent.headers["Authorization"] for sent in openai.requests} == {f"Bearer {KEY}"}
    check_nothing_personal(openai)


@pytest.mark.parametrize("exact", [False, True])
async def test_words_that_only_point_to_people_are_refused(openai: OpenAIServer, exact: bool) -> None:
    async with open_engine(read(hosted(openai)), OWN) as engine:
        with pytest.raises(BadRequest, match="Nothing is left"):
            await drawn(engine, Order("<@123456789012345678> +49 30 12345678", exact=exact))
    assert openai.sent("/v1/images/generations") == []
    check_nothing_personal(openai)


async def test_words_alone_go_to_a_planner_elsewhere(openai: OpenAIServer) -> None:
    async with serving(OpenAIServer(tolerant=True, key="another")) as painter:
        environment = hosted(painter, PLANNER_URL=openai.url, PLANNER_API_KEY=KEY, ENGINE_API_KEY="another")
        async with open_engine(read(environment), OWN) as engine:
            assert isinstance(engine, SplitEngine)
            assert isinstance((await drawn(engine, Order(WORDS)))[-1], Finished)
            assert [model.id for model in await engine.models()] == ["gpt-image-1", "gpt-4.1-mini"]
    assert [sent.path for sent in openai.requests] == ["/v1/chat/completions"]
    assert [sent.path for sent in painter.requests] == ["/v1/images/generations"]
    assert openai.requests[0].headers["Authorization"] == f"Bearer {KEY}"
    assert painter.requests[0].headers["Authorization"] == "Bearer another"
    check_nothing_personal(openai)
    check_nothing_personal(painter)


async def test_a_server_of_one_painter_is_not_taken_for_a_language_model(vllm: OpenAIServer) -> None:
    async with open_engine(read(hosted(vllm, LIMNER_MODEL="", LIMNER_PLANNER="")), OWN) as engine:
        events = await drawn(engine, Order("a boat"))
        assert [model.id for model in await engine.models()] == ["the-only-one"]
    assert isinstance(events[0], Understood)
    assert "boat" in events[0].spec.prompt
    assert isinstance(events[-1], Finished)
    assert [sent.path for sent in vllm.requests] == ["/v1/images/generations"]


async def test_which_engine_the_settings_mean() -> None:
    planner = {"PLANNER_URL": "https://api.example.com", "LIMNER_PLANNER": "gpt"}
    async with open_engine(read({}), OWN) as engine:
        assert isinstance(engine, EngineClient)
    async with open_engine(read({"ENGINE_URL": "https://api.example.com"}), OWN) as engine:
        assert isinstance(engine, AutoClient)
    async with open_engine(read(planner), OWN) as engine:
        assert isinstance(engine, SplitEngine)
    assert not_for_the_engine(read(planner)) == ["LIMNER_PLANNER"]
    assert not_for_the_engine(read({"LIMNER_PLANNER": "./model"})) == []


async def test_a_planner_without_a_key_gets_none(openai: OpenAIServer) -> None:
    environment = hosted(openai, PLANNER_URL=openai.url)
    async with open_engine(read(environment), OWN) as engine:
        events = await drawn(engine, Order("a boat"))
    assert isinstance(events[0], Understood)
    assert events[0].spec.prompt == "a boat", "the words as written, since the planner refused"
    assert isinstance(events[-1], Finished)
    assert "Authorization" not in openai.sent("/v1/chat/completions")[0].headers


class Bench:
    """Jobs with a real database, hosted models and nothing of Discord."""

    def __init__(self, database: Database, engine: Engine) -> None:
        self.messenger, clock = FakeMessenger(), FakeClock()
        self.jobs, self.ledger = Jobs(database), Ledger(database)
        self.orders = assemble_jobs(
            engine=engine, catalog=Catalog(engine), database=database, jobs=self.jobs, ledger=self.ledger,
            held=HeldPictures(database), tally=Statistics(database), messenger=self.messenger, rooms=FakeRooms(),
            board=FakeBoard(), clock=clock, styles=Styles([]), rules=Rules((Limit(5, "hour"),), patience=Patience(3.0)),
            cannot_load=never,
        ).orders  # fmt: skip

    async def draw(self, words: str) -> str:
        job = (await self.orders.submit(Order(words), Place(123456789012345678, 2, 3))).job
        self.orders.start(job)
        while self.orders.running:
            await asyncio.sleep(0.01)
        return job.id


@pytest_asyncio.fixture
async def bench(openai: OpenAIServer, tmp_path: Path) -> AsyncIterator[Bench]:
    database = await Database.open(tmp_path / "limner.sqlite3")
    async with open_engine(read(hosted(openai)), OWN) as engine:
        yield Bench(database, engine)
    await database.close()


async def test_a_job_ends_with_its_picture_after_a_preview(bench: Bench, openai: OpenAIServer) -> None:
    job_id = await bench.draw(WORDS)
    *stages, finished = bench.messenger.shown[job_id]
    assert isinstance(finished, Finished)
    assert any(isinstance(stage, Painting) and stage.preview == PNG for stage in stages)
    job = await bench.jobs.get(job_id)
    assert job
    assert job.state is JobState.DONE
    check_nothing_personal(openai)


@pytest.mark.parametrize(
    ("code", "status", "reason"),
    [
        ("moderation_blocked", 400, Reason.BLOCKED),
        ("insufficient_quota", 429, Reason.KEY),
        ("rate_limit_exceeded", 429, Reason.BUSY),
        ("server_error", 500, Reason.INTERNAL),
    ],
)
async def test_a_failure_is_refunded(
    bench: Bench, openai: OpenAIServer, code: str, status: int, reason: Reason
) -> None:
    openai.next = [refusing("No chat.", None, 404), refusing("No picture.", code, status)]
    job_id = await bench.draw("a boat")
    failed = bench.messenger.shown[job_id][-1]
    assert isinstance(failed, Failed)
    assert failed.reason is reason
    assert await bench.ledger.uses(123456789012345678, 3, 0.0) == []


@pytest.mark.parametrize("name", ["boat.png", "boat.jpg", "boat.WEBP"])
async def test_the_command_line_draws(openai: OpenAIServer, tmp_path: Path, name: str) -> None:
    environment = {**os.environ, **hosted(openai), "LIMNER_HOME": str(tmp_path / "home")}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot.cli.main", "imagine", WORDS, "--out", str(tmp_path / name), "--json"),
        env=environment,
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    output, complaints = await process.communicate()
    assert process.returncode == 0, complaints
    report = json.loads(output)
    assert (report["model"], report["size"]) == ("gpt-image-1", "1024x1024")
    if name == "boat.png":
        assert (tmp_path / name).read_bytes() == PNG
    with Image.open(tmp_path / name) as picture:
        assert picture.format == {"png": "PNG", "jpg": "JPEG", "WEBP": "WEBP"}[name.partition(".")[2]]
    assert KEY not in f"{output!r}{complaints!r}"
    check_nothing_personal(openai)
