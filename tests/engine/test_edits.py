"""POST /v1/images/edits as others see it: the official OpenAI client and bare forms, against real processes."""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import openai
import pytest
from msgspec import structs
from PIL import Image

from engine.api.address import Address
from engine.api.client import EngineClient
from engine.api.env_settings import SettingsInvalid
from engine.api.messages import Completed, ImageRequest, PartialImage, Progress, StartImage
from engine.settings import read_settings, sentences
from tests.engine.conftest import KEY, EngineProcess
from tests.engine.fakes import running
from tests.engine.pictures import drawing, file, opened, window

PICTURE = ("photo.png", file(drawing()), "image/png")


@pytest.fixture
async def sdk(url: str) -> AsyncIterator[openai.AsyncOpenAI]:
    async with openai.AsyncOpenAI(base_url=f"{url}/v1", api_key=KEY, max_retries=0) as client:
        yield client


@pytest.fixture
async def http(url: str) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(url, headers={"Authorization": f"Bearer {KEY}"}) as session:
        yield session


def form(*, image: bytes | None = PICTURE[1], mask: bytes | None = None, **fields: object) -> aiohttp.FormData:
    """Return a form as browsers and clients send it; `image` None leaves the file out."""
    sent = aiohttp.FormData(default_to_multipart=True)
    for name, value in {"prompt": "a fox", **fields}.items():
        sent.add_field(name, str(value))
    for name, data in (("image", image), ("mask", mask)):
        if data is not None:
            sent.add_field(name, data, filename=f"{name}.png", content_type="image/png")
    return sent


async def test_openai_edits_a_picture(sdk: openai.AsyncOpenAI) -> None:
    asked: dict[str, Any] = {
        "model": "default",
        "prompt": "a fox",
        "n": 2,
        "extra_body": {"seed": 4, "strength": 0.5, "num_inference_steps": 4},
    }
    answer = await sdk.images.edit(image=PICTURE, **asked)
    several = await sdk.images.edit(image=[PICTURE], **asked)  # sent under the name image[]
    assert answer.data is not None
    assert several.data is not None
    assert [opened(base64.b64decode(image.b64_json or "")).size for image in answer.data] == [(64, 64)] * 2
    assert [image.b64_json for image in answer.data] == [image.b64_json for image in several.data]
    assert answer.data[0].b64_json != answer.data[1].b64_json


async def test_openai_streams_an_edit(sdk: openai.AsyncOpenAI) -> None:
    stream = await sdk.images.edit(
        model="default",
        image=PICTURE,
        mask=("mask.png", window(), "image/png"),
        prompt="a fox",
        stream=True,
        partial_images=2,
        extra_body={"num_inference_steps": 12, "strength": 0.5},
    )
    events = [event async for event in stream]
    assert [event.type for event in events] == ["image_edit.partial_image"] * 2 + ["image_edit.completed"]
    last = opened(base64.b64decode(events[-1].b64_json))
    assert last.crop((0, 0, 32, 64)).tobytes() == drawing().crop((0, 0, 32, 64)).tobytes()


async def test_openai_is_told_what_is_wrong(sdk: openai.AsyncOpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="image: must be a picture") as caught:
        await sdk.images.edit(image=("x.png", b"no picture", "image/png"), prompt="a fox", model="default")
    assert (caught.value.param, caught.value.code) == ("image", "bad_request")


async def test_the_bot_s_own_client_edits_streamed_and_plain(url: str) -> None:
    start = StartImage(PICTURE[1], 0.5, window())
    request = ImageRequest("a fox", seed=4, num_inference_steps=12, stream=True, x_progress=True, partial_images=1)
    async with EngineClient(Address(url), KEY) as client:
        events = [event async for event in client.images(request, start=start)]
        (plain,) = [event async for event in client.images(structs.replace(request, stream=False), start=start)]
        assert (await client.status()).waiting == 0
    steps = [(event.step, event.steps) for event in events if isinstance(event, Progress)]
    assert steps == [(step, 6) for step in range(1, 7)]
    assert sum(isinstance(event, PartialImage) for event in events) == 1
    last = events[-1]
    assert isinstance(last, Completed)
    assert isinstance(plain, Completed)
    assert (last.seed, last.steps, last.size) == (4, 12, "64x64")
    assert last.b64_json == plain.b64_json


