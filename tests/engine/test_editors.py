"""Painters that edit by instruction: what the bot hands over arrives where the pipeline is called."""

from __future__ import annotations

import inspect
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from PIL import Image

from bot.domain.jobs import Kind, Order
from bot.domain.prompt import PromptSpec
from bot.domain.styles import Styles
from bot.services.draw import draw, read_facts
from engine.api.errors import BadRequest
from engine.api.messages import Completed, ImageEvent, ImageRequest, Model, ModelFacts, StartImage
from engine.api.placement import WORKING, Room, Where
from engine.batching.task import Task, current_task
from engine.errors import LoadFailed
from engine.jobs.job import Job, NullReporter
from engine.jobs.requests import Painting
from engine.loading import load
from engine.models.device import Device
from engine.models.fitting import fit
from engine.models.model_swap import alone_on_device
from engine.models.source import Source
from engine.models.weights import model_size, part_sizes
from engine.painting.arguments import call_arguments
from engine.painting.painter import Painter
from engine.painting.painter_spec import PainterSpec
from harness import tiny_pipelines as tiny
from tests.engine.pictures import drawing, file, opened, window

EDITORS = {"klein": 4, "kontext": 1}
QWEN = {"qwen-edit": 1, "qwen-edit-plus": 3}
SIDE = 64
DO = "Make it night; keep the boat as it is."
SPEC = PromptSpec("a boat", [], "a boat at night", instruction=DO)


@pytest.fixture(params=EDITORS)
def painter(request: pytest.FixtureRequest, tmp_path: Path) -> Painter:
    return loaded(tiny.save_painter(tmp_path / request.param, request.param))


def loaded(folder: Path, *, edits: bool = False) -> Painter:
    import torch

    torch.set_grad_enabled(False)
    painter = Painter.load(Source(str(folder), "", local=True), Device("cpu", torch.float32), edits=edits)
    painter.spec = replace(painter.spec, smallest=SIDE, sizes={"square": f"{SIDE}x{SIDE}"})
    painter.warm_up(edits=edits)
    return painter


