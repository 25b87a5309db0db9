"""Painters that edit by instruction: what the bot hands over arrives where the pipeline is called."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.domain.jobs import Kind, Order
from bot.domain.prompt import PromptSpec
from bot.domain.styles import Styles
from bot.services.draw import draw, read_facts
from engine.api.messages import Completed, ImageEvent, ImageRequest, Model, ModelFacts, StartImage
from engine.jobs.job import NullReporter
from engine.models.device import Device
from engine.models.source import Source
from engine.painting.painter import Painter
from harness import tiny_pipelines as tiny
from tests.engine.pictures import drawing, file

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
    seen: list[dict[str, Any]] = []
    kind = type(painter.pipelines.image_to_image)
    real = kind.__call__

    def call(self: Any, *args: Any, **options: Any) -> Any:
        seen.append(options)
        return real(self, *args, **options)

    call.__signature__ = __import__("inspect").signature(real)  # type: ignore[attr-defined]
    monkeypatch.setattr(kind, "__call__", call)
    engine = Direct(painter)
    order = Order("make it night", spec=SPEC, kind=Kind.REFINE, from_picture=True, steps=2)
    parent = drawing((SIDE, SIDE))
    assert read_facts(await engine.models()).edits(order)
    async for _ in draw(engine, Styles(()), order, 7, start=file(parent)):  # type: ignore[arg-type]
        pass
    (options,) = seen
    assert options["prompt"] == DO
    assert options["image"].tobytes() == parent.tobytes()
    assert (options["width"], options["height"]) == (SIDE, SIDE)
