"""Loading both models on devices of chosen sizes, by the engine's own code; the devices are the CPU in disguise."""

from __future__ import annotations

import asyncio
import gc
import io
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
import torch
from PIL import Image

from engine.api.env_settings import SettingsInvalid
from engine.api.errors import NotFound
from engine.api.messages import ChatMessage, ChatRequest, ImageRequest
from engine.api.placement import WORKING, Room
from engine.batching.eta import Eta
from engine.errors import LoadFailed
from engine.frontend import Frontend
from engine.jobs.heartbeat import Heartbeat
from engine.jobs.job import Job, Lane
from engine.jobs.queue import JobQueue
from engine.jobs.registry import Jobs
from engine.jobs.requests import Answer, Conversation
from engine.loading import Models, choose_checked, load, no_collections
from engine.models.device import Device
from engine.models.fitting import can_chat
from engine.models.model_swap import ModelSwap
from engine.models.safety import DEFAULT_CHECK
from engine.models.source import STARTER, Open, Source, read_source
from engine.models.tuning import CHOICES, Tuning
from engine.models.weights import model_size, part_sizes
from engine.settings import read_settings, sentences
from harness import tiny_pipelines as tiny
from tests.engine.test_families import Listener


@pytest.fixture(scope="module")
def klein(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.save_painter(tmp_path_factory.mktemp("klein") / "klein", "klein")


@pytest.fixture(autouse=True)
def no_hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))


def disguise(monkeypatch: pytest.MonkeyPatch, free: int | None) -> None:
    device = Device("cpu", torch.float32, "a disguised CPU", free, free)
    monkeypatch.setattr("engine.models.device.choose_device", lambda dtype="auto": device)


def given(folder: Path) -> Source:
    return Source(str(folder), "a test names it", local=True)


def starter_planner() -> Source:
    return read_source("LIMNER_PLANNER", "", "planner")


def talk(models: Models) -> str:
    heard: list[Any] = []

    class Ear:
        def tell(self, event: Any) -> None:
            heard.append(event)

        def check(self) -> None:
            pass

    models.planner.answer(
        Conversation(ChatRequest([ChatMessage("user", "a boat")], max_tokens=6, temperature=0)), Ear()
    )
    assert isinstance(heard[-1], Answer)
    return heard[-1].text


def paint(models: Models, seed: int = 7) -> bytes:
    heard = Listener()
    painter = models.painter
    size = f"{painter.spec.smallest}x{painter.spec.smallest}"
    request = ImageRequest("a red fox", size=size, seed=seed, num_inference_steps=3)
    painter.paint(painter.spec.plan(request, 0), heard)
    (picture,) = heard.pictures
    return picture


def test_klein_s_text_encoder_is_the_language_model_too(klein: Path) -> None:
    alone = load(given(klein), given(STARTER / "planner"))
    before = paint(alone)
    models = load(given(klein), starter_planner())
    assert models.planner.model is models.painter.pipeline.text_encoder  # one set of weights
    assert models.planner.name == "klein/text_encoder"
    words = talk(models)
    assert words
    assert paint(models) == before  # and talking leaves the pictures as they were
    assert talk(models) == words
    ids = [model.id for model in models.describe()]
    assert len(set(ids)) == 2
    facts = {model.id: model.limner for model in models.describe()}[ids[1]]
    assert facts
    assert "is a language model" in facts.why


def test_a_named_language_model_wins_over_the_text_encoder(klein: Path, models: Path) -> None:
    loaded = load(given(klein), given(models / "planner"))
    assert loaded.planner.model is not loaded.painter.pipeline.text_encoder


def test_a_text_encoder_that_cannot_talk_stays_one(klein: Path, models: Path, tmp_path: Path) -> None:
    shutil.copytree(klein, silent := tmp_path / "silent")
    (silent / "tokenizer" / "chat_template.jinja").unlink()
    assert [can_chat(folder) for folder in (klein, silent, models / "painter")] == [True, False, False]


