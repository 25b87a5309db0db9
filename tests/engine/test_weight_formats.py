"""Models whose weights are made smaller so that they fit: which format is chosen, and what it does to the pictures."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch

from engine.api.host_memory import available_bytes, total_bytes
from engine.api.model_catalog import entry_of
from engine.api.placement import NOTHING, Format, Room, Where, place
from engine.errors import LoadFailed
from engine.loading import load
from engine.models import weight_formats
from engine.models.device import Device
from engine.models.weight_formats import room_for
from engine.models.weights import part_sizes
from harness import tiny_pipelines as tiny
from harness.tiny_gguf import pack_denoiser
from tests.engine.test_loading import given, paint, starter_planner

GB = 1_000_000_000
EVERY = frozenset(Format)


def usual(gib: int) -> int:
    """Return the free bytes of a GPU as it is sold, of which its driver and a desktop keep some."""
    return round(gib * 2**30 * 0.98) - 500_000_000


@pytest.mark.parametrize(
    ("name", "gib", "expected"),
    [
        ("black-forest-labs/FLUX.2-klein-4B", 6, None),
        ("black-forest-labs/FLUX.2-klein-4B", 8, (Where.TOGETHER, Format.FOUR_BIT)),
        ("black-forest-labs/FLUX.2-klein-4B", 10, (Where.TOGETHER, Format.FOUR_BIT)),
        ("black-forest-labs/FLUX.2-klein-4B", 12, (Where.TOGETHER, Format.INT8)),
        ("black-forest-labs/FLUX.2-klein-4B", 16, (Where.TOGETHER, Format.INT8)),
        ("black-forest-labs/FLUX.2-klein-4B", 20, (Where.TOGETHER, Format.FULL)),
        ("black-forest-labs/FLUX.2-klein-4B", 141, (Where.TOGETHER, Format.FULL)),
        ("stabilityai/stable-diffusion-xl-base-1.0", 6, (Where.TOGETHER, Format.FOUR_BIT)),
        ("stabilityai/stable-diffusion-xl-base-1.0", 8, (Where.TOGETHER, Format.INT8)),
        ("stabilityai/stable-diffusion-xl-base-1.0", 10, (Where.TOGETHER, Format.FULL)),
        ("Qwen/Qwen-Image", 16, None),
        ("Qwen/Qwen-Image", 24, (Where.TOGETHER, Format.FOUR_BIT)),
        ("Qwen/Qwen-Image", 48, (Where.TOGETHER, Format.INT8)),
        ("Qwen/Qwen-Image", 80, (Where.TOGETHER, Format.FULL)),
    ],
)
def test_the_best_format_that_keeps_all_on_the_device(
    name: str, gib: int, expected: tuple[Where, Format] | None
) -> None:
    entry = entry_of(name)
    assert entry
    placement = place(entry.sizes, NOTHING, Room(usual(gib), formats=EVERY))
    assert (placement and (placement.where, placement.weights)) == expected
    if placement is not None:
        words = {Format.FULL: "of weights and", Format.INT8: "in int8", Format.FOUR_BIT: "in 4 bits"}
        assert words[placement.weights] in placement.why
        assert placement.why.endswith("all stays on the device")
        assert placement.cap is None, "requests share forwards"


def test_without_the_packages_parts_take_turns_and_the_reason_names_them() -> None:
    entry = entry_of("black-forest-labs/FLUX.2-klein-4B")
    assert entry
    room = Room(usual(12))
    placement = place(entry.sizes, NOTHING, room)
    assert placement is not None
    assert (placement.where, placement.weights) == (Where.PARTS, Format.FULL)
    assert placement.why.endswith("with torchao installed, all would stay there in int8")
    asked = place(entry.sizes, NOTHING, Room(usual(24), formats=EVERY, asked=Format.FOUR_BIT))
    assert asked is not None
    assert asked.weights is Format.FOUR_BIT, "a setting goes before what would be best"
    assert place(entry.sizes, NOTHING, Room(usual(6), formats=EVERY, asked=Format.FOUR_BIT)) is None


@pytest.mark.parametrize(
    ("device", "formats", "is_shared"),
    [
        (Device("cpu", torch.float32), {Format.FULL}, False),
        (Device("mps", torch.float16, free=20 * GB, total=21 * GB), {Format.FULL}, True),
        (Device("xpu", torch.bfloat16, free=15 * GB, total=16 * GB), {Format.FULL}, False),
        (Device("cuda", torch.bfloat16, free=15 * GB, total=16 * GB), {Format.FULL, Format.INT8}, False),
    ],
)
def test_what_each_kind_of_device_offers(
    device: Device, formats: set[Format], is_shared: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weight_formats, "installed_formats", lambda: frozenset({Format.FULL, Format.INT8}))
    room = room_for(device)
    assert (room.free, room.formats, room.is_shared) == (device.free, frozenset(formats), is_shared)
    assert room.host is not None
    assert 0 < room.host <= total_bytes()
    assert room_for(device, Format.INT8).formats >= {Format.INT8}
    with pytest.raises(LoadFailed, match=r"LIMNER_WEIGHTS is 4bit, which needs bitsandbytes: .*small"):
        room_for(device, Format.FOUR_BIT)


def test_four_bits_need_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weight_formats, "installed_formats", lambda: EVERY)
    with pytest.raises(LoadFailed, match="LIMNER_WEIGHTS is 4bit, which needs a GPU"):
        room_for(Device("cpu", torch.float32), Format.FOUR_BIT)
    assert room_for(Device("cuda", torch.bfloat16, free=1), Format.FOUR_BIT).asked is Format.FOUR_BIT


def test_a_container_s_limit_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (limit := tmp_path / "memory.max").write_text("123000000\n")
    monkeypatch.setattr("engine.api.host_memory.LIMITS", (tmp_path / "none", limit))
    assert total_bytes() == 123_000_000
    assert available_bytes() <= 123_000_000
    limit.write_text("max\n")
    assert total_bytes() > 123_000_000


def test_a_denoiser_in_a_gguf_file_paints_in_place_of_its_safetensors(tmp_path: Path) -> None:
    whole = tiny.save_painter(tmp_path / "flux", "flux")
    shutil.copytree(whole, packed := tmp_path / "packed")
    file = pack_denoiser(packed / "transformer")
    assert part_sizes(packed, 2)["transformer"].stored(Format.INT8) == file.stat().st_size, "it stays as it is packed"
    models = load(given(packed), starter_planner())
    assert type(models.painter.pipeline.transformer.transformer_blocks[0].attn.to_q).__name__ == "GGUFLinear"
    picture, exact = paint(models), paint(load(given(whole), starter_planner()))
    assert picture != exact


def test_a_gguf_file_without_the_package_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tiny.save_painter(tmp_path / "flux", "flux")
    pack_denoiser(folder / "transformer")
    monkeypatch.setattr("engine.models.pipeline_class.find_spec", lambda _: None)
    with pytest.raises(LoadFailed, match=r"its transformer is a GGUF file: .*gguf"):
        load(given(folder), starter_planner())