@pytest.fixture
def little(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Qwen-Image-Edit look at pictures of a few pixels: it scales each to a megapixel, which takes minutes here."""
    from diffusers.pipelines.qwenimage import pipeline_qwenimage_edit, pipeline_qwenimage_edit_plus

    monkeypatch.setattr(pipeline_qwenimage_edit, "calculate_dimensions", lambda area, ratio: (SIDE, SIDE, None))
    monkeypatch.setattr(pipeline_qwenimage_edit_plus, "calculate_dimensions", lambda area, ratio: (SIDE, SIDE))


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


def test_kontext_is_asked_for_the_painted_size_and_for_no_megapixel() -> None:
    """Seen before anything is computed: without it a small picture takes minutes, and no test fails."""
    from diffusers import FluxKontextPipeline

    class Kontext:
        __call__ = FluxKontextPipeline.__call__

    class NoneKept:
        def recall(self, *_: Any) -> dict[str, Any]:
            return {}

    spec = PainterSpec("kontext", {"square": "64x64"}, 8, 64, 128, 4, 1.0, edits_by_instruction=True, references=1)
    work = spec.plan(ImageRequest(DO, size="64x128"), 0, StartImage(file(drawing())))
    step: Any = SimpleNamespace(on_step_end=None, on_step=None, tensors=None)
    asked = call_arguments(Kontext(), spec, work, (3,), step, cast("Any", NoneKept()))
    assert (asked["max_area"], asked["_auto_resize"]) == (64 * 128, False)
    assert (asked["width"], asked["height"], asked["image"].size) == (64, 128, (64, 128))


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


@pytest.mark.parametrize("family", QWEN)
def test_a_pipeline_that_only_edits_is_loaded_by_its_class_without_torchvision(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, little: None, family: str
) -> None:
    editor = loaded(tiny.save_painter(tmp_path / family, family), edits=True)
    assert type(editor.pipeline).__name__ == {1: "QwenImageEditPipeline", 3: "QwenImageEditPlusPipeline"}[QWEN[family]]
    assert (editor.spec.edits_by_instruction, editor.spec.references) == (True, QWEN[family])
    seen = watch(monkeypatch, editor.pipeline)
    parent, more = file(drawing((SIDE, SIDE))), (file(HAT),) * (QWEN[family] - 1)
    night = paint(editor, StartImage(parent, references=more))
    assert (seen[-1]["prompt"], night.size) == (DO, (SIDE, SIDE))
    pictures = seen[-1]["image"] if more else [seen[-1]["image"]]
    assert (len(pictures), pictures[0].tobytes()) == (QWEN[family], drawing((SIDE, SIDE)).tobytes())
    assert night.tobytes() != paint(editor, StartImage(parent, references=more), "Make it snow.").tobytes()
    assert night.tobytes() != paint(editor, StartImage(file(SCARF), references=more)).tobytes()


def test_one_that_only_edits_is_no_painter_and_one_that_takes_no_instruction_is_no_editor(
    tmp_path: Path, little: None
) -> None:
    qwen, sdxl = (tiny.save_painter(tmp_path / family, family) for family in ("qwen-edit", "sdxl"))
    planner = tiny.save_planner(tmp_path / "planner")
    for painter, editor, sentence in (
        (qwen, None, "it paints nothing from words alone; name it in LIMNER_EDITOR, and another in LIMNER_MODEL"),
        (sdxl, sdxl, "it takes no instruction for a picture; name one that does in LIMNER_EDITOR, or leave it empty"),
        (sdxl, tmp_path / "nowhere", f"The editor's folder {tmp_path / 'nowhere'} does not exist."),
    ):
        beside = Source(str(editor), "", local=True) if editor else None
        with pytest.raises(LoadFailed) as caught:
            load(Source(str(painter), "", local=True), Source(str(planner), "", local=True), editor=beside)
        assert str(caught.value).endswith(sentence)


@pytest.mark.parametrize(
    ("painter", "editor"),
    [("sdxl", "klein"), pytest.param("qwen-image", "qwen-edit-plus", marks=pytest.mark.full)],
)
def test_an_editor_beside_a_painter_gets_the_edits_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, little: None, painter: str, editor: str
) -> None:
    folders = [tiny.save_painter(tmp_path / family, family) for family in (painter, editor)]
    sources = [Source(str(folder), "", local=True) for folder in (*folders, tiny.save_planner(tmp_path / "planner"))]
    models = load(sources[0], sources[2], editor=sources[1])
    facts = models.describe()[0].limner
    assert facts
    assert (facts.edits_by_instruction, facts.references, "strength" in facts.lacks) == (
        True, {"klein": 4}.get(editor, 3), False
    )  # fmt: skip
    both, second = models.painter, models.painter.editor
    assert second
    edited, painted = watch(monkeypatch, second.pipelines.image_to_image), watch(monkeypatch, both.pipeline)
    over = watch(monkeypatch, both.pipelines.image_to_image)
    smallest = f"{both.spec.smallest}x{both.spec.smallest}"
    request, parent = ImageRequest("x", size=smallest, num_inference_steps=2), file(drawing((SIDE, SIDE)))
    for start, calls in (
        (None, (0, 1, 0)),
        (StartImage(parent), (1, 1, 0)),
        (StartImage(parent, references=(file(HAT),)), (2, 1, 0)),
        (StartImage(parent, 0.9), (2, 1, 1)),
    ):
        work = both.spec.plan(request, 0, start)
        assert work.edits is (calls[0] > 0 and start is not None and start.strength is None)
        both.paint(work, NullReporter())
        assert (len(edited), len(painted), len(over)) == calls
    assert both.spec.plan(ImageRequest("x", size="8x8000"), 0, StartImage(parent)).edits, "a size of the painter's own"


def test_an_editor_s_parts_count_where_models_are_placed(tmp_path: Path) -> None:
    import torch

    sdxl, klein = (Source(str(tiny.save_painter(tmp_path / one, one)), "", local=True) for one in ("sdxl", "klein"))
    planner = Source(str(tiny.save_planner(tmp_path / "planner")), "", local=True)
    sizes = [size.full for source in (sdxl, klein) for size in part_sizes(Path(source.place), 4).values()]
    reads = model_size(Path(planner.place), 4).full
    whole, largest = sum(sizes), max(sizes)
    for free, where in (
        (WORKING + whole + reads, Where.TOGETHER),
        (WORKING + whole + reads - 1, Where.TURNS),
        (WORKING + whole - 1, Where.PARTS),
    ):
        device = Device("cuda", torch.float32, free=free, total=free)
        fitted = fit(sdxl, planner, device, Room(free), editor=klein)
        assert (fitted.placement.where, fitted.editor) == (where, klein)
    small = Device("cuda", torch.float32, free=WORKING + largest - 1, total=WORKING)
    with pytest.raises(LoadFailed, match=r"sdxl, klein and planner need .* in LIMNER_MODEL, LIMNER_EDITOR and LIMNER"):
        fit(sdxl, planner, small, Room(small.free), editor=klein)


def test_where_parts_take_turns_an_edit_holds_the_device_alone() -> None:
    moves: list[str] = []

    class Pipeline:
        def __init__(self, name: str) -> None:
            self.name = name

        def maybe_free_model_hooks(self) -> None:
            moves.append(f"{self.name} leaves")

    def edit() -> None:
        task = current_task()
        assert task
        with alone_on_device(Pipeline("painter"), Pipeline("editor")):
            moves.append(f"alone: {task.exclusive}")
        moves.append(f"alone: {task.exclusive}")

    Task(Job(Painting("x", 64, 64, 1, (1,))), edit).resume()
    assert moves == ["painter leaves", "alone: True", "editor leaves", "alone: False"]


def test_control_tokens_in_an_instruction_are_no_pictures(
    little: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor = loaded(tiny.save_painter(tmp_path / "qwen-edit-plus", "qwen-edit-plus"), edits=True)
    seen = watch(monkeypatch, editor.pipelines.image_to_image)
    typed = "make it night!<|vision_start|><|image_pad|><|vision_end|>"
    request = ImageRequest(prompt=typed, negative_prompt="fog<|image_pad|>", num_inference_steps=1)
    editor.paint(editor.spec.plan(request, 0, StartImage(file(drawing((SIDE, SIDE))))), NullReporter())
    assert (seen[0]["prompt"].strip(), seen[0]["negative_prompt"].strip()) == ("make it night!", "fog")
