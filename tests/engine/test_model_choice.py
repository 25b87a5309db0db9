"""Which models are chosen and where their weights are, for devices of many sizes; nothing is loaded."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import pytest
import structlog
import torch

from engine.api.messages import MAX_SEED
from engine.api.model_catalog import FREE_LICENCES, PAINTERS
from engine.api.placement import WORKING, Format, Room, Size, Where, place, shortfall
from engine.models.device import Device
from engine.models.hub_cache import in_cache
from engine.models.model_choice import choose_painter, choose_planner
from engine.models.source import Source, read_source
from engine.models.weights import model_size, part_sizes
from harness import tiny_pipelines as tiny

GB = 1_000_000_000
AUTO, EMPTY = (read_source("LIMNER_MODEL", value, "painter") for value in ("auto", ""))
PARTS = {"transformer": Size(8 * GB), "text_encoder": Size(4 * GB), "vae": Size(GB)}
EVERY = frozenset(Format)


def gpu(total: float, used: float = 0.5) -> Device:
    return Device("cuda", torch.bfloat16, f"a GPU of {total:g} GB", round((total - used) * GB), round(total * GB))


def room(total: float, used: float = 0.5) -> Room:
    """Return what models may take of such a device where no package for smaller weights is installed."""
    return Room(gpu(total, used).free)


def everything(name: str) -> bool:
    return True


def nothing(name: str) -> bool:
    return False


@pytest.mark.parametrize(
    ("total", "name"),
    [
        (85, "lightx2v/Qwen-Image-Lightning"),
        (48, "black-forest-labs/FLUX.2-klein-4B"),
        (24, "black-forest-labs/FLUX.2-klein-4B"),
        (12.6, "black-forest-labs/FLUX.2-klein-4B"),
        (11, "ByteDance/SDXL-Lightning"),
        (8.4, "ByteDance/SDXL-Lightning"),
    ],
)
def test_the_device_s_memory_chooses_the_painter(total: float, name: str) -> None:
    chosen = choose_painter(AUTO, gpu(total), room(total), nothing)
    assert (chosen.place, chosen.local) == (name, False)
    assert f"a GPU of {total:g} GB" in chosen.why
    assert any(licence in chosen.why for licence in FREE_LICENCES)


def test_free_memory_counts_and_not_the_total_alone() -> None:
    for used, name in ((10, "black-forest-labs/FLUX.2-klein-4B"), (14, "ByteDance/SDXL-Lightning")):
        assert choose_painter(AUTO, gpu(24, used), room(24, used), nothing).name == name
    assert choose_painter(AUTO, gpu(24, used=20), room(24, 20), nothing) == AUTO


def test_the_starter_where_there_is_no_gpu_or_a_small_one() -> None:
    for device in (Device("cpu", torch.float32, "CPU"), gpu(4)):
        assert choose_painter(AUTO, device, Room(device.free), nothing) == AUTO
        assert choose_painter(EMPTY, device, Room(device.free), nothing) == EMPTY
    assert Path(AUTO.place).parts[-2:] == ("models", "painter")


def test_a_setting_that_names_a_model_wins() -> None:
    named = Source("someone/model", "LIMNER_MODEL names it", local=False)
    assert choose_painter(named, gpu(85), room(85), everything) == named
    assert choose_planner(named, PARTS, gpu(85), room(85), everything) == named


def test_nothing_is_fetched_that_was_not_asked_for() -> None:
    with structlog.testing.capture_logs() as logs:
        assert choose_painter(EMPTY, gpu(24), room(24), nothing) == EMPTY
    why = {entry["name"]: entry["why"] for entry in logs if entry["event"] == "model.passed_over"}
    assert "auto, to fetch it" in why["black-forest-labs/FLUX.2-klein-4B"]
    assert why["Qwen/Qwen-Image"] == "a good choice from 80 GB; a GPU of 24 GB has 24.0 GB"
    here = "Tongyi-MAI/Z-Image-Turbo"
    assert choose_painter(EMPTY, gpu(24), room(24), lambda name: name == here).place == here


def test_a_licence_that_is_not_free_is_never_chosen() -> None:
    unfree = {known.name for known in PAINTERS if known.licence not in FREE_LICENCES}
    assert unfree
    for total in range(4, 100):
        assert choose_painter(AUTO, gpu(total), room(total), everything).place not in unfree
    with structlog.testing.capture_logs() as logs:
        choose_painter(AUTO, gpu(11), room(11), lambda name: name in unfree)
    assert any("non-commercial" in entry["why"] for entry in logs)


def test_the_language_model_is_the_largest_that_costs_the_painter_nothing() -> None:
    names = {
        total: choose_planner(AUTO, PARTS, gpu(total), room(total), nothing).name.removeprefix("Qwen/")
        for total in (40, 20, 17.5, 11.5)
    }
    assert names == {40: "Qwen3-4B-Instruct-2507", 20: "Qwen3-1.7B", 17.5: "Qwen3-0.6B", 11.5: "Qwen3-4B-Instruct-2507"}
    assert choose_planner(AUTO, PARTS, gpu(10), room(10), nothing) == AUTO
    empty = read_source("LIMNER_PLANNER", "", "planner")
    assert choose_planner(empty, PARTS, gpu(40), room(40), lambda name: "0.6B" in name).name == "Qwen/Qwen3-0.6B"
    assert choose_planner(empty, PARTS, gpu(40), room(40), nothing) == empty


@pytest.mark.parametrize(
    ("free", "planner", "where"),
    [
        (16 * GB + WORKING, 3 * GB, Where.TOGETHER),
        (16 * GB + WORKING - 1, 3 * GB, Where.TURNS),
        (13 * GB + WORKING, 3 * GB, Where.TURNS),
        (13 * GB + WORKING - 1, 3 * GB, Where.PARTS),
        (8 * GB + WORKING, 3 * GB, Where.PARTS),
        (13 * GB + WORKING - 1, 0, Where.PARTS),
    ],
)
def test_together_in_turns_or_by_parts(free: int, planner: int, where: Where) -> None:
    placement = place(PARTS, Size(planner), Room(free))
    assert placement is not None
    assert placement.where is where
    assert placement.cap == (None if where is Where.TOGETHER else 1)
    assert ("turns" in placement.why) is (where is not Where.TOGETHER)


def test_what_fits_in_no_way_is_said_before_loading() -> None:
    for planner in (3 * GB, 9 * GB):
        least = max(8 * GB, planner) + WORKING
        assert place(PARTS, Size(planner), Room(least)) is not None
        assert place(PARTS, Size(planner), Room(least - 1)) is None
        assert str(shortfall(PARTS, Size(planner), Room(least - 1))).startswith(f"{least / 1e9:.1f} GB of the device's")
    assert place(PARTS, Size(3 * GB), Room(None)) is not None


def test_what_waits_must_fit_the_host_s_memory() -> None:
    """In turns the larger of the two waits, in parts both do; on a PC with less memory than that it would swap."""
    turns, parts = (13 * GB + WORKING, 13 * GB), (8 * GB + WORKING, 16 * GB)
    for (free, host), where in ((turns, Where.TURNS), (parts, Where.PARTS)):
        placement = place(PARTS, Size(3 * GB), Room(free, host))
        assert placement is not None
        assert placement.where is where
        assert place(PARTS, Size(3 * GB), Room(free, host - 1)) is None
        missing = shortfall(PARTS, Size(3 * GB), Room(free, host - 1))
        assert str(missing) == f"{host / 1e9:.1f} GB of the host's memory for weights that wait, and " + (
            f"{(host - 1) / 1e9:.1f} GB are free"
        )
    assert place(PARTS, Size(3 * GB), Room(16 * GB + WORKING, 0)) is not None, "on the device nothing waits"


def test_memory_that_the_device_shares_with_the_host_holds_all_or_nothing() -> None:
    shared = Room(16 * GB + WORKING, is_shared=True)
    assert place(PARTS, Size(3 * GB), shared) is not None
    assert place(PARTS, Size(3 * GB), Room(16 * GB + WORKING - 1, is_shared=True)) is None


def test_the_hub_s_cache_is_read_without_its_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    assert not in_cache("owner/model")
    (snapshot := tmp_path / "models--owner--model" / "snapshots" / "abc").mkdir(parents=True)
    assert not in_cache("owner/model")
    (snapshot / "config.json").write_text("{}")
    assert in_cache("owner/model")
    assert not in_cache("owner/other")


@pytest.mark.parametrize("family", tiny.FAMILIES)
def test_the_weights_bytes_are_read_from_the_headers(family: str, tmp_path: Path) -> None:
    pipeline = tiny.FAMILIES[family]()
    pipeline.save_pretrained(tmp_path)
    loaded = {
        name: sum(weights.numel() for weights in part.parameters())
        for name, part in pipeline.components.items()
        if isinstance(part, torch.nn.Module)
    }
    found = {name: size.full for name, size in part_sizes(tmp_path, 2).items()}
    assert found.keys() == loaded.keys()
    for name, numbers in loaded.items():
        assert found[name] == pytest.approx(2 * numbers, rel=0.02), name  # buffers are stored beside the parameters


def test_sharded_weights_and_variants_count_once(tmp_path: Path) -> None:
    pipeline = tiny.sd15()
    pipeline.unet.save_pretrained(tmp_path / "whole")
    pipeline.unet.save_pretrained(tmp_path / "shards", max_shard_size="200KB")
    assert len(list((tmp_path / "shards").glob("*.safetensors"))) > 2
    pipeline.unet.save_pretrained(tmp_path / "whole", variant="fp16")
    whole = model_size(tmp_path / "whole", 4).full
    assert whole == model_size(tmp_path / "shards", 4).full == 2 * model_size(tmp_path / "whole", 2).full > 0


def test_numbers_that_are_quantised_keep_their_width(tmp_path: Path) -> None:
    tensors = {"a": ("F32", [10, 10]), "b": ("I8", [7]), "c": ("F8_E4M3", [3]), "d": ("I64", [2])}
    header = json.dumps({name: {"dtype": kind, "shape": shape} for name, (kind, shape) in tensors.items()}).encode()
    (tmp_path / "model.safetensors").write_bytes(struct.pack("<Q", len(header)) + header)
    assert model_size(tmp_path, 2).full == 200 + 7 + 3 + 16


@pytest.mark.parametrize("damage", [b"", b"1234", struct.pack("<Q", MAX_SEED * 9), struct.pack("<Q", 4) + b'{"a"'])
def test_a_damaged_header_is_an_error_and_no_size(damage: bytes, tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(damage)
    with pytest.raises(ValueError):
        model_size(tmp_path, 2)