async def test_the_picture_decides_the_size(http: aiohttp.ClientSession) -> None:
    async with http.get("/v1/models") as response:
        facts = (await response.json())["data"][0]["limner"]
    assert facts["largest"] == 168  # twice the longest side of its own sizes
    assert facts.get("lacks", []) == []
    async with http.post("/v1/images/edits", data=form(image=file(drawing((640, 360))))) as response:
        answer = await response.json()
    assert answer["size"] == facts["sizes"]["wide"]


async def events_of(response: aiohttp.ClientResponse) -> list[dict[str, Any]]:
    assert response.status == 200, await response.text()
    lines = [line async for line in response.content]
    return [json.loads(line[6:]) for line in lines if line.startswith(b"data: ")]


async def test_progress_and_previews_are_of_the_steps_that_run(http: aiohttp.ClientSession) -> None:
    asked = form(stream="true", x_progress="true", partial_images=2, num_inference_steps=20, strength=0.6)
    async with http.post("/v1/images/edits", data=asked) as response:
        events = await events_of(response)
    steps = [(event["step"], event["steps"]) for event in events if event["type"] == "image_generation.progress"]
    assert steps == [(step, 12) for step in range(1, 13)]
    kinds = [event["type"].split(".")[1] for event in events]
    assert kinds[-1] == "completed"
    assert [kinds[:index].count("progress") for index, kind in enumerate(kinds) if kind == "partial_image"] == [4, 8]


@pytest.mark.parametrize(
    ("fields", "sentence", "param"),
    [
        ({"image": None}, "image: the file is missing.", "image"),
        ({"image": b""}, "image: must be a picture", "image"),
        ({"strength": 0}, "strength: must be more than 0.0.", "strength"),
        ({"strength": "much"}, "strength: must be a number, not a text.", "strength"),
        ({"strength": 1.5}, "strength: must be at most 1.0.", "strength"),
        ({"n": 9}, "n: must be at most 4.", "n"),
        ({"n": "two"}, "n: must be a whole number, not a text.", "n"),
        ({"stream": "perhaps"}, "stream: must be true or false, not a text.", "stream"),
        ({"prompt": ""}, "prompt: must have a length of at least 1.", "prompt"),
        ({"size": "63x64"}, "size: 63x64 is not possible", "size"),
        ({"model": "dall-e-3"}, "model: 'dall-e-3' is not loaded here", "model"),
        ({"mask": window((8, 9))}, "mask: has 8x9 pixels and the picture 64x64; make them equal, or", "mask"),
        ({"mask": file(drawing())}, "mask: make transparent what is to be painted anew; nothing in it is.", "mask"),
        ({"mask": file(Image.new("RGBA", (64, 64)))}, "mask: all of it is transparent; leave it out to", "mask"),
        ({"mask": b"words"}, "mask: must be a picture, as a PNG, JPEG or WebP file.", "mask"),
        ({"mask": window(), "image": None}, "image: the file is missing.", "image"),
        ({"prompt": "x" * 40_000}, "The form cannot be read: Part exceeded maximum size of", None),
    ],
)
async def test_a_bad_form_gets_one_sentence(
    http: aiohttp.ClientSession, fields: dict[str, Any], sentence: str, param: str | None
) -> None:
    async with http.post("/v1/images/edits", data=form(**fields)) as response:
        error = (await response.json())["error"]
    expected = (404, "model_not_found") if param == "model" else (400, "bad_request")
    assert (response.status, error["code"], error["param"]) == (*expected, param)
    assert error["message"].startswith(sentence)
    assert len(error["message"].splitlines()) == 1


