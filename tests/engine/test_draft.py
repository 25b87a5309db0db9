"""A draft as the first preview, by tiny random painters in the engine's own ways."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import structlog
import torch
from PIL import Image

from engine.api.client import EngineClient
from engine.api.errors import Cancelled
from engine.api.messages import Completed, ImageEvent, ImageRequest, PartialImage, Progress, StartImage
from engine.batching.task import Task
from engine.jobs.job import Job, NullReporter
from engine.jobs.phases import Phase
from engine.jobs.requests import Start
from engine.loading import load
from engine.models.device import Device
from engine.models.source import Source
from engine.painting.draft import Draft
from engine.painting.painter import Painter
from harness import tiny_pipelines as tiny
from tests.engine.fakes import running
from tests.engine.test_families import Listener

WORDS, SEED, SIDE = "a red fox", 7, 16
"""The draft's own side in pixels; its pictures are enlarged four times."""
CPU = Device("cpu", torch.float32)


def write_card(folder: Path, **facts: Any) -> None:
    sizes = {"square": "64x64", "portrait": "64x64", "landscape": "64x64", "tall": "64x64", "wide": "64x64"}
    (folder / "limner.json").write_text(json.dumps({"sizes": sizes, **facts}))


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a painter, the same one without a draft, the draft, and a language model."""
    folder = tmp_path_factory.mktemp("shelf")
    for name in ("painter", "alone"):
        tiny.save_painter(folder / name, "starter-like")
        draft = {"draft": "../one-step"} if name == "painter" else {}
        write_card(folder / name, name="tiny", steps=4, guidance=3.0, **draft)
    torch.manual_seed(5)
    tiny.one_step().save_pretrained(folder / "one-step", safe_serialization=True)
    write_card(folder / "one-step", name="one", enlarge=4, steps=1, guidance=1.0, lacks=["start"])
    tiny.save_planner(folder / "planner")
    return folder


def source(folder: Path) -> Source:
    return Source(str(folder), "", local=True)


@asynccontextmanager
async def serving(shelf: Path, painter: str = "painter") -> AsyncIterator[EngineClient]:
    models = partial(load, source(shelf / painter), source(shelf / "planner"))
    async with running(real=models) as engine, engine.client() as client:
        yield client


async def events_of(client: EngineClient, previews: int, **more: Any) -> list[ImageEvent]:
    asked = ImageRequest(WORDS, seed=SEED, stream=True, x_progress=True, partial_images=previews)
    return [event async for event in client.images(asked, **more)]


def previews_of(events: list[ImageEvent]) -> list[PartialImage]:
    return [event for event in events if isinstance(event, PartialImage)]


def finished(events: list[ImageEvent]) -> bytes:
    (picture,) = [event.b64_json for event in events if isinstance(event, Completed)]
    return picture


def pixels(file: bytes) -> bytes:
    return Image.open(io.BytesIO(file)).tobytes()


def painted_alone(shelf: Path, side: int = SIDE) -> Image.Image:
    """Return what diffusers itself makes of the draft's folder, with these words and this seed."""
    import diffusers

    pipeline = diffusers.StableDiffusionPipeline.from_pretrained(str(shelf / "one-step"))
    pipeline.set_progress_bar_config(disable=True)
    picture: Image.Image = pipeline(
        WORDS,
        num_inference_steps=1,
        guidance_scale=1.0,
        width=side,
        height=side,
        generator=torch.Generator("cpu").manual_seed(SEED),
    ).images[0]
    return picture


@pytest.mark.asyncio
async def test_the_first_preview_is_the_draft_and_the_picture_is_the_same(shelf: Path) -> None:
    async with serving(shelf) as client:
        events, one, none = [await events_of(client, previews) for previews in (2, 1, 0)]
        edited = await events_of(client, 2, start=StartImage(finished(events), strength=0.9))
    async with serving(shelf, "alone") as client:
        plain = await events_of(client, 2)
        edited_plain = await events_of(client, 2, start=StartImage(finished(events), strength=0.9))

    kinds = [type(event) for event in events if isinstance(event, PartialImage | Progress)]
    assert kinds == [PartialImage, *[Progress] * 3, PartialImage, Progress], "before the first step, and after 2/3"
    draft, later = previews_of(events)
    alone = painted_alone(shelf)
    assert len(set(zip(*[iter(alone.tobytes())] * 3, strict=True))) > 20, "no plain colour, to which all are equal"
    assert pixels(draft.b64_json) == alone.resize((256, 256), Image.Resampling.LANCZOS).tobytes()
    assert [preview.partial_image_index for preview in previews_of(events)] == [0, 1]
    assert later == previews_of(plain)[1], "the draft takes the place of the first preview alone"
    assert previews_of(one) == [draft]
    assert previews_of(none) == []
    assert finished(events) == finished(one) == finished(none) == finished(plain)
    assert [event for event in events if isinstance(event, Progress)] == [Progress(step, 4) for step in range(1, 5)]
    assert previews_of(edited) == previews_of(edited_plain), "an edit has no draft"
    assert finished(edited) == finished(edited_plain)


