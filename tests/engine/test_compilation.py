"""Blocks that are compiled while the engine is idle: pictures never wait for it, and nothing slower is taken."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import torch
from structlog.testing import capture_logs

from engine.api.placement import Format, Placement
from engine.batching.fastest import Fastest
from engine.batching.gate import Gate
from engine.models.device import Device
from engine.models.tuning import Tuning
from engine.painting import painter as painter_module
from engine.painting.capabilities import painter_spec_of
from engine.painting.compilation import COMPILED, PLAIN
from engine.painting.painter import Painter
from harness import tiny_pipelines as tiny
from tests.engine.ways_world import picture, simulated_seconds

CUDA = Device("cuda", torch.bfloat16)


@dataclass
class Compiler:
    """A backend of torch.compile that waits until it may go on, and counts what it computed."""

    may_go_on: threading.Event = field(default_factory=threading.Event)
    began: threading.Event = field(default_factory=threading.Event)
    error: Exception | None = None
    computed: int = 0

    def __call__(self, graph: torch.fx.GraphModule, inputs: list[torch.Tensor]) -> Callable[..., Any]:
        self.began.set()
        assert self.may_go_on.wait(60)
        if self.error:
            raise self.error

        def compute(*arguments: Any) -> Any:
            self.computed += 1
            return graph.forward(*arguments)

        return compute


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    torch._dynamo.reset()
    yield
    torch.compiler.set_stance("default")
    torch._dynamo.reset()


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    return simulated_seconds(monkeypatch)


def painter(compiler: Compiler, folder: Path) -> Painter:
    torch.manual_seed(0)
    pipeline = tiny.sd15()
    spec = replace(painter_spec_of(pipeline, "sd15", None), sizes={"square": "64x64"})
    return Painter(pipeline, spec, measured=folder, cap=1, compiler=compiler)


def compiled(made: Painter) -> None:
    """Wait for the end of a compilation."""
    assert made.compilation is not None
    blocks = made.compilation._blocks
    assert blocks is not None
    assert blocks._thread is not None
    blocks._thread.join(60)
    assert not made.compilation.is_busy


def test_pictures_are_painted_while_blocks_are_compiled_and_faster_ones_are_taken_after(
    seconds: dict[str, float], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds.update({PLAIN: 1.0, COMPILED: 0.5})
    measured: list[str] = []

    def measure(paint: object, gate: Gate, *_: object) -> bool:
        measured.append(gate.batch_sizes.identity)
        return True

    monkeypatch.setattr(painter_module, "measure_batch_sizes", measure)
    compiler = Compiler()
    made = painter(compiler, tmp_path)
    before = picture(made)
    made.measure(lambda: False)
    assert not compiler.began.is_set(), "a request waits"
    made.measure()
    assert compiler.began.wait(60)
    assert torch.equal(picture(made), before), "the plain blocks computed it, and at once"
    made.measure()
    assert not measured, "nothing is measured beside a compiler"
    compiler.may_go_on.set()
    compiled(made)
    count = compiler.computed
    assert torch.equal(picture(made), before)
    assert compiler.computed == count, "not taken before it was measured"
    made.measure()
    count = compiler.computed
    assert (picture(made) - before).abs().max() <= 1
    assert compiler.computed > count
    count = compiler.computed
    picture(made, width=128)
    assert compiler.computed > count, "what was compiled at one size is for others, too"
    assert [identity.endswith("; compiled") for identity in measured] == [True], "batches are of the compiled blocks"


def test_at_the_next_start_what_was_taken_is_compiled_anew_without_a_measurement(
    seconds: dict[str, float], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Fastest, "find", lambda self, what: COMPILED)
    monkeypatch.setattr(Fastest, "is_open", lambda self, what: False)
    compiler = Compiler()
    compiler.may_go_on.set()
    made = painter(compiler, tmp_path)
    made.measure()
    compiled(made)
    made.measure()
    count = compiler.computed
    picture(made)
    assert compiler.computed > count
    assert not (tmp_path / "ways.json").exists()


def test_slower_blocks_are_not_taken_nor_compiled_again(seconds: dict[str, float], tmp_path: Path) -> None:
    seconds.update({PLAIN: 1.0, COMPILED: 0.97})
    compiler = Compiler()
    compiler.may_go_on.set()
    made = painter(compiler, tmp_path)
    made.measure()
    compiled(made)
    answers = iter([True] * 9)
    made.measure(lambda: next(answers, False))
    assert not (tmp_path / "ways.json").exists(), "a request came"
    count = compiler.computed
    picture(made)
    assert compiler.computed == count
    made.measure()
    count = compiler.computed
    picture(made)
    assert compiler.computed == count
    untried = Compiler()
    again = painter(untried, tmp_path)
    again.measure()
    assert not untried.began.is_set()


def test_a_compiler_that_fails_is_told_once_and_leaves_the_plain_blocks(tmp_path: Path) -> None:
    compiler = Compiler(error=RuntimeError("no C compiler\nTraceback and so on"))
    compiler.may_go_on.set()
    made = painter(compiler, tmp_path)
    before = picture(made)
    with capture_logs() as log:
        made.measure()
        compiled(made)
        for _ in range(3):
            made.measure()
    (told,) = [entry for entry in log if entry["event"] == "painter.not_compiled"]
    assert "no C compiler" in told["reason"]
    assert "\n" not in told["reason"]
    assert torch.equal(picture(made), before)
    assert not (tmp_path / "ways.json").exists()


def test_blocks_are_compiled_on_cuda_where_nothing_speaks_against_it() -> None:
    assert Tuning().compiler(CUDA, Placement()) == "inductor"
    assert Tuning().compiler(Device("cpu", torch.float32), Placement()) is None
    for setting in ("on", "off"):
        assert Tuning(compile=setting).compiler(CUDA, Placement()) is None
    assert Tuning().compiler(CUDA, Placement(cap=2)) is None
    assert Tuning().compiler(CUDA, Placement(weights=Format.INT8)) is None
