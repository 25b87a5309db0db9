"""LoRAs of real pipelines with random weights: each picture has its own LoRAs, and none of its neighbours'."""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import structlog
import torch
from PIL import Image, ImageChops

from bot.ui.markdown_escape import plain
from bot.ui.status import status_text
from engine.api.client import EngineClient
from engine.api.errors import BadRequest
from engine.api.messages import (
    Completed,
    ImageEvent,
    ImageRequest,
    Lora,
    LoraFacts,
    LoraFault,
    StartImage,
    Status,
)
from engine.api.placement import Format
from engine.batching.batch_size import BatchSizes
from engine.batching.gate import Gate
from engine.batching.task import Task
from engine.errors import LoadFailed
from engine.jobs.job import Job
from engine.loading import Models, load
from engine.models import fitting
from engine.models.lora_files import Layer, Place, _fits, check_settings, loras_for, read_loras
from engine.models.source import Source
from engine.models.tuning import Tuning
from engine.painting.adapters import load_adapters
from engine.painting.capabilities import painter_spec_of
from engine.painting.painter import Painter
from engine.painting.provenance import describe
from harness import tiny_pipelines as tiny
from harness.tiny_loras import Naming, kohya_tags, save_lora
from tests.engine.fakes import FakeEngine, running
from tests.engine.test_families import Listener

STEPS, SIDE = 2, 64
INK, WAX = Lora("ink", 0.8), Lora("wax", -0.5)
FAMILIES: dict[str, Naming] = {"sd15": "kohya", "sdxl": "peft", "flux": "peft"}


@pytest.fixture(scope="module", autouse=True)
def no_gradients() -> Iterator[None]:
    torch.set_grad_enabled(False)
    yield
    torch.set_grad_enabled(True)


def bare(family: str) -> Any:
    torch.manual_seed(0)
    return (tiny.FAMILIES | tiny.MORE)[family]()


def painter_of(family: str, folder: Path, naming: Naming = "peft", *, text: bool = True) -> Painter:
    """Return a painter with the LoRAs ink and wax, which change the denoiser and, with `text`, a text encoder."""
    pipeline = bare(family)
    for seed, name in enumerate(("ink", "wax"), start=1):
        save_lora(pipeline, folder / f"{name}.safetensors", naming=naming, seed=seed, text=text)
    return with_loras(pipeline, family, folder)


def with_loras(pipeline: Any, family: str, folder: Path) -> Painter:
    files = read_loras([Place(str(folder))]).files
    spec = replace(painter_spec_of(pipeline, family, None), smallest=SIDE, sizes={"square": f"{SIDE}x{SIDE}"})
    adapters, loaded, _ = load_adapters(pipeline, files, family)
    spec = replace(spec, loras=tuple(LoraFacts(file.name) for file in loaded))
    return Painter(pipeline, spec, provenance=False, cap=16, adapters=adapters)


def request(*loras: Lora, prompt: str = "a red fox", seed: int = 7) -> ImageRequest:
    return ImageRequest(prompt, seed=seed, num_inference_steps=STEPS, loras=list(loras))


def painted(painter: Painter, asked: ImageRequest) -> bytes:
    """Return the picture's pixels, painted alone."""
    listener = Listener()
    painter.paint(painter.spec.plan(asked, 0), listener)
    return pixels(listener)


def pixels(listener: Listener) -> bytes:
    (file,) = listener.pictures
    return Image.open(io.BytesIO(file)).convert("RGB").tobytes()


def side_by_side(painter: Painter, *asked: ImageRequest) -> tuple[list[bytes], list[int]]:
    """Return each picture's pixels, painted in turn as the engine's thread does it, and each forward's calls."""
    gate, listeners, shared = painter.gate, [Listener() for _ in asked], list[int]()
    assert isinstance(gate, Gate)
    works = [painter.spec.plan(each, 0) for each in asked]

    tasks = [Task(Job(work), partial(painter.paint, work, each)) for work, each in zip(works, listeners, strict=True)]
    for task in tasks:
        task.resume()
    while waiting := [task for task in tasks if not task.dead]:
        lead = next((task for task in waiting if task.call), waiting[0])
        batch = [task for task in waiting if task.call and task.key == lead.key] or [lead]
        calls = [task.call for task in batch if task.call]
        outputs = gate.run(calls) if calls else [None]  # type: ignore[arg-type]
        shared.append(len(calls))
        for task, output in zip(batch, outputs, strict=True):
            task.resume(output)
        tasks = [*waiting[1:], waiting[0]]  # so that LoRAs alternate, forward by forward
    return [pixels(listener) for listener in listeners], shared


