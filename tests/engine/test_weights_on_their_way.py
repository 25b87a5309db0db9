"""Weights on their way to a device: straight there, and read ahead. The device is `meta`, which keeps nothing."""

from __future__ import annotations

import ctypes
import mmap
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers.pipelines import pipeline_utils

from engine.api.messages import ImageRequest
from engine.api.placement import Format, Placement, Where
from engine.chatting.planner import Planner
from engine.loading import load
from engine.models import read_ahead as module
from engine.models.classifiers import PictureCheck
from engine.models.device import Device
from engine.models.fused_lora import FUSED
from engine.models.pipeline_class import load_pipeline
from engine.models.placement import modules_of, straight_to
from engine.models.read_ahead import files_of, read_ahead
from engine.models.source import Source
from engine.painting.painter import Painter
from harness import tiny_pipelines as tiny
from harness.tiny_loras import save_lora
from tests.engine import classifiers
from tests.engine.test_families import Listener

META = Device("meta", torch.bfloat16, "a device that keeps nothing")


@pytest.fixture(scope="module")
def klein(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pipeline whose parts, and a language model whose weights, are in several files."""
    folder = tmp_path_factory.mktemp("klein")
    torch.manual_seed(0)
    pipeline = tiny.klein()
    pipeline.save_pretrained(folder / "painter", max_shard_size="20KB")
    pipeline.text_encoder.save_pretrained(folder / "planner", max_shard_size="20KB")
    pipeline.tokenizer.save_pretrained(folder / "planner")
    for part in ("painter/transformer", "painter/text_encoder", "planner"):
        assert len([*(folder / part).glob("*.safetensors")]) > 2
    return folder


@pytest.fixture(autouse=True)
def no_hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))


@pytest.fixture
def meta(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let diffusers take the device, as it takes the machine's own GPU."""
    monkeypatch.setattr(pipeline_utils, "SUPPORTED_DEVICE_MAP", [*pipeline_utils.SUPPORTED_DEVICE_MAP, "meta"])


def given(folder: Path) -> Source:
    return Source(str(folder), "a test names it", local=True)


def places(*modules: torch.nn.Module) -> set[tuple[str, torch.dtype]]:
    return {(weight.device.type, weight.dtype) for module in modules for weight in module.parameters()}


def test_a_pipeline_s_weights_go_straight_to_the_device(klein: Path, meta: None) -> None:
    pipeline = load_pipeline(given(klein / "painter"), META.dtype, straight=straight_to(META))
    assert places(*modules_of(pipeline)) == {("meta", torch.bfloat16)}, "before anything was moved"
    assert pipeline.to("meta") is pipeline, "and it can still be moved"


def test_so_do_a_language_model_s_and_a_check_s(klein: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    check = classifiers.save_check(tmp_path, flags=True)
    moved: list[str] = []
    to = torch.nn.Module.to

    def watched(module: torch.nn.Module, *a: Any, **k: Any) -> torch.nn.Module:
        moved.extend(kind for kind, _ in places(module))
        return to(module, *a, **k)

    monkeypatch.setattr(torch.nn.Module, "to", watched)
    planner = Planner.load(given(klein / "planner"), META)
    PictureCheck.load(given(check), META)
    assert places(planner.model) == {("meta", torch.bfloat16)}
    assert set(moved) == {"meta"}, "what is moved is there already"


@pytest.mark.parametrize(
    ("placement", "device", "loras", "straight"),
    [
        (Placement(), "cuda", 0, {"device_map": "cuda"}),
        (Placement(), "xpu", 0, {"device_map": "xpu"}),
        (Placement(), "cpu", 0, {}),
        (Placement(), "mps", 0, {}),
        (Placement(), "cuda", 1, {}),
        (Placement(Where.TURNS), "cuda", 0, {}),
        (Placement(Where.PARTS), "cuda", 0, {}),
        (Placement(weights=Format.INT8), "cuda", 0, {}),
    ],
)
def test_only_what_is_to_be_on_the_device_as_it_is_goes_straight_there(
    placement: Placement,
    device: str,
    loras: int,
    straight: dict[str, str],
    klein: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Asked(Exception):
        pass

    def asked(*_: object, **options: Any) -> None:
        raise Asked(options["straight"])

    monkeypatch.setattr("engine.painting.painter.load_pipeline", asked)
    files: Sequence[Any] = [tmp_path / "lora.safetensors"] * loras
    with pytest.raises(Asked) as caught:
        Painter.load(given(klein), Device(device, torch.bfloat16), placement=placement, loras=files)
    assert caught.value.args == (straight,)


@pytest.mark.parametrize("family", ["klein", "sdxl"])
def test_what_went_straight_paints_the_same(family: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tiny.save_painter(tmp_path / family, family)
    pictures = []
    for options in ({}, {"device_map": "cpu"}):
        monkeypatch.setattr("engine.painting.painter.straight_to", lambda *_, options=options: options)
        painter = Painter.load(given(folder), Device("cpu", torch.float32))
        painter.warm_up()
        heard = Listener()
        side = f"{painter.spec.smallest}x{painter.spec.smallest}"
        painter.paint(painter.spec.plan(ImageRequest("a red fox", size=side, seed=7, num_inference_steps=3), 0), heard)
        pictures.append((heard.pictures, painter.spec.lacks))
    assert pictures[0] == pictures[1]


def test_a_recipe_s_lora_is_added_on_the_device(tmp_path: Path, meta: None) -> None:
    folder = tiny.save_painter(tmp_path / "flux", "flux")
    pipeline = load_pipeline(given(folder), torch.float32)
    save_lora(pipeline, folder / FUSED, text=False)
    there = load_pipeline(given(folder), META.dtype, straight=straight_to(META))
    assert places(there.transformer) == {("meta", torch.bfloat16)}


def is_cached(file: Path) -> bool:
    """Whether the system has all of a file in memory, where asking does not bring it there."""
    with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_COPY) as mapped:
        pages = (ctypes.c_ubyte * -(-len(mapped) // mmap.PAGESIZE))()
        first = ctypes.c_char.from_buffer(mapped)
        failed = ctypes.CDLL(None).mincore(
            ctypes.c_void_p(ctypes.addressof(first)), ctypes.c_size_t(len(mapped)), pages
        )
        del first
    assert not failed
    return all(page & 1 for page in pages)


def forget(files: Sequence[Path]) -> None:
    for file in files:
        descriptor = os.open(file, os.O_RDONLY)
        os.fsync(descriptor)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(descriptor)
    if any(map(is_cached, files)):
        pytest.skip("this disk's files are always in memory")


on_linux = pytest.mark.skipif(sys.platform != "linux", reason="files are read ahead on Linux alone")


@on_linux
def test_weights_are_in_the_system_s_cache_before_they_are_asked_for(klein: Path) -> None:
    sources = [given(klein / "painter"), given(klein / "planner")]
    files = [file for source in sources for file in files_of(source)]
    forget(files)
    for reader in read_ahead(sources):
        reader.join()
    assert all(map(is_cached, files))


@on_linux
def test_no_more_is_read_than_half_of_the_memory_that_is_free(klein: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = files_of(given(klein / "planner"))
    forget(files)
    monkeypatch.setattr(module, "available_bytes", lambda: 2 * sum(file.stat().st_size for file in files[:2]))
    for reader in read_ahead([given(klein / "planner")]):
        reader.join()
    assert [is_cached(file) for file in files] == [True, True, *[False] * len(files[2:])]


def test_a_model_s_files_are_found_in_a_folder_and_in_the_hub_s_cache(klein: Path, tmp_path: Path) -> None:
    files = files_of(given(klein / "painter"))
    assert list(dict.fromkeys(file.parent.name for file in files)) == ["text_encoder", "transformer", "vae"]
    assert len(files) == len([*(klein / "painter").rglob("*.safetensors")])
    snapshot = tmp_path / "hub" / "models--someone--planner" / "snapshots" / "abc"
    hub = Source("someone/planner", "a test names it", local=False)
    assert files_of(hub) == []
    snapshot.parent.mkdir(parents=True)
    snapshot.symlink_to(klein / "planner")
    (snapshot.parent.parent / "refs").mkdir()
    (snapshot.parent.parent / "refs" / "main").write_text("abc")
    assert [file.name for file in files_of(hub)] == [file.name for file in files_of(given(klein / "planner"))]


def test_what_cannot_be_read_ahead_is_left_to_whoever_loads_it(tmp_path: Path) -> None:
    (tmp_path / "model_index.json").write_text("no JSON")
    (tmp_path / "model.gguf").write_bytes(b"GGUF")
    sources = [given(tmp_path), given(tmp_path / "none"), given(tmp_path / "model.gguf")]
    sources += [Source("klein/text_encoder", "", local=False), Source("no name", "", local=False)]
    for reader in read_ahead(sources):
        reader.join()
    assert [files_of(source) for source in sources] == [[]] * len(sources)


def test_the_painter_is_read_before_the_libraries_and_the_rest_while_it_is_loaded(
    klein: Path, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Any] = []

    def loads(*a: Any, **k: Any) -> Any:
        told.append("loads")
        return load_pipeline(*a, **k)

    monkeypatch.setattr("engine.loading.read_ahead", lambda sources: told.append([each.name for each in sources]))
    monkeypatch.setattr("engine.painting.painter.load_pipeline", loads)
    load(given(models / "painter"), given(klein / "planner"))
    assert told == [["painter"], ["planner"], "loads"]
