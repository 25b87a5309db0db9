"""A language model whose folder lists a gallery's things is helped by the reader of orders."""

from __future__ import annotations

import json
import shutil
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio

from engine.api.client import EngineClient
from engine.api.messages import ChatMessage, ChatRequest, JsonSchema, ResponseFormat
from engine.loading import load
from engine.models.source import read_source
from engine.starter.lexicon.things import FILE
from engine.starter.reader.spec import json_schema
from tests.engine.fakes import running

pytestmark = pytest.mark.asyncio(loop_scope="module")

NAMES = {"dragon": ("dragon", "Drache"), "car": ("car", "Auto"), "castle": ("castle", "Schloss")}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def client(models: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[EngineClient]:
    folder = tmp_path_factory.mktemp("gallery") / "planner"
    shutil.copytree(models / "planner", folder)
    things = [
        {"word": word, "stands": "ground", "recolors": True, "names": {"en": {"label": en}, "de": {"label": de}}}
        for word, (en, de) in NAMES.items()
    ]
    (folder / FILE).write_text(json.dumps(things), encoding="utf-8")
    painter = read_source("LIMNER_MODEL", str(models / "painter"), "painter")
    planner = read_source("LIMNER_PLANNER", str(folder), "planner")
    async with running(real=partial(load, painter, planner)) as engine, engine.client() as client:
        yield client


async def test_a_request_and_a_change_are_read_though_the_model_writes_noise(client: EngineClient) -> None:
    wanted = ResponseFormat("json_schema", JsonSchema("PromptSpec", json_schema()))
    turns = [ChatMessage("user", "zwei rote Autos vor einem Schloss bei Nacht")]
    first = await client.chat(ChatRequest(turns, response_format=wanted))
    assert json.loads(first)["keywords"] == ["two red cars", "castle", "in front of", "night"]
    turns += [ChatMessage("assistant", first), ChatMessage("user", "ersetze die Autos durch einen grünen Drachen")]
    found = json.loads(await client.chat(ChatRequest(turns, response_format=wanted)))
    assert (found["kind"], found["keywords"]) == ("change", ["green dragon", "castle", "in front of", "night"])
