"""The bundled pair as an engine without a model name loads it, through the code that loads every other model."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator
from functools import partial

import pytest
import pytest_asyncio
from PIL import Image, ImageChops, ImageStat

from engine.api.client import EngineClient
from engine.api.messages import (
    ChatMessage,
    ChatRequest,
    Completed,
    ImageRequest,
    JsonSchema,
    PartialImage,
    ResponseFormat,
    StartImage,
)
from engine.loading import load
from engine.models.source import read_source
from engine.starter.reader.spec import json_schema
from tests.engine.fakes import running

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def client() -> AsyncIterator[EngineClient]:
    painter, planner = read_source("LIMNER_MODEL", "", "painter"), read_source("LIMNER_PLANNER", "", "planner")
    async with running(real=partial(load, painter, planner)) as engine, engine.client() as client:
        yield client


@pytest.mark.parametrize("words", ["夕阳下的海滩", "the beach at sunset"])
async def test_what_is_asked_for_is_in_the_prompt(client: EngineClient, words: str) -> None:
    wanted = ResponseFormat("json_schema", JsonSchema("PromptSpec", json_schema()))  # the bot's name for it
    answer = await client.chat(ChatRequest([ChatMessage("user", words)], temperature=0, response_format=wanted))
    prompt = json.loads(answer)["prompt"].lower()
    assert "beach" in prompt
    assert "sunset" in prompt


async def test_a_picture_of_useful_size_that_comes_again(client: EngineClient) -> None:
    request = ImageRequest("a beach at sunset", seed=5, stream=True, partial_images=1)
    preview, once = [event async for event in client.images(request)]
    _, again = [event async for event in client.images(request)]
    assert isinstance(preview, PartialImage)
    assert isinstance(once, Completed)
    assert isinstance(again, Completed)
    assert once.b64_json == again.b64_json
    assert Image.open(io.BytesIO(once.b64_json)).size == (512, 512)


async def test_a_picture_is_made_twice_as_large_and_keeps_its_composition(client: EngineClient) -> None:
    request = ImageRequest(
        "a red house on a sandy beach by the sea at sunset, the sun in the sky, flat illustration", seed=5, stream=True
    )
    (small,) = [event async for event in client.images(request)]
    assert isinstance(small, Completed)

    async def larger(strength: float) -> Image.Image:
        wanted = ImageRequest(request.prompt, seed=5, size="1024x1024", partial_images=1, stream=True)
        events = [event async for event in client.images(wanted, start=StartImage(small.b64_json, strength))]
        assert isinstance(events[-1], Completed)
        return Image.open(io.BytesIO(events[-1].b64_json)).convert("RGB")

    def distance(picture: Image.Image) -> float:
        assert picture.size == (1024, 1024)
        before = Image.open(io.BytesIO(small.b64_json)).convert("RGB").resize((128, 128))
        difference = ImageChops.difference(before, picture.resize((128, 128)))
        return sum(ImageStat.Stat(difference).mean) / 3

    low, high = distance(await larger(0.3)), distance(await larger(1.0))
    # Of 255: 27 and 33 (20 and 31 with an earlier pair). To read the picture, larger than any that the encoder learnt,
    # and to draw it again costs most of it.
    assert low < 30
    assert high > 1.15 * low


async def test_every_shape_can_be_painted(client: EngineClient) -> None:
    painter, planner = (model.limner for model in await client.models())
    assert painter is not None
    assert planner is not None
    assert planner.words
    for size in painter.sizes.values():
        request = ImageRequest("a boat", size=size, num_inference_steps=1)
        (picture,) = [event async for event in client.images(request)]
        assert isinstance(picture, Completed)
        assert "x".join(map(str, Image.open(io.BytesIO(picture.b64_json)).size)) == size
