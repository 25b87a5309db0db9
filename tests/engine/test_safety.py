"""The picture check and the prompt guard, loaded as any model is, behind the real socket."""

from __future__ import annotations

import pickle
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal

import aiohttp
import openai
import pytest
import torch
from PIL import Image

from engine.api.client import EngineClient
from engine.api.errors import CheckFailed, ContentBlocked
from engine.api.messages import ChatMessage, ChatRequest, Completed, ImageRequest
from engine.jobs.requests import Painting
from engine.loading import load
from engine.models.classifiers import ClassifierGuard, PictureCheck
from engine.models.device import Device
from engine.models.safety import DEFAULT_CHECK, Safety, read_check
from engine.models.safety_labels import is_nsfw
from engine.models.source import STARTER, Source, read_source
from harness import tiny_pipelines as tiny
from tests.engine import classifiers
from tests.engine.conftest import KEY, EngineProcess
from tests.engine.fakes import FakeEngine, running

CPU = Device("cpu", torch.float32)
ASKED = ImageRequest("a fox", num_inference_steps=2, stream=True, n=2, seed=1)


def folder(path: Path) -> Source:
    return Source(str(path), "", local=True)


@asynccontextmanager
async def engine(
    models: Path, safety: Source | Literal["off", "unneeded"] = "off", guard: Source | None = None
) -> AsyncIterator[FakeEngine]:
    pair = (folder(models / "painter"), folder(models / "planner"))
    async with running(real=partial(load, *pair, safety=safety, guard=guard)) as made:
        yield made


async def scores(client: EngineClient, request: ImageRequest = ASKED) -> list[float | None]:
    events = [event async for event in client.images(request)]
    return [event.nsfw_score for event in events if isinstance(event, Completed)]


async def state(client: EngineClient) -> str | None:
    return next(model.limner.check for model in await client.models() if model.limner)


@pytest.mark.parametrize("flags", [True, False])
async def test_every_finished_picture_carries_its_score(models: Path, tmp_path: Path, flags: bool) -> None:
    check = folder(classifiers.save_check(tmp_path, flags=flags))
    async with engine(models, check) as made, made.client() as client:
        assert await state(client) == "on"
        found = [score for score in await scores(client) if score is not None]
        assert len(found) == 2
        assert all((score > 0.99) if flags else (score < 0.01) for score in found)
        connector = aiohttp.UnixConnector(str(made.socket))
        async with aiohttp.ClientSession(connector=connector) as http:
            asked = {"prompt": "a fox", "num_inference_steps": 2}
            async with http.post("http://engine/v1/images/generations", json=asked) as plain:
                (picture,) = (await plain.json())["data"]
        assert picture["nsfw_score"] == pytest.approx(found[0], abs=1e-6)


@pytest.mark.parametrize("setting", ["off", "unneeded"])
async def test_without_a_check_there_is_no_score_and_the_engine_says_so(
    models: Path, setting: Literal["off", "unneeded"]
) -> None:
    async with engine(models, setting) as made, made.client() as client:
        assert await state(client) == setting
        assert await scores(client) == [None, None]


async def test_a_check_that_cannot_be_loaded_refuses_every_request_but_lets_the_engine_start(
    models: Path, tmp_path: Path
) -> None:
    async with engine(models, folder(tmp_path / "none")) as made, made.client() as client:
        assert await state(client) == "failed"
        with pytest.raises(CheckFailed, match="picture check none cannot be loaded, so nothing is drawn"):
            await scores(client)
        with pytest.raises(CheckFailed):
            await client.chat(ChatRequest([ChatMessage("user", "a fox")]))


@pytest.mark.parametrize("broken", [ValueError("a bug"), float("nan"), 7.0])
async def test_a_check_that_breaks_ends_the_request_without_a_picture(
    models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: Exception | float
) -> None:
    def score(self: PictureCheck, image: Image.Image) -> float:
        if isinstance(broken, Exception):
            raise broken
        return broken

    async with engine(models, folder(classifiers.save_check(tmp_path, flags=False))) as made, made.client() as client:
        monkeypatch.setattr(PictureCheck, "score", score)
        events = client.images(ASKED)
        with pytest.raises(CheckFailed, match="cannot be run, so nothing is drawn"):
            while True:
                assert not isinstance(await anext(events), Completed)