@pytest.mark.parametrize("family", ["sd15", "flux", pytest.param("sdxl", marks=pytest.mark.full)])
def test_pictures_with_different_loras_are_painted_side_by_side_and_each_as_alone(family: str, tmp_path: Path) -> None:
    untouched = painter_without(family)
    plain = painted(untouched, request())
    painter = painter_of(family, tmp_path, FAMILIES[family])
    asked = [request(), request(INK), request(WAX), request(INK, WAX)]
    alone = [painted(painter, each) for each in asked]
    assert len(set(alone)) == 4, "each choice of LoRAs has its own picture"
    assert alone[0] == plain, "a LoRA that is loaded and not asked for changes nothing"
    together, shared = side_by_side(painter, *asked)
    assert together == alone
    assert max(shared) == 1, "nothing with other LoRAs shares a forward"
    assert painted(painter, request()) == plain


def painter_without(family: str) -> Painter:
    pipeline = bare(family)
    spec = replace(painter_spec_of(pipeline, family, None), smallest=SIDE, sizes={"square": f"{SIDE}x{SIDE}"})
    return Painter(pipeline, spec, provenance=False)


def test_equal_loras_share_their_forwards(tmp_path: Path) -> None:
    painter = painter_of("sd15", tmp_path)
    asked = [request(INK), request(INK, seed=8), request(Lora("ink", 0.7)), request(Lora("wax", 0.0)), request()]
    alone = [painted(painter, each) for each in asked]
    assert alone[0] != alone[2], "the weight counts"
    assert alone[3] == painted(painter, request()), "a weight of 0 is as none"
    together, shared = side_by_side(painter, *asked)
    assert max(shared) == 2
    assert shared.count(2) == 2 * STEPS, "those with ink at 0.8, and those without any"
    for before, after in zip(alone, together, strict=True):
        assert max(abs(one - other) for one, other in zip(before, after, strict=True)) <= 1


@pytest.mark.parametrize("text", [True, pytest.param(False, marks=pytest.mark.full)])
def test_remembered_words_are_those_that_the_same_loras_read(text: bool, tmp_path: Path) -> None:
    painter, reads = painter_of("sd15", tmp_path, text=text), list[str]()
    painter.pipeline.text_encoder.register_forward_pre_hook(lambda *_: reads.append("read"))
    for long in ("a red fox", "a red fox at night, " * 12):
        reads.clear()
        before = painted(painter, request(prompt=long))
        once = len(reads)
        with_ink = painted(painter, request(INK, prompt=long))
        assert len(reads) == (2 * once if text else once), "a LoRA without a text encoder needs no new reading"
        assert painted(painter, request(prompt=long)) == before != with_ink
        assert painted(painter, request(INK, prompt=long)) == with_ink
        assert len(reads) == (2 * once if text else once)


def test_in_which_order_loras_are_named_does_not_matter(tmp_path: Path) -> None:
    painter = painter_of("sd15", tmp_path)
    asked = [request(INK, WAX), request(WAX, INK)]
    first, second = (painter.spec.plan(each, 0).loras for each in asked)
    assert first == second, "so that they share their forwards"


def test_text_encoders_are_as_before_once_they_have_read(tmp_path: Path) -> None:
    """Of some painters the text encoder is the language model, too."""
    painter = painter_of("sd15", tmp_path)
    ids = torch.ones((1, 4), dtype=torch.long)
    before = painter.pipeline.text_encoder(ids)[0]
    painted(painter, request(INK))
    assert torch.equal(painter.pipeline.text_encoder(ids)[0], before)


def test_only_the_text_encoder_s_part_changes_a_picture_too(tmp_path: Path) -> None:
    pipeline = bare("sdxl")
    save_lora(pipeline, tmp_path / "ink.safetensors", denoiser=False)
    painter = with_loras(pipeline, "sdxl", tmp_path)
    plain, inked = painted(painter, request()), painted(painter, request(Lora("ink", 2.0)))
    assert plain != inked
    assert side_by_side(painter, request(Lora("ink", 2.0)), request())[0] == [inked, plain]