@pytest.mark.asyncio
async def test_a_draft_that_fails_costs_nothing_but_itself(shelf: Path, tmp_path: Path) -> None:
    for name in ("painter", "planner", "one-step"):
        shutil.copytree(shelf / name, tmp_path / name)
    broken = tiny.unet(cross_attention_dim=16, attention_head_dim=8)  # the words have 32 numbers each
    broken.save_pretrained(tmp_path / "one-step" / "unet")
    with structlog.testing.capture_logs() as logs:
        async with serving(tmp_path) as client:
            twice = [await events_of(client, 2) for _ in range(2)]
    async with serving(shelf, "alone") as client:
        plain = await events_of(client, 2)
    for events in twice:
        assert previews_of(events) == previews_of(plain)
        assert len(previews_of(plain)) == 2
        assert finished(events) == finished(plain)
    assert [line["draft"] for line in logs if line["event"] == "draft.failed"] == ["one"], "once for two pictures"


@pytest.mark.parametrize("named", ["../nothing-here", "../../elsewhere", ".", "..", "unet", "/", "../linked"])
def test_a_draft_is_a_folder_beside_the_painter_s(shelf: Path, tmp_path: Path, named: str) -> None:
    shutil.copytree(shelf / "one-step", tmp_path / "elsewhere")
    painter = tmp_path / "models" / "painter"
    shutil.copytree(shelf / "painter", painter)
    (tmp_path / "models" / "linked").symlink_to(tmp_path / "elsewhere")
    write_card(painter, draft=named)
    with structlog.testing.capture_logs() as logs:
        assert Draft.beside(source(painter), CPU) is None
    assert [(line["event"], line["draft"]) for line in logs] == [("draft.left_out", named)]
    shutil.copytree(shelf / "one-step", tmp_path / "models" / "one-step")
    write_card(painter, draft="../one-step")
    assert Draft.beside(source(painter), CPU) is not None


@pytest.fixture(scope="module")
def painter(shelf: Path) -> Painter:
    torch.set_grad_enabled(False)
    painter = Painter.load(source(shelf / "painter"), CPU)
    painter.draft = Draft.beside(source(shelf / "painter"), CPU)
    return painter


def test_it_shares_no_forward_and_counts_as_the_denoiser_s_time(painter: Painter) -> None:
    heard = Listener()
    work = painter.spec.plan(ImageRequest(WORDS, seed=SEED, partial_images=1), 0)
    task = Task(Job(work), partial(painter.paint, work, heard))
    task.resume()
    assert [type(event) for event in heard.events] == [PartialImage]
    assert task.call is not None
    assert task.call.gate is painter.gate, "the first stop is at the painter's own denoiser"
    assert task.phases[Phase.DENOISER] > 0
    with pytest.raises(Cancelled):
        task.resume(Cancelled("Enough."))


def test_a_draft_is_of_words_alone_and_of_what_wants_previews(painter: Painter) -> None:
    assert painter.draft is not None
    work = painter.spec.plan(ImageRequest(WORDS, seed=SEED, partial_images=1), 0)
    blank = Start(Image.new("RGB", (64, 64)))
    assert painter.draft.show(work, NullReporter()) == 1
    for other in (replace(work, previews=0), replace(work, loras=(("ink", 0.8),)), replace(work, start=blank)):
        heard = Listener()
        with structlog.testing.capture_logs() as logs:
            assert painter.draft.show(other, heard) == 0
        assert (heard.events, logs) == ([], [])


class Unwanted(Listener):
    """A reporter of work that was cancelled after so many looks."""

    def __init__(self, looks: int) -> None:
        super().__init__()
        self._looks = looks

    def check(self) -> None:
        self._looks -= 1
        if self._looks < 0:
            raise Cancelled("Enough.")


@pytest.mark.parametrize("looks", [0, 1, 2])
def test_a_cancelled_picture_ends_in_its_draft_which_is_none_the_worse(painter: Painter, looks: int) -> None:
    work = painter.spec.plan(ImageRequest(WORDS, seed=SEED, partial_images=1), 0)
    heard = Unwanted(looks)
    with structlog.testing.capture_logs() as logs, pytest.raises(Cancelled):
        painter.paint(work, heard)
    assert (heard.events, logs) == ([], [])
    again = Listener()
    painter.paint(work, again)
    assert isinstance(again.events[0], PartialImage)


def test_what_a_card_says_is_lacking_is_neither_tried_nor_heeded(shelf: Path, tmp_path: Path) -> None:
    shutil.copytree(shelf / "one-step", tmp_path / "one-step")
    lacks, sizes = ["start", "steps", "guidance"], {"square": "128x128"}
    write_card(tmp_path / "one-step", sizes=sizes, enlarge=4, steps=1, guidance=1.0, lacks=lacks)
    torch.set_grad_enabled(False)
    one = Painter.load(source(tmp_path / "one-step"), CPU)
    one.pipelines.image_to_image = one.pipelines.inpainting = None  # whoever tries them fails
    one.warm_up()
    assert one.spec.lacks == (*lacks, "strength", "mask")
    work = one.spec.plan(ImageRequest(WORDS, seed=SEED, num_inference_steps=30, guidance_scale=7.5), 0)
    assert (work.steps, work.guidance) == (1, 1.0)
    heard = Listener()
    one.paint(work, heard)
    expected = painted_alone(shelf, 32).resize((128, 128), Image.Resampling.LANCZOS)
    assert pixels(heard.pictures[0]) == expected.tobytes()