async def test_what_is_no_form_and_what_is_too_large(http: aiohttp.ClientSession) -> None:
    both = form()
    both.add_field("image[]", file(drawing()), filename="second.png")
    text = form(image=None)
    text.add_field("image", "the fox at home")
    for data, headers, status, sentence in (
        (b'{"prompt": "a fox"}', {"Content-Type": "application/json"}, 400, "The request must be a form"),
        (b"--x\r\nnonsense", {"Content-Type": "multipart/form-data; boundary=y"}, 400, "The form cannot be read"),
        (b"", {"Content-Type": "multipart/form-data"}, 400, "The form cannot be read: Missing boundary"),
        (both, {}, 400, "image: painter takes one picture; send fewer."),
        (text, {}, 400, "image: must be sent as a file."),
        (form(image=b"\0" * (33 << 20)), {}, 413, "The request is larger than 32 MiB."),
    ):
        async with http.post("/v1/images/edits", data=data, headers=headers) as response:
            error = (await response.json())["error"]
        assert (response.status, error["code"]) == (status, "bad_request")
        assert error["message"].startswith(sentence)


async def test_a_repeated_key_gives_the_same_picture_and_is_good_for_one_start(
    http: aiohttp.ClientSession, engine: EngineProcess
) -> None:
    headers = {"Idempotency-Key": "an edit"}

    async def ask(**fields: Any) -> dict[str, Any]:
        async with http.post("/v1/images/edits", data=form(**fields), headers=headers) as response:
            found: dict[str, Any] = await response.json()
            return found

    first = await ask(strength=0.5)
    begun = len(engine.events("job.started"))
    again = await ask(strength=0.5, user="the same person, by another hash")
    assert again["data"] == first["data"]  # without a seed of its own, so painted anew it would differ
    assert len(engine.events("job.started")) == begun
    for other in ({"strength": 0.4}, {"strength": 0.5, "image": file(drawing((32, 32)))}, {"mask": window()}):
        assert "used for another request" in (await ask(**other))["error"]["message"]


async def test_an_edit_is_cancelled_by_its_key(http: aiohttp.ClientSession, engine: EngineProcess) -> None:
    slow = form(num_inference_steps=150, size="128x128", strength=1)
    asking = asyncio.create_task(
        http.post("/v1/images/edits", data=slow, headers={"Idempotency-Key": "cancel this edit"})
    )
    queued = await asyncio.to_thread(engine.wait_for, "job.queued", job_id="cancel this edit")
    await asyncio.to_thread(engine.wait_for, "job.started", job_id=queued["job_id"])
    async with http.delete("/v1/jobs/cancel this edit") as response:
        assert response.status == 204
    response = await asking
    assert (await response.json())["error"]["code"] == "cancelled"
    await asyncio.to_thread(engine.wait_for, "job.stopped", job_id=queued["job_id"], code="cancelled")


async def test_without_a_key_an_edit_is_refused_unread(url: str) -> None:
    async with aiohttp.ClientSession(url) as session, session.post("/v1/images/edits", data=form()) as response:
        assert response.status == 401


async def test_users_take_turns_with_edits_too() -> None:
    async with running() as engine:
        connector = aiohttp.UnixConnector(str(engine.socket))
        async with aiohttp.ClientSession("http://engine", connector=connector) as session:
            tasks = []
            for prompt, user in (("wait 0", "ada"), ("wait 1", "ada"), ("wait 2", "ada"), ("wait 3", "ben")):
                tasks.append(asyncio.create_task(session.post("/v1/images/edits", data=form(prompt=prompt, user=user))))
                async with asyncio.timeout(5):
                    while len(engine.jobs._open) < len(tasks) or not engine.jobs._running:
                        await asyncio.sleep(0.005)
            engine.painter.step.release(16)
            await asyncio.gather(*tasks)
        assert engine.painter.painted == ["wait 0", "wait 1", "wait 3", "wait 2"]  # Ben's first before Ada's third


async def test_a_job_that_ended_holds_no_pixels() -> None:
    async with running() as engine:
        connector = aiohttp.UnixConnector(str(engine.socket))
        async with aiohttp.ClientSession("http://engine", connector=connector) as session:
            headers = {"Idempotency-Key": "kept"}
            async with session.post("/v1/images/edits", data=form(), headers=headers) as response:
                assert response.status == 200
        known = engine.jobs._keys.find("kept")
        assert known is not None
        assert getattr(known.job.work, "start", "no painting") is None