def test_pickles_foreign_labels_and_code_are_not_loaded(models: Path, tmp_path: Path) -> None:
    pickled, odd = tmp_path / "pickled", tmp_path / "odd"
    classifiers.save_check(pickled, flags=False)
    (pickled / "model.safetensors").unlink()
    (pickled / "pytorch_model.bin").write_bytes(pickle.dumps({}))
    with pytest.raises(OSError, match="safetensors"):
        PictureCheck.load(folder(pickled), CPU)
    classifiers.save_check(odd, flags=False, labels={0: "cat", 1: "dog"})
    with pytest.raises(ValueError, match="none of its labels"):
        PictureCheck.load(folder(odd), CPU)


@pytest.mark.parametrize(
    ("label", "counts"),
    [("nsfw", True), ("NSFW", True), ("porn", True), ("severe_toxic", True), ("sexual/minors", True), ("unsafe", True),
     ("normal", False), ("sfw", False), ("safe", False), ("drawings", False), ("LABEL_1", False)],
)  # fmt: skip
def test_labels(label: str, counts: bool) -> None:
    assert is_nsfw(label) is counts


def test_the_default_checks_kind_is_loaded_as_it_is_published(tmp_path: Path) -> None:
    """A vision transformer and the preprocessor's settings in the files, and with the fields, of DEFAULT_CHECK."""
    from transformers import ViTConfig, ViTForImageClassification

    names = {0: "normal", 1: "nsfw"}
    config = ViTConfig(
        hidden_size=16, intermediate_size=16, num_hidden_layers=1, num_attention_heads=2,
        id2label=names, label2id={"normal": 0, "nsfw": 1},
    )  # fmt: skip
    model = ViTForImageClassification(config)
    model.classifier.weight.data.zero_()
    model.classifier.bias.data = torch.tensor([0.0, 1.0])
    model.save_pretrained(tmp_path)
    (tmp_path / "preprocessor_config.json").write_text(
        '{"do_normalize": true, "do_rescale": true, "do_resize": true, "image_mean": [0.5, 0.5, 0.5],'
        ' "image_processor_type": "ViTImageProcessor", "image_std": [0.5, 0.5, 0.5], "resample": 2,'
        ' "rescale_factor": 0.00392156862745098, "size": {"height": 224, "width": 224}}'
    )
    for kind in (torch.float32, torch.bfloat16):
        check = PictureCheck.load(folder(tmp_path), Device("cpu", kind))
        assert check.score(Image.new("RGB", (640, 384), "teal")) == pytest.approx(0.731, abs=5e-3)


def test_the_dark_check_tells_night_from_day(tmp_path: Path) -> None:
    check = PictureCheck.load(folder(classifiers.save_dark_check(tmp_path)), CPU)
    day, night = (check.score(Image.new("RGB", (64, 64), (grey, grey, grey))) for grey in (150, 60))
    assert day < 0.1
    assert night > 0.9


@pytest.mark.parametrize("blocks", [True, False])
async def test_the_guard_reads_words_and_prompt(models: Path, tmp_path: Path, blocks: bool) -> None:
    guard = folder(classifiers.save_guard(tmp_path, blocks=blocks))
    chat = ChatRequest([ChatMessage("system", "draw"), ChatMessage("user", "a fox")], max_tokens=2)
    async with engine(models, guard=guard) as made, made.client() as client:
        if blocks:
            with pytest.raises(ContentBlocked):
                await scores(client)
            with pytest.raises(ContentBlocked):
                await client.chat(chat)
        else:
            assert len(await scores(client)) == 2
            await client.chat(chat)


@pytest.mark.parametrize(("verdict", "blocks"), [("Safety: Unsafe", True), ("Safety: Safe", False)])
async def test_a_guard_that_writes_its_verdict(models: Path, tmp_path: Path, verdict: str, blocks: bool) -> None:
    guard = folder(classifiers.save_writing_guard(tmp_path, verdict))
    async with engine(models, guard=guard) as made, made.client() as client:
        if blocks:
            with pytest.raises(ContentBlocked):
                await scores(client)
        else:
            assert len(await scores(client)) == 2