def test_without_a_gate_each_forward_is_switched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.batching.gate._reason_not_batched", lambda module: "of a test")
    painter = painter_of("sd15", tmp_path)
    assert painter.gate is None
    alone = [painted(painter, request(*loras)) for loras in ((), (INK,), (WAX,))]
    assert len(set(alone)) == 3

    class Resting(Listener):
        """Lets the others go on after each step, as the engine's thread does without a gate."""

        def tell(self, event: Any) -> None:
            super().tell(event)
            tasks[self].rest()

    listeners = [Resting() for _ in alone]
    works = [painter.spec.plan(request(*loras), 0) for loras in ((), (INK,), (WAX,))]
    tasks = {
        each: Task(Job(work), partial(painter.paint, work, each)) for work, each in zip(works, listeners, strict=True)
    }
    while any(not task.dead for task in tasks.values()):
        for task in tasks.values():
            if not task.dead:
                task.resume()
    assert [pixels(listener) for listener in listeners] == alone


@pytest.fixture(scope="module")
def folder(models: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """LoRAs for the tests' painter on disk."""
    folder = tmp_path_factory.mktemp("loras")
    pipeline = tiny.sd15()
    save_lora(pipeline, folder / "ink.safetensors", seed=1, metadata=kohya_tags(inkwash=20, fox=19, night=3))
    save_lora(pipeline, folder / "wax.safetensors", seed=2, metadata={"modelspec.trigger_phrase": "wax crayon"})
    return folder


@pytest.fixture
async def engine(models: Path, folder: Path) -> AsyncIterator[FakeEngine]:
    pair = [Source(str(models / name), "", local=True) for name in ("painter", "planner")]

    def sharing() -> Models:
        loaded = load(*pair, loras=(Place(str(folder)),))
        assert loaded.painter.gate
        loaded.painter.gate.batch_sizes = BatchSizes(most=16)
        return loaded

    async with running(real=sharing) as engine:
        yield engine


async def collect(client: EngineClient, asked: ImageRequest, start: StartImage | None = None) -> Image.Image:
    events: list[ImageEvent] = [event async for event in client.images(asked, start=start)]
    (file,) = [event.b64_json for event in events if isinstance(event, Completed)]
    return Image.open(io.BytesIO(file)).convert("RGB")


async def test_the_wire_lists_loras_paints_with_them_and_refuses_others(engine: FakeEngine) -> None:
    def asking(*loras: Lora, n: int = 0) -> ImageRequest:
        return ImageRequest("a fox", size="64x64", seed=n, num_inference_steps=3, stream=True, loras=list(loras))

    async with engine.client() as client:
        facts = next(model.limner for model in await client.models() if model.limner and model.limner.kind == "painter")
        assert facts.loras == [LoraFacts("ink", ["inkwash", "fox"]), LoraFacts("wax", ["wax crayon"])]
        asked = [asking(*loras, n=n) for n, loras in enumerate([(), (INK,), (WAX,), (INK,)])]
        alone = [await collect(client, each) for each in asked]
        together = await asyncio.gather(*(collect(client, each) for each in asked))
        for before, after in zip(alone, together, strict=True):
            assert max(ImageChops.difference(before, after).tobytes()) <= 1
        plain = asking(n=1)
        assert max(ImageChops.difference(alone[1], await collect(client, plain)).tobytes()) > 1, "as a leak would show"
        assert max(engine.rows["64x64"]) > 2, "those with equal LoRAs shared"
        start = StartImage(_png(alone[0]), 0.7)
        assert (await collect(client, asking(INK), start)).tobytes() != (
            await collect(client, asking(), start)
        ).tobytes()
        for loras, field in (
            ([Lora("sepia")], r"loras\[0\]\.name"),
            ([INK, INK], r"loras\[1\]\.name"),
            ([Lora("ink", 2.5)], r"loras\[0\]\.weight"),
            ([Lora("")], r"loras\[0\]\.name"),
            ([Lora(f"{n}") for n in range(5)], "loras"),
        ):
            with pytest.raises(BadRequest, match=f"^{field}: ") as refused:
                await collect(client, asking(*loras))
            assert refused.value.param
            assert refused.value.param.startswith("loras")


async def test_a_form_s_loras_are_json(engine: FakeEngine) -> None:
    import aiohttp

    form = aiohttp.FormData({"prompt": "a fox", "loras": "ink:0.8"}, default_to_multipart=True)
    form.add_field("image", _png(Image.new("RGB", (64, 64))), filename="a.png", content_type="image/png")
    async with (
        aiohttp.ClientSession(connector=aiohttp.UnixConnector(str(engine.socket))) as session,
        session.post("http://engine/v1/images/edits", data=form) as response,
    ):
        answer = await response.json()
    assert response.status == 400
    assert answer["error"]["param"] == "loras"


def _png(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


REFUSED = {
    "pickle": r"old\.ckpt is a pickle, which can run code",
    "renamed pickle": r"ink\.safetensors is no safetensors file, or is damaged",
    "cut": r"ink\.safetensors is no safetensors file, or is damaged or cut short",
    "empty": r"ink\.safetensors is no safetensors file",
    "no lora": r"ink\.safetensors is no LoRA: none of its tensors",
    "dora": r"ink\.safetensors is a DoRA, which diffusers does not apply whole",
    "lokr": r"ink\.safetensors is a LoKr, which diffusers does not apply whole",
    "name": r"in:k\.safetensors must end in \.safetensors, and have a name",
    "absent": r"nowhere does not exist",
    "unreadable": r"ink\.safetensors is a folder that cannot be read",
    "many": r"wax\.safetensors is one too many: 1 LoRAs are the most",
}
FLAWS = {
    "renamed pickle": "damaged",
    "cut": "damaged",
    "empty": "damaged",
    "no lora": "kind",
    "dora": "kind",
    "lokr": "kind",
    "many": "beyond",
}
"""What all may know of each, where it is called otherwise."""


@pytest.mark.parametrize("fault", REFUSED)
def test_a_file_that_cannot_be_used_is_left_out_with_a_sentence(
    fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from safetensors.torch import save_file

    save_lora(tiny.sd15(), tmp_path / "wax.safetensors")
    good = save_lora(tiny.sd15(), tmp_path / "ink.safetensors")
    match fault:
        case "pickle":
            torch.save({"a": torch.zeros(1)}, tmp_path / "old.ckpt")
        case "renamed pickle":
            torch.save({"a": torch.zeros(1)}, good)
        case "cut":
            good.write_bytes(good.read_bytes()[:-100])
        case "empty":
            good.write_bytes(b"")
        case "no lora":
            save_file({"unet.conv_in.weight": torch.zeros(4, 4, 3, 3)}, good)
        case "dora" | "lokr":
            own = {"dora": "dora_scale", "lokr": "lokr_w1"}[fault]
            down = {"lora_unet_mid.lora_down.weight": torch.zeros(2, 8)}
            save_file({**down, f"lora_unet_mid.{own}": torch.ones(8)}, good)
        case "name":
            good.rename(tmp_path / "in:k.safetensors")
        case "unreadable":
            good.unlink()
            good.mkdir()
        case "many":
            monkeypatch.setattr("engine.models.lora_files.MAX_LORAS", 1)
    places = [Place(str(tmp_path))] + [Place(str(tmp_path / "nowhere"))] * (fault == "absent")
    read = read_loras(places)
    used = {"absent": ["ink", "wax"], "pickle": ["ink", "wax"], "many": ["ink"]}.get(fault, ["wax"])
    assert [file.name for file in read.files] == used, "the others are used"
    [left_out] = read.left_out
    assert re.match(f"LIMNER_LORAS: .*{REFUSED[fault]}", str(left_out))
    assert left_out.fault.flaw == FLAWS.get(fault, fault)
    assert "/" not in left_out.fault.file


def test_the_second_of_one_name_is_left_out(tmp_path: Path) -> None:
    files = [save_lora(tiny.sd15(), tmp_path / name) for name in ("ink.safetensors",)]
    (tmp_path / "more").mkdir()
    files.append(save_lora(tiny.sd15(), tmp_path / "more" / "Ink.safetensors"))
    read = read_loras([Place(str(file)) for file in files])
    assert [file.path for file in read.files] == files[:1]
    assert [str(error) for error in read.left_out] == [
        f"LIMNER_LORAS: {files[1]} has the name of {files[0]}; rename one of them."
    ]


@pytest.mark.parametrize("naming", ["peft", "kohya"])
def test_one_of_another_family_is_refused_by_its_keys(naming: Naming, tmp_path: Path) -> None:
    """The same check, which needs no weights, is the doctor's; and each of them fits its own painter."""
    pipelines = {family: bare(family) for family in ("sd15", "sdxl", "flux", "qwen-image")}
    for family, pipeline in pipelines.items():
        pipeline.save_pretrained(tmp_path / family)
        (tmp_path / f"loras-{family}").mkdir()
        if family != "qwen-image" or naming == "peft":
            text = family != "qwen-image"
            save_lora(
                pipeline,
                tmp_path / f"loras-{family}" / "ink.safetensors",
                naming=naming,
                text=text,
                metadata={"modelspec.architecture": f"{family}/lora"},
            )
    for family in pipelines:
        read = read_loras([Place(str(tmp_path / f"loras-{family}"))])
        assert loras_for(read, tmp_path / family, family) == read
        for other in set(pipelines) - {family} if read.files else ():
            usable = loras_for(read, tmp_path / other, other)
            assert usable.files == []
            [left_out] = usable.left_out
            assert f"ink.safetensors is a LoRA for another family of models than {other} (it says" in str(left_out)
            assert left_out.fault == LoraFault("ink.safetensors", "foreign")


def test_what_only_loading_tells_is_left_out_and_its_neighbours_paint_as_without_it(tmp_path: Path) -> None:
    """A layer that the painter lacks, and one of another size, in files whose names the headers do not rule out."""
    from safetensors.torch import load_file, save_file

    alone = painter_of("sd15", tmp_path)
    expected = [painted(alone, request(*loras)) for loras in ((), (INK,), (WAX,))]
    tensors = load_file(tmp_path / "ink.safetensors")
    down = next(name for name in tensors if name.startswith("unet") and name.endswith("to_q.lora_A.weight"))
    named = {name: name.replace("to_q", "to_other") for name in (down, down.replace("lora_A", "lora_B"))}
    save_file({named.get(name, name): value for name, value in tensors.items()}, tmp_path / "lack.safetensors")
    narrow = {**tensors, down: tensors[down][:, :-1].contiguous()}
    save_file(narrow, tmp_path / "narrow.safetensors")
    pipeline = bare("sd15")
    files = read_loras([Place(str(tmp_path))]).files
    adapters, loaded, left_out = load_adapters(pipeline, files, "sd15")
    assert [file.name for file in loaded] == ["ink", "wax"]
    assert [error.fault for error in left_out] == [
        LoraFault("lack.safetensors", "foreign"),
        LoraFault("narrow.safetensors", "foreign"),
    ]
    spec = replace(alone.spec, loras=tuple(LoraFacts(file.name) for file in loaded))
    painter = Painter(pipeline, spec, provenance=False, adapters=adapters)
    assert [painted(painter, request(*loras)) for loras in ((), (INK,), (WAX,))] == expected
    assert not any("lora_2" in name for name, _ in pipeline.unet.named_modules())
    assert len(pipeline.unet.peft_config) == 2


async def test_the_engine_starts_without_a_bad_file_and_says_so(models: Path, tmp_path: Path) -> None:
    pair = [Source(str(models / name), "", local=True) for name in ("painter", "planner")]
    save_lora(tiny.sd15(), tmp_path / "ink.safetensors")
    save_lora(tiny.flux(), tmp_path / "strange.safetensors", text=False)
    (tmp_path / "old.ckpt").write_bytes(b"x")
    with structlog.testing.capture_logs() as logs:
        loaded = load(*pair, loras=(Place(str(tmp_path)), Place(str(tmp_path / "gone.safetensors"))))
    facts = next(model.limner for model in loaded.describe() if model.limner and model.limner.kind == "painter")
    assert [lora.name for lora in facts.loras] == ["ink"]
    faults = [LoraFault("old.ckpt", "pickle"), LoraFault("gone.safetensors", "absent")]
    assert facts.lora_faults == [*faults, LoraFault("strange.safetensors", "foreign")]
    whys = [str(entry["why"]) for entry in logs if entry["event"] == "lora.left_out"]
    assert [str(tmp_path) in why for why in whys] == [True] * 3, "the log names each file with its path"
    assert "is a pickle" in whys[0]
    for locale, words in (("en-US", "a pickle"), ("zh-CN", "pickle")):
        status = status_text(locale, Status(0), loaded.describe(), paused=None, running=0, since=0.0, now=0.0)
        assert all(plain(file) in status for file in ("old.ckpt", "gone.safetensors", "strange.safetensors"))
        assert words in status
        assert "LoRA" in status.partition("ink")[0]


LAYERS = {f"blocks_{n}_to_q": Layer(64, 64) for n in range(2)} | {"blocks_0_ff": Layer(64, 256)}
"""A transformer's, by their names."""


@pytest.mark.parametrize(
    ("lora", "fits"),
    [
        ({"blocks_1_to_q": Layer(64, 64)}, True),
        ({"blocks_0_qkv": Layer(64, 192)}, True),
        ({"blocks_1_to_q": Layer(64, 32)}, False),
        ({"blocks_7_qkv": Layer(64, 192)}, False),
        ({"blocks_0_qkv": Layer(48, 192)}, False),
        ({"down_blocks_0_to_q": Layer(64, 64)}, False),
        ({"input_blocks_0_to_q": Layer(64, 64)}, False),
    ],
    ids=["the same", "joined", "another size", "a block too many", "another width", "a UNet's", "another UNet's"],
)
def test_a_file_fits_by_its_layers_names_and_widths(lora: dict[str, Layer], fits: bool) -> None:
    assert _fits(lora, LAYERS, is_unet=False) is fits
    unet = {f"down_blocks_{name}": layer for name, layer in LAYERS.items()}
    assert not _fits(lora, unet, is_unet=True) or "input_blocks_0_to_q" in lora


def test_with_loras_weights_stay_in_full_and_count_as_the_denoiser_s(
    folder: Path, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`auto` would take smaller ones, which LoRAs are not loaded beside."""
    asked: list[object] = []
    real = fitting.fit

    def noted(*given: Any) -> Any:
        asked.extend([given[3].asked, given[6]])
        return real(*given)

    monkeypatch.setattr(fitting, "fit", noted)
    pair = [Source(str(models / name), "", local=True) for name in ("painter", "planner")]
    load(*pair, loras=(Place(str(folder)),))
    numbers = sum(file.numbers for file in read_loras([Place(str(folder))]).files)
    load(*pair)
    assert asked == [Format.FULL, numbers, None, 0]


@pytest.mark.parametrize(
    ("tuning", "sentence"),
    [
        (Tuning(compile="on"), "LIMNER_LORAS and LIMNER_COMPILE=on cannot be combined"),
        (Tuning(weights="int8"), "LIMNER_LORAS and LIMNER_WEIGHTS=int8 cannot be combined"),
        (Tuning(weights="4bit"), "LIMNER_LORAS and LIMNER_WEIGHTS=4bit cannot be combined"),
    ],
)
def test_what_cannot_be_combined_is_refused(tuning: Tuning, sentence: str, folder: Path, models: Path) -> None:
    pair = [Source(str(models / name), "", local=True) for name in ("painter", "planner")]
    with pytest.raises(LoadFailed, match=sentence):
        load(*pair, tuning=tuning, loras=(Place(str(folder)),))
    check_settings((), tuning)


def test_without_peft_the_sentence_names_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.models.lora_files.find_spec", lambda name: None)
    with pytest.raises(LoadFailed, match=r"LIMNER_LORAS needs the package peft.*\[lora\]"):
        check_settings((Place(str(folder)),), Tuning())


def test_trigger_words_are_few_and_short(tmp_path: Path) -> None:
    many = {f"tag {n}": 50 for n in range(500)} | {"x" * 500: 50, "seldom": 3}
    file = save_lora(tiny.sd15(), tmp_path / "ink.safetensors", metadata=kohya_tags(**many))
    (lora,) = read_loras([Place(str(file))]).files
    assert len(lora.triggers) == 10
    assert max(map(len, lora.triggers)) <= 60
    (tmp_path / "ink.json").write_text('{"activation text": "inkwash, bold\\nlines"}')
    assert read_loras([Place(str(file))]).files[0].triggers == ("inkwash", "bold", "lines")
    (tmp_path / "ink.txt").write_text("brush ink")
    assert read_loras([Place(str(file))]).files[0].triggers == ("brush ink",)


def test_a_picture_s_file_names_its_loras(tmp_path: Path) -> None:
    work = painter_of("sd15", tmp_path).spec.plan(request(INK), 0)
    texts = describe(work, 7, "m", "Euler")
    assert texts["parameters"].startswith("a red fox <lora:ink:0.8>\n")
    assert '"loras": {"ink": 0.8}' in texts["limner"]