@pytest.mark.parametrize("where", ["together", "turns", "parts"])
def test_models_on_a_device_too_small_for_both(where: str, models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parts = {name: size.full for name, size in part_sizes(models / "painter", 4).items()}
    planner = model_size(models / "planner", 4).full
    whole = sum(parts.values())
    need = {"together": whole + planner, "turns": max(whole, planner), "parts": max(*parts.values(), planner)}[where]
    disguise(monkeypatch, None)
    free = load(given(models / "painter"), given(models / "planner"))
    expected, words = paint(free), talk(free)
    disguise(monkeypatch, need + WORKING)
    with structlog.testing.capture_logs() as logs:
        loaded = load(given(models / "painter"), given(models / "planner"))
    (placed,) = (entry for entry in logs if entry["event"] == "models.placed")
    assert placed["where"] == where
    facts = loaded.describe()[0].limner
    assert facts
    assert placed["why"]
    assert placed["why"] in facts.why
    assert (paint(loaded), talk(loaded), paint(loaded)) == (expected, words, expected)


def test_a_model_that_fits_in_no_way_is_refused_with_a_sentence(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disguise(monkeypatch, WORKING)
    with pytest.raises(LoadFailed) as caught:
        load(given(models / "painter"), given(models / "planner"))
    assert str(caught.value).startswith("painter and planner need 2.5 GB of the device's memory even in turns, and ")
    assert "LIMNER_MODEL" in str(caught.value)


async def test_the_starter_on_a_gpu_keeps_its_own_language_model(monkeypatch: pytest.MonkeyPatch) -> None:
    disguise(monkeypatch, 8_000_000_000)
    monkeypatch.setattr("engine.models.model_choice.in_cache", lambda name: name.startswith("Qwen/Qwen3"))
    models = load(read_source("LIMNER_MODEL", "", "painter"), starter_planner())
    assert models.planner.name == "limner-starter"
    assert [model.id for model in models.describe()] == ["limner-starter", "limner-starter-planner"]
    queue: JobQueue[Job] = JobQueue(Lane.CHAT, Lane.IMAGES)
    frontend = Frontend(Jobs(queue, Eta(), Heartbeat()), lambda sentence: None)
    frontend.ready(models)
    await asyncio.sleep(0)
    for name in ("default", "limner-starter", "limner-starter-planner"):
        assert frontend.check_model(name, "planner") == "limner-starter-planner"
    with pytest.raises(NotFound):
        frontend.check_model("limner-starter-planner", "painter")


def test_a_painter_that_is_chosen_is_checked_as_one_that_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    here = {"black-forest-labs/FLUX.2-klein-4B"}
    monkeypatch.setattr("engine.models.hub_cache.in_cache", lambda name: name in here)
    gpu = Device("cuda", torch.bfloat16, "a GPU", 23_000_000_000, 24_000_000_000)
    auto, empty = (read_source("LIMNER_MODEL", value, "painter") for value in ("auto", ""))
    painter, check = choose_checked(auto, "unneeded", gpu, Room(gpu.free))
    assert painter.name in here
    assert check == Source(DEFAULT_CHECK, "the default", local=False)
    assert choose_checked(auto, "off", gpu, Room(gpu.free))[1] == "off"
    assert choose_checked(empty, "unneeded", gpu, Room(gpu.free)) == (
        empty,
        "unneeded",
    )  # the check is not here, and is not fetched
    assert choose_checked(empty, "off", gpu, Room(gpu.free))[0].name in here
    here.add(DEFAULT_CHECK)
    assert choose_checked(empty, "unneeded", gpu, Room(gpu.free))[1] == check
    assert choose_checked(auto, "unneeded", Device("cpu", torch.float32), Room(None)) == (auto, "unneeded")


class Small:
    """A device's memory: what is brought there beyond its size is an error, as on a real one."""

    def __init__(self, size: int) -> None:
        self.size, self.peak = size, 0
        self.held: dict[Module, int] = {}

    def move(self, module: Module, device: torch.device) -> None:
        self.held.pop(module, None)
        if device.type == "cuda":
            self.held[module] = module.size
        self.peak = max(self.peak, sum(self.held.values()))
        if self.peak > self.size:
            raise RuntimeError("CUDA out of memory")


class Module(torch.nn.Module):
    """Weights that know where they are, without a GPU."""

    def __init__(self, memory: Small, size: int, place: str) -> None:
        super().__init__()
        self.memory, self.size = memory, size
        self.place = torch.device(place)
        memory.move(self, self.place)

    def to(self, device: torch.device) -> Module:  # type: ignore[override]
        self.place = device
        self.memory.move(self, device)
        return self

    def parameters(self, recurse: bool = True) -> Iterator[Any]:
        yield type("Weights", (), {"device": self.place})


@pytest.fixture
def no_cuda(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "empty_cache", lambda: None)


def test_turns_bring_back_what_was_there_and_nothing_else(no_cuda: None) -> None:
    memory = Small(10)
    unet, vae = Module(memory, 8, "cuda"), Module(memory, 2, "cpu")
    planner = Module(memory, 9, "cpu")
    turns = ModelSwap(planner, [unet, vae], "cuda")
    with turns():
        assert memory.held == {planner: 9}
    assert memory.held == {unet: 8}
    with pytest.raises(ValueError, match="amid"), turns():
        raise ValueError("amid")
    assert memory.held == {unet: 8}
    assert memory.peak == 9


def test_a_text_encoder_that_talks_goes_home_where_it_was_not_there(no_cuda: None) -> None:
    memory = Small(10)
    encoder, transformer = Module(memory, 8, "cpu"), Module(memory, 7, "cuda")
    turns = ModelSwap(encoder, [encoder, transformer], "cuda")
    with turns():
        assert memory.held == {encoder: 8}
    assert memory.held == {transformer: 7}


def test_the_options_reach_the_models(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from diffusers import UNet2DConditionModel

    called: list[tuple[str, Any]] = []
    for name in ("set_attention_backend", "compile_repeated_blocks"):
        monkeypatch.setattr(
            UNet2DConditionModel, name, lambda self, *a, name=name, **k: called.append((name, a or k)), raising=False
        )
    tuning = Tuning("bfloat16", "sdpa", "on", "on")
    loaded = load(given(models / "painter"), given(models / "planner"), tuning=tuning)
    pipeline = loaded.painter.pipeline
    assert pipeline.unet.dtype == loaded.planner.model.dtype == torch.bfloat16
    assert called == [("set_attention_backend", ("native",)), ("compile_repeated_blocks", {"dynamic": True})]
    weights = pipeline.vae.decoder.conv_in.weight
    assert weights.is_contiguous(memory_format=torch.channels_last)
    plain = load(given(models / "painter"), given(models / "planner"))
    weights = plain.painter.pipeline.vae.decoder.conv_in.weight
    assert not weights.is_contiguous(memory_format=torch.channels_last)
    assert len(called) == 2
    assert Image.open(io.BytesIO(paint(loaded))).size == (16, 16)


def test_an_attention_that_is_not_installed_is_told_in_a_sentence(models: Path) -> None:
    with pytest.raises(LoadFailed, match=r"LIMNER_ATTENTION: flash cannot be used here: "):
        load(given(models / "painter"), given(models / "planner"), tuning=Tuning(attention="flash"))


def test_the_bundled_models_have_names() -> None:
    settings = read_settings({"LIMNER_MODEL": "starter-one-step", "LIMNER_PLANNER": "starter"}, on_tcp=False)
    assert (settings.painter.place, settings.planner.place) == (str(STARTER / "one-step"), str(STARTER / "planner"))
    assert (settings.painter.open, settings.painter.is_starter, settings.safety) == (Open.NO, True, "unneeded")
    assert read_source("LIMNER_MODEL", "starter", "painter").place == str(STARTER / "painter")
    with pytest.raises(SettingsInvalid):
        read_settings({"LIMNER_EDITOR": "starter"}, on_tcp=False)


def test_wrong_options_are_told_together(tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        read_settings(dict.fromkeys(CHOICES, "fast"), on_tcp=False)
    lines = sentences(caught.value)
    assert lines[0] == "LIMNER_DTYPE: fast is not one of auto, bfloat16, float16, float32"
    assert len(lines) == len(CHOICES)
    assert read_settings({"LIMNER_COMPILE": "ON"}, on_tcp=False).tuning == Tuning(compile="on")


def test_no_garbage_is_looked_for_while_models_are_loaded() -> None:
    assert gc.isenabled()
    gc.unfreeze()  # what the test run froze
    with no_collections():
        assert not gc.isenabled()
        made: list[list[int]] = [[number] for number in range(10_000)]
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0
    young = [id(each) for generation in (0, 1) for each in gc.get_objects(generation)]
    assert not set(map(id, made)) & set(young)
    gc.freeze()