async def test_readyz_tells_what_waits_and_how_long() -> None:
    async with running() as engine:
        connector = aiohttp.UnixConnector(str(engine.socket))
        async with aiohttp.ClientSession("http://engine", connector=connector) as session:

            async def status() -> dict[str, Any]:
                async with session.get("/readyz") as response:
                    found: dict[str, Any] = await response.json()
                    return found

            idle = {"status": "ready", "models": ["fake", "fake-planner"], "waiting": 0, "wait_s": 0.0, "silent_s": 0.0}
            assert await status() == idle
            asking = [
                asyncio.create_task(session.post("/v1/images/generations", json={"prompt": "wait", "n": n}))
                for n in (1, 3)
            ]
            async with asyncio.timeout(5):
                while len(engine.jobs._open) < 2 or not engine.jobs._running:
                    await asyncio.sleep(0.005)
            assert (await status()).items() >= {"waiting": 4, "wait_s": None}.items()  # nothing was measured yet
            engine.painter.step.release(8)
            await asyncio.gather(*asking)
            await engine.until_idle()
            assert await status() == idle


async def test_readyz_s_wait_grows_with_what_waits() -> None:
    async with running() as engine:
        connector = aiohttp.UnixConnector(str(engine.socket))
        async with aiohttp.ClientSession("http://engine", connector=connector) as session:
            await session.post("/v1/images/generations", json={"prompt": "slow0.1"})  # 4 steps
            asking: list[asyncio.Task[aiohttp.ClientResponse]] = []
            waits = []
            for number in range(1, 4):
                body = {"prompt": "wait"}
                asking.append(asyncio.create_task(session.post("/v1/images/generations", json=body)))
                async with asyncio.timeout(5):
                    while len(engine.jobs._open) < number or not engine.jobs._running:
                        await asyncio.sleep(0.005)
                async with session.get("/readyz") as response:
                    waits.append((await response.json())["wait_s"])
            engine.painter.step.release(12)
            await asyncio.gather(*asking)
        for fewer, more in itertools.pairwise(waits):
            assert 0.3 <= fewer <= more - 0.3


def test_provenance_is_on_or_off() -> None:
    for value, wanted in ((None, True), ("on", True), ("OFF", False)):
        environment = {} if value is None else {"LIMNER_PROVENANCE": value}
        assert read_settings(environment, on_tcp=False).provenance is wanted
    with pytest.raises(SettingsInvalid) as caught:
        read_settings({"LIMNER_PROVENANCE": "maybe"}, on_tcp=False)
    assert sentences(caught.value) == ["LIMNER_PROVENANCE: maybe is not one of on, off"]


@pytest.mark.parametrize("provenance", ["on", "off"])
async def test_a_picture_says_how_it_was_made_and_never_who_asked(
    tmp_path: Path, models: Path, provenance: str
) -> None:
    engine = EngineProcess(
        tmp_path,
        ["--host", "127.0.0.1", "--port", "0", "--until-stdin-closes"],
        ENGINE_API_KEY=KEY,
        LIMNER_MODEL=str(models / "painter"),
        LIMNER_PLANNER=str(models / "planner"),
        LIMNER_PROVENANCE=provenance,
    )
    await asyncio.to_thread(engine.wait_for, "models.ready")
    address = str(engine.wait_for("engine.listening")["address"])
    files = []
    async with aiohttp.ClientSession(address, headers={"Authorization": f"Bearer {KEY}"}) as session:
        fields: dict[str, Any] = {"prompt": "a fox, 狐狸", "seed": 5, "user": "ada-the-asker", "num_inference_steps": 4}
        for _ in range(2):
            async with session.post("/v1/images/edits", data=form(**fields)) as response:
                answer = await response.json()
                assert response.status == 200, (answer, engine.stderr)
                files.append(base64.b64decode(answer["data"][0]["b64_json"]))
    assert await asyncio.to_thread(engine.close_stdin) == 0
    assert files[0] == files[1]
    assert b"ada-the-asker" not in files[0]
    assert "ada-the-asker" not in engine.stderr
    text = opened(files[0]).text  # type: ignore[attr-defined]
    if provenance == "off":
        assert text == {}
        assert b"EXt" not in files[0]
    else:
        assert text["parameters"].startswith("a fox, 狐狸\nSteps: 4, Sampler: EulerDiscrete, ")
        assert json.loads(text["limner"])["strength"] == 0.6