async def test_a_guard_that_cannot_be_loaded_refuses_every_request(models: Path, tmp_path: Path) -> None:
    guard = folder(classifiers.save_writing_guard(tmp_path, "Hello"))
    async with engine(models, guard=guard) as made, made.client() as client:
        with pytest.raises(CheckFailed, match=r"prompt guard .* cannot be loaded"):
            await scores(client)
        assert await state(client) == "off", "the picture check is another thing"


def test_a_long_text_is_read_to_its_end() -> None:
    """Only the last word is bad, far behind what the model can read at once."""
    tokenizer = tiny.qwen_tokenizer()
    bad = tokenizer("Z")["input_ids"][0]

    class Finder:
        device = "cpu"
        config = SimpleNamespace(id2label={0: "safe", 1: "unsafe"}, problem_type=None, max_position_embeddings=64)

        def __call__(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> Any:
            assert input_ids.shape[1] <= 62
            return SimpleNamespace(logits=torch.tensor([[0.0, 20.0 if bad in input_ids else -20.0]]))

    guard = ClassifierGuard(Finder(), tokenizer)
    assert guard.score("a" * 500) < 0.01
    assert guard.score("a" * 500 + "Z") > 0.99


def test_the_guard_judges_before_any_step_and_the_worst_text_counts() -> None:
    safety = Safety("off", guard=SimpleNamespace(score=lambda text: 0.6 if "bad" in text else 0.1))
    safety.admit(Painting("a fox", 64, 64, 1, (0,)))
    with pytest.raises(ContentBlocked):
        safety.admit(Painting("a bad fox", 64, 64, 1, (0,)))


def test_what_the_settings_mean() -> None:
    starter = read_source("LIMNER_MODEL", "", "painter")
    assert starter.place == str(STARTER / "painter")
    other = Source("owner/painter", "", local=False)
    one_step = read_source("LIMNER_MODEL", "starter-one-step", "painter")
    assert read_check("", starter) == read_check("", one_step) == "unneeded"
    assert read_check("OFF", starter) == read_check("off", other) == "off"
    default, named = read_check("", other), read_check("owner/check", starter)
    assert isinstance(default, Source)
    assert isinstance(named, Source)
    assert (default.place, named.place) == (DEFAULT_CHECK, "owner/check")
    with pytest.raises(ValueError, match="no such"):
        read_check("no such", other)


def test_a_painter_from_a_folder_has_the_default_check_where_it_was_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Source("/somewhere/painter", "", local=True)
    fetched: list[str | None] = [None, "/a/cache/config.json"]
    monkeypatch.setattr("huggingface_hub.try_to_load_from_cache", lambda name, file: fetched.pop(0))
    assert read_check("", folder) == "off"
    assert read_check("", folder) == Source(DEFAULT_CHECK, "the default", local=False)


async def test_the_environment_and_the_official_client(models: Path, tmp_path: Path) -> None:
    """A real process: the variables reach the models, and OpenAI's own client reads the answers."""
    process = EngineProcess(
        tmp_path / "engine",
        ["--host", "127.0.0.1", "--port", "0"],
        ENGINE_API_KEY=KEY,
        LIMNER_MODEL=str(models / "painter"),
        LIMNER_PLANNER=str(models / "planner"),
        LIMNER_SAFETY=str(classifiers.save_check(tmp_path / "check", flags=True)),
        LIMNER_PROMPT_GUARD=str(classifiers.save_guard(tmp_path / "guard", blocks=False)),
    )
    try:
        process.wait_for("models.ready")
        assert [event["role"] for event in process.events("safety.ready")] == ["picture check", "prompt guard"]
        url = str(process.wait_for("engine.listening")["address"])
        async with openai.AsyncOpenAI(base_url=f"{url}/v1", api_key=KEY, max_retries=0) as sdk:
            body = {"num_inference_steps": 2}
            stream = await sdk.images.generate(model="default", prompt="a fox", stream=True, extra_body=body)
            (completed,) = [event async for event in stream]
            assert completed.type == "image_generation.completed"
            assert (completed.model_extra or {})["nsfw_score"] > 0.99
            answer = await sdk.images.generate(model="default", prompt="a fox", extra_body=body)
            assert answer.data is not None
            assert (answer.data[0].model_extra or {})["nsfw_score"] > 0.99
    finally:
        assert process.stop() == 0, process.stderr
    assert "Traceback" not in process.stderr
