"""The measurements themselves: their ratios and targets, both ways of painting, and the GPU part at a small size."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
import torch

from bench import gpu as gpu_part
from bench import shards
from bench.__main__ import main
from bench.result import Result
from bench.studio import Studio, alternate, in_turn, in_turn_late
from engine.jobs.requests import Painting
from harness import tiny_pipelines as tiny


def test_a_ratio_is_taken_turn_by_turn() -> None:
    result = Result("x", "s", [1.0, 10.0, 3.0], [2.0, 5.0, 6.0], "y", ratio_at_most=0.5)
    assert result.ratios == [0.5, 2.0, 0.5]
    facts = result.facts()
    assert (facts["ratio"], facts["target_met"]) == (0.5, True)
    assert facts["ratios"] == {"median": 0.5, "q1": 0.5, "q3": 1.25, "repeats": 3}
    assert str(result).endswith("; as wanted, at most 0.5")
    assert str(Result("x", "1/s", [1.2], [1.0], "y", ratio_at_least=1.3)).endswith("; NOT as wanted, at least 1.3")


def test_who_goes_first_changes() -> None:
    order: list[str] = []

    def note(who: str) -> int:
        order.append(who)
        return len(order)

    assert alternate(3, lambda turn: note("a"), lambda turn: note("b")) == ([1, 4, 5], [2, 3, 6])
    assert "".join(order) == "abbaab"


@pytest.fixture(scope="module")
def studio() -> Iterator[Studio]:
    torch.manual_seed(0)
    studio = Studio(tiny.sd15(), "tiny")
    yield studio
    studio.close()


def test_the_engine_and_the_plain_pipeline_paint_the_same_work(studio: Studio) -> None:
    works = [Painting("a boat", 64, 64, steps, (steps,), guidance=5.0) for steps in (3, 4, 5)]
    ours, plain = studio.run(works), in_turn(studio.plain, works)
    assert len(ours) == len(plain) == 3
    assert plain == sorted(plain)
    assert min(ours) > 0
    assert "forward" not in vars(studio.plain.unet)


def test_a_late_request_waits_for_the_first_in_turn_and_not_in_the_engine(studio: Studio) -> None:
    long, short = (Painting("a boat", 64, 64, steps, (1,), guidance=5.0) for steps in (60, 2))
    assert studio.run_late(long, short) < in_turn_late(studio.plain, long, short)


@pytest.mark.parametrize("names", [["klein"], pytest.param(["sdxl", "klein", "z-image"], marks=pytest.mark.full)])
def test_the_gpu_part_runs_on_the_cpu_at_a_small_size(monkeypatch: pytest.MonkeyPatch, names: list[str]) -> None:
    monkeypatch.setattr(gpu_part, "PIPELINES", names)
    found = {result.name: result for result in gpu_part.gpu(3, "cpu", "tiny")}
    for name in names:
        for side in (32, 64):
            for rows in (1, 4):
                assert min(found[f"CPU, {name}, {side} px: {rows} rows"].ours) > 0
            (share,) = (r for n, r in found.items() if n.startswith(f"CPU, {name}, {side} px: share of the peak"))
            assert 0 < min(share.ours) <= max(share.ours) < 200
    assert found["CPU, klein: a picture of 64 px, 4 steps"].ratio > 0


def test_wrong_calls_are_refused_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("bench.__main__.configure_log", lambda *_, **__: None)  # the tests' own log stays as it is
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(sys, "argv", ["bench", "--only", "gpu"])
    with pytest.raises(SystemExit) as refused:
        main()
    assert refused.value.code == "bench: there is no GPU here; to see this part run, add --device cpu --size tiny."
    monkeypatch.setattr(sys, "argv", ["bench", "--repeats", "2"])
    with pytest.raises(SystemExit):
        main()
    assert "2 is no whole number from 3 up" in capsys.readouterr().err


def test_operations_are_counted() -> None:
    from bench.gpu import _first_call, _flops, _work
    from engine.api.errors import Cancelled
    from engine.painting.capabilities import painter_spec_of
    from engine.painting.painter import Painter

    torch.set_grad_enabled(False)
    pipeline = tiny.flux()
    pipeline.set_progress_bar_config(disable=True)
    painter = Painter(pipeline, painter_spec_of(pipeline, "flux", None), provenance=False)
    flops = []
    for side in (64, 128):
        gate, call, task = _first_call(painter, _work(painter, side))
        flops.append(_flops(gate, call))
        with pytest.raises(Cancelled):
            task.resume(Cancelled("Enough."))
    weights = sum(weights.numel() for weights in pipeline.transformer.parameters() if weights.ndim > 1)
    assert flops[0] > 2 * weights  # each number is used once for each token, and there are many
    assert 1.5 < flops[1] / flops[0] < 16


def test_who_asks_for_much_puts_nobody_behind() -> None:
    from bench.load import Use, in_turn, lag

    flood = [Use(1, 0.0, float(end)) for end in (2, 3, 4, 5)]
    assert lag([Use(2, 0.5, 1.0), *flood]) == 0
    assert lag([Use(2, 0.5, 6.0), *flood]) == 3
    assert lag(in_turn([Use(2, 0.5, 1.0), *flood])) == 3


@pytest.mark.full
def test_ten_thousand_servers_on_four_shards_cost_no_request_and_less_memory_than_a_bare_client() -> None:
    figures = {result.name: result for result in shards.measure(10_000, 4, 2_000)}
    assert figures["shards: requests lost to a gateway that was dropped"].ours == [0]
    assert figures["shards: requests lost to a kill"].ours == [0]
    assert figures["shards: memory for a server"].ratio <= 1.0
    assert figures["shards: memory after 2000 messages"].ratio <= 1.1
