"""Ways of computing a painter's parts: chosen by a measurement when idle, kept, and never by what is late once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from structlog.testing import capture_logs

from engine.batching import fastest as fastest_module
from engine.batching.fastest import SAMPLES, TOO_LONG_S, Fastest
from engine.batching.gate import Gate
from engine.models import tuning as tuning_module
from engine.models.device import Device
from engine.models.tuning import FIRST, LAST, Tuning
from engine.painting.capabilities import painter_spec_of
from engine.painting.painter import Painter
from harness import tiny_pipelines as tiny
from tests.engine.ways_world import World, picture, simulated_seconds

WAYS = ("usual", "other")
CPU, CUDA = Device("cpu", torch.float32), Device("cuda", torch.float32)


def choose(fastest: Fastest, world: World, monkeypatch: pytest.MonkeyPatch, most: int = 1_000) -> str | None:
    monkeypatch.setattr(fastest_module, "perf_counter", lambda: world.now)
    return fastest.choose("part 8x8", WAYS, world.compute, lambda: len(world.calls) < most)


@pytest.mark.parametrize(("other", "chosen"), [(0.5, "other"), (0.94, "other"), (0.96, "usual"), (2.0, "usual")])
def test_another_way_is_taken_where_it_is_clearly_faster(
    other: float, chosen: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "cache" / "ways.json"
    fastest = Fastest("sdxl; H200", path)
    assert choose(fastest, World({"usual": 1.0, "other": other}), monkeypatch) == chosen
    assert Fastest("sdxl; H200", path).find("part 8x8") == chosen
    assert Fastest("sdxl; L4", path).is_open("part 8x8"), "another device is measured anew"


LATE: dict[str, Callable[[int, str], float]] = {
    "the first forward of all": lambda call, way: 60.0 * (call == 0),
    "a compilation in each way": lambda call, way: 60.0 * (call < 2),
    "a stall of the usual way": lambda call, way: 3.0 * (call == 2),
    "two stalls of the usual way": lambda call, way: 3.0 * (call in (2, 6)),
    "two stalls of the other way": lambda call, way: 3.0 * (call in (3, 11)),
    "a machine that is busy throughout": lambda call, way: 0.5,
}


@pytest.mark.parametrize("late", LATE.values(), ids=LATE.keys())
@pytest.mark.parametrize(("other", "chosen"), [(0.7, "other"), (0.99, "usual")])
def test_what_is_late_once_chooses_nothing(
    late: Callable[[int, str], float], other: float, chosen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert choose(Fastest(), World({"usual": 1.0, "other": other}, late), monkeypatch) == chosen


def test_a_request_ends_the_measurement_and_nothing_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fastest, whole = Fastest("tiny", tmp_path / "ways.json"), 2 + 2 * SAMPLES
    for most in range(whole):
        world = World({"usual": 1.0, "other": 0.5})
        assert choose(fastest, world, monkeypatch, most) is None
        assert len(world.calls) == most
    assert Fastest("tiny", tmp_path / "ways.json").is_open("part 8x8")
    assert fastest.is_open("part 8x8"), "the next idle moment measures again"


def test_calls_of_many_seconds_are_not_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fastest, world = Fastest("slow", tmp_path / "ways.json"), World({"usual": TOO_LONG_S + 1, "other": 0.5})
    assert choose(fastest, world, monkeypatch) is None
    assert len(world.calls) == 3
    assert not fastest.is_open("part 8x8")
    assert Fastest("slow", tmp_path / "ways.json").is_open("part 8x8"), "it may have been late"


def painter(tuning: Tuning, folder: Path | None = None, device: Device = CPU, family: str = "sd15") -> Painter:
    torch.manual_seed(0)
    pipeline = (tiny.FAMILIES | tiny.MORE)[family]()
    spec = replace(painter_spec_of(pipeline, family, None), smallest=64, sizes={"square": "64x64"})
    return Painter(pipeline, spec, measured=folder, cap=1, choices=tuning.apply(pipeline, device))


def layout(made: Painter) -> str:
    weights = [weight for weight in made.pipeline.vae.parameters() if weight.ndim == 4]
    return FIRST if all(weight.is_contiguous() for weight in weights) else LAST


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    return simulated_seconds(monkeypatch)


@pytest.mark.parametrize("family", ["sd15", "sdxl", "klein"])
def test_the_autoencoder_s_layout_is_measured_kept_and_changes_no_more_than_the_last_bits(
    family: str, tmp_path: Path, seconds: dict[str, float]
) -> None:
    made = painter(Tuning(), tmp_path, family=family)
    before = picture(made)
    assert layout(made) == FIRST
    seconds[LAST] = 0.5
    made.measure()
    assert layout(made) == LAST
    assert (picture(made) - before).abs().max() <= 1
    assert layout(painter(Tuning(), tmp_path, family=family)) == LAST, "at the next start it is taken at once"


def test_a_slower_layout_is_left_and_so_is_one_that_was_measured_in_part(
    tmp_path: Path, seconds: dict[str, float]
) -> None:
    seconds[LAST] = 2.0
    made = painter(Tuning(), tmp_path)
    made.measure()
    assert layout(made) == FIRST
    assert "autoencoder" in (tmp_path / "ways.json").read_text()
    seconds[LAST] = 0.5
    for asked in range(1, 16, 3):
        answers = iter([True] * asked)
        other = painter(Tuning(), tmp_path / "other")
        other.measure(lambda answers=answers: next(answers, False))  # type: ignore[misc]
        assert layout(other) == FIRST
        assert not (tmp_path / "other" / "ways.json").exists()
        assert picture(other).shape == (64, 64, 3)


@pytest.mark.parametrize(("setting", "wanted"), [("on", LAST), ("off", FIRST)])
def test_a_setting_wins(setting: str, wanted: str, tmp_path: Path, seconds: dict[str, float]) -> None:
    seconds[FIRST if wanted == LAST else LAST] = 0.1
    made = painter(Tuning(channels_last=setting), tmp_path)
    made.measure()
    assert layout(made) == wanted
    assert not (tmp_path / "ways.json").exists()


def test_an_autoencoder_of_films_keeps_its_layout() -> None:
    pipeline = tiny.qwen_image()
    assert {weight.ndim for weight in pipeline.vae.parameters()} >= {4, 5}
    Tuning(channels_last="on").apply(pipeline, CPU)
    for weight in pipeline.vae.parameters():
        assert weight.is_contiguous(memory_format=torch.channels_last if weight.ndim == 4 else torch.contiguous_format)


def test_the_attention_is_chosen_among_those_that_work(
    tmp_path: Path, seconds: dict[str, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(tuning_module.ATTENTION, "flash", "_native_math")  # works without a GPU; `cudnn` does not
    seconds.update({"sdpa": 1.0, "flash": 0.5, "cudnn": 0.1})
    made = painter(Tuning(), tmp_path, CUDA, "klein")
    with capture_logs() as log:
        made.measure()
    assert {entry["way"] for entry in log if entry["event"] == "painter.way_failed"} == {"cudnn"}
    assert backends(made) == {"_native_math"}
    assert backends(painter(Tuning(), tmp_path, CUDA, "klein")) == {"_native_math"}
    assert backends(painter(Tuning(attention="sdpa"), tmp_path, CUDA, "klein")) == {"native"}


def backends(made: Painter) -> set[str]:
    processors: list[Any] = [getattr(module, "processor", None) for module in made.pipelines.denoiser.modules()]
    return {one._attention_backend.value for one in processors if hasattr(one, "_attention_backend")}


def test_what_cannot_be_measured_keeps_its_usual_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = painter(Tuning(), tmp_path)

    def fail(*_: object) -> None:
        raise RuntimeError("no kernel image is available")

    monkeypatch.setattr(Gate, "compute", fail)
    with capture_logs() as log:
        made.measure()
    assert [entry["reason"] for entry in log if entry["event"] == "painter.way_kept"]
    monkeypatch.undo()
    assert layout(made) == FIRST
    assert picture(made).shape == (64, 64, 3)
