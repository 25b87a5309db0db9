"""Painters that edit by instruction: what the bot hands over arrives where the pipeline is called."""

from __future__ import annotations

import inspect
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from bot.domain.jobs import Kind, Order
from bot.domain.prompt import PromptSpec
from bot.domain.styles import Styles
from bot.services.draw import draw, read_facts
from engine.api.errors import BadRequest
from engine.api.messages import Completed, ImageEvent, ImageRequest, Model, ModelFacts, StartImage
from engine.jobs.job import NullReporter
from engine.models.device import Device
from engine.models.source import Source
from engine.painting.painter import Painter
from engine.painting.painter_spec import PainterSpec
from harness import tiny_pipelines as tiny
from tests.engine.pictures import drawing, file, opened, window

EDITORS = {"klein": 4, "kontext": 1}
SIDE = 64
DO = "Make it night; keep the boat as it is."
SPEC = PromptSpec("a boat", [], "a boat at night", instruction=DO)


@pytest.fixture(params=EDITORS)
def painter(request: pytest.FixtureRequest, tmp_path: Path) -> Painter:
    return loaded(tiny.save_painter(tmp_path / request.param, request.param))


def loaded(folder: Path) -> Painter:
    import torch

    torch.set_grad_enabled(False)
    painter = Painter.load(Source(str(folder), "", local=True), Device("cpu", torch.float32))
    painter.spec = replace(painter.spec, smallest=SIDE, sizes={"square": f"{SIDE}x{SIDE}"})
    painter.warm_up()
    return painter


def watch(monkeypatch: pytest.MonkeyPatch, pipeline: Any) -> list[dict[str, Any]]:
    """Return the options of each call of the pipeline's class, as they come."""
    seen: list[dict[str, Any]] = []
    kind, real = type(pipeline), type(pipeline).__call__

    def call(self: Any, *args: Any, **options: Any) -> Any:
        seen.append(options)
        return real(self, *args, **options)

    call.__signature__ = inspect.signature(real)  # type: ignore[attr-defined]
    monkeypatch.setattr(kind, "__call__", call)
    return seen


class Direct:
    """The port of the bot to a painter in this process, without a wire."""

    def __init__(self, painter: Painter) -> None:
        self._painter = painter

    async def models(self) -> list[Model]:
        spec = self._painter.spec
        facts = ModelFacts(
            "painter", sizes=spec.sizes, lacks=list(spec.lacks), edits_by_instruction=spec.edits_by_instruction,
            references=spec.references,
        )  # fmt: skip
        return [Model(spec.name, limner=facts)]

    async def images(
        self, request: ImageRequest, *, key: str | None = None, start: StartImage | None = None
    ) -> AsyncGenerator[ImageEvent, None]:
        told: list[Any] = []

        class Listener(NullReporter):
            def tell(self, event: Any) -> None:
                told.append(event)

        self._painter.paint(self._painter.spec.plan(request, 0, start), Listener())
        for event in told:
            if isinstance(event, Completed):
                yield event


def test_the_facts_say_that_it_edits_and_how_many_pictures_it_takes(painter: Painter) -> None:
    assert painter.spec.edits_by_instruction
    assert painter.spec.references == EDITORS[painter.spec.name]
    assert {"strength"} <= set(painter.spec.lacks)
    assert "start" not in painter.spec.lacks


def test_others_say_that_they_do_not(tmp_path: Path) -> None:
    painter = loaded(tiny.save_painter(tmp_path / "sdxl", "sdxl"))
    assert not painter.spec.edits_by_instruction
    assert painter.spec.references == 1


async def test_the_instruction_and_the_picture_are_seen_where_the_pipeline_is_called(
    painter: Painter, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = watch(monkeypatch, painter.pipelines.image_to_image)
    engine = Direct(painter)
    order = Order("make it night", spec=SPEC, kind=Kind.REFINE, from_picture=True, steps=2)
    parent = drawing((SIDE, SIDE))
    assert read_facts(await engine.models()).edits(order)
    async for _ in draw(engine, Styles(()), order, 7, starts=[file(parent)]):  # type: ignore[arg-type]
        pass
    (options,) = seen
    assert options["prompt"] == DO
    assert options["image"].tobytes() == parent.tobytes()
    assert (options["width"], options["height"]) == (SIDE, SIDE)
    area = {"max_area"} & inspect.signature(type(painter.pipelines.image_to_image).__call__).parameters.keys()
    assert {options.get(name) for name in area} <= {SIDE * SIDE}, "Kontext would paint a megapixel"


HAT, SCARF = Image.new("RGB", (96, 64), "red"), Image.new("RGB", (40, 40), "blue")


def paint(painter: Painter, start: StartImage, prompt: str = DO) -> Image.Image:
    told: list[Any] = []

    class Listener(NullReporter):
        def tell(self, event: Any) -> None:
            told.append(event)

    request = ImageRequest(prompt, seed=3, num_inference_steps=2)
    painter.paint(painter.spec.plan(request, 0, start), Listener())
    (done,) = [event for event in told if isinstance(event, Completed)]
    return opened(done.b64_json)


def test_further_pictures_are_seen_in_their_order_and_shape_and_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    painter = loaded(tiny.save_painter(tmp_path / "klein", "klein"))
    seen = watch(monkeypatch, painter.pipelines.image_to_image)
    parent = file(drawing((SIDE, SIDE)))
    alone = paint(painter, StartImage(parent))
    both = paint(painter, StartImage(parent, references=(file(HAT), file(SCARF))))
    first, hat, scarf = seen[-1]["image"]
    assert first.tobytes() == drawing((SIDE, SIDE)).tobytes()
    assert (hat.getpixel((9, 9)), scarf.getpixel((9, 9))) == ((255, 0, 0), (0, 0, 255))
    assert hat.width > hat.height >= 64, "its own shape, and no smaller than the pipeline takes"
    assert hat.width * hat.height <= 4 * SIDE * SIDE
    assert min(scarf.size) >= 64
    assert alone.tobytes() != both.tobytes()


@pytest.mark.parametrize(
    ("references", "mask", "sentence"),
    [
        (4, None, "image: klein takes 4 pictures at most; send fewer."),
        (1, window((SIDE, SIDE)), "image: klein takes one picture with a mask or a strength; send fewer."),
    ],
    ids=["five", "a mask"],
)
def test_more_than_it_looks_at_is_refused(references: int, mask: bytes | None, sentence: str) -> None:
    spec = PainterSpec("klein", {"square": "64x64"}, 8, 64, 128, 4, 1.0, edits_by_instruction=True, references=4)
    start = StartImage(file(drawing((SIDE, SIDE))), mask=mask, references=(file(HAT),) * references)
    with pytest.raises(BadRequest) as caught:
        spec.plan(ImageRequest("x"), 1, start)
    assert (str(caught.value), caught.value.param) == (sentence, "image")
