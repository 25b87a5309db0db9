"""The cap on a batch's rows: where it lies, how long it takes to find, and that it is found once."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from engine.batching import batch_size as batch_size_module
from engine.batching.batch_size import BatchSize, BatchSizes, smallest_good


def test_the_cap_is_the_smallest_batch_near_the_best() -> None:
    batch_size = smallest_good({1: 50, 2: 85, 4: 92, 8: 99, 16: 100})
    assert (batch_size.rows, batch_size.best_rows) == (4, 16)
    assert str(batch_size) == "4 rows give 92% of the best, 100 rows/s with 16"
    assert smallest_good({1: 100, 2: 104}).rows == 1
    assert smallest_good({2: 10, 4: 20, 8: 40}).rows == 8


def forward(overhead: float, row: float) -> tuple[list[int], Callable[[int], None]]:
    asked: list[int] = []

    def compute(times: int) -> None:
        asked.append(times)
        time.sleep(overhead + row * times)

    return asked, compute


class Clock:
    """Simulated seconds, which pass in forwards alone."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        monkeypatch.setattr(batch_size_module, "perf_counter", lambda: self.now)

    def forward(
        self, overhead: float, row: float, late: Callable[[int, int], float] = lambda call, times: 0.0
    ) -> tuple[list[int], Callable[[int], None]]:
        """Return the calls, and a forward; `late` are the seconds that a call takes longer, by its number and size."""
        asked: list[int] = []

        def compute(times: int) -> None:
            self.now += overhead + row * times + late(len(asked), times)
            asked.append(times)

        return asked, compute


def test_overhead_is_worth_many_rows_and_arithmetic_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    for overhead, row, wanted in ((0.01, 0.0001, {8, 16}), (0.0, 0.004, {1, 2})):
        _, compute = clock.forward(overhead, row)
        assert BatchSizes().measure("8x8", 1, compute).rows in wanted


def test_it_is_measured_once_and_kept_for_the_next_start(tmp_path: Path) -> None:
    path = tmp_path / "cache" / "batch_sizes.json"
    asked, compute = forward(0.001, 0.001)
    with capture_logs() as log:
        first = BatchSizes("tiny; cpu", path).measure("8x8", 2, compute)
    assert [entry["why"] for entry in log if entry["event"] == "painter.batch_size"] == [str(first)]
    count = len(asked)
    again = BatchSizes("tiny; cpu", path)
    with capture_logs() as log:
        assert again.explain("8x8")
    assert log[0]["rows"] == first.rows
    assert again.measure("8x8", 2, compute) == first
    assert len(asked) == count
    BatchSizes("other; cpu", path).measure("8x8", 1, compute)
    assert len(asked) > count
    assert BatchSizes("tiny; cpu", path).find("8x8") == first


def test_a_damaged_or_forbidden_file_is_measured_over(tmp_path: Path) -> None:
    (tmp_path / "batch_sizes.json").write_text('{"tiny": ')
    _, compute = forward(0.001, 0.001)
    assert BatchSizes("tiny", tmp_path / "batch_sizes.json").measure("8x8", 1, compute)
    assert BatchSizes("tiny", tmp_path / "batch_sizes.json").find("8x8")
    (tmp_path / "file").touch()
    assert BatchSizes("tiny", tmp_path / "file" / "batch_sizes.json").measure("8x8", 1, compute)


def test_a_long_forward_is_measured_no_more_than_it_must(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    asked, compute = clock.forward(0.0, 0.9)
    batch_size = BatchSizes().measure("8x8", 2, compute)
    assert asked == [1, 1]
    assert batch_size.rows == 2
    assert "takes too long" in str(batch_size)


def test_memory_that_runs_out_ends_the_measurement() -> None:
    def compute(times: int) -> None:
        time.sleep(0.005)
        if times > 2:
            raise RuntimeError("CUDA out of memory. Tried to allocate 20 GiB")

    assert BatchSizes().measure("8x8", 1, compute).best_rows == 2


def test_halving_lowers_the_cap_to_one_row_at_last(tmp_path: Path) -> None:
    batch_sizes = BatchSizes("tiny", tmp_path / "batch_sizes.json")
    batch_sizes._known["8x8"] = BatchSize(8, 1.0, 8, 1.0)
    assert [batch_sizes.halve("8x8", rows) for rows in (8, 4, 2, 1)] == [4, 2, 1, 1]
    assert BatchSizes("tiny", tmp_path / "batch_sizes.json").find("8x8") is None  # it holds for this process


LATE = {
    "the first forward of all": lambda call, times: 1.0 * (call == 0),
    "a compilation of the first batch": lambda call, times: 10.0 * (call == 4),
    "compilations of each size": lambda call, times: 10.0 * (call in (0, 2, 4, 6, 8)),
    "a stall in a timed forward of one row": lambda call, times: 1.0 * (call == 1),
    "a stall in a timed forward of a batch": lambda call, times: 1.0 * (call == 3),
    "two stalls": lambda call, times: 0.6 * (call in (3, 7)),
    "a whole busy measurement": lambda call, times: 0.7 * (call < 8),
}


@pytest.mark.parametrize("late", LATE.values(), ids=LATE.keys())
def test_what_is_late_once_lowers_no_cap_for_good(
    late: Callable[[int, int], float], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A network that is bound by the launch of its kernels, as SDXL's on an H200: 62 ms whatever the batch."""
    clock, path = Clock(monkeypatch), tmp_path / "batch_sizes.json"
    _, undisturbed = clock.forward(0.060, 0.002)
    wanted = BatchSizes().measure("8x8", 1, undisturbed).rows
    assert wanted >= 8
    batch_sizes = BatchSizes("sdxl", path)
    _, compute = clock.forward(0.060, 0.002, late)
    batch_sizes.measure("8x8", 1, compute)
    if batch_sizes.inconclusive:
        assert BatchSizes("sdxl", path).find("8x8") is None, "nothing inconclusive is kept"
        batch_sizes.measure_when_idle("8x8", 1, compute, lambda: True)
    known = BatchSizes("sdxl", path).find("8x8")
    assert known is not None
    assert known.rows >= wanted
    assert not batch_sizes.inconclusive


def test_a_forward_of_seconds_is_known_once_it_was_measured_idle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, path = Clock(monkeypatch), tmp_path / "batch_sizes.json"
    batch_sizes = BatchSizes("slow", path)
    asked, compute = clock.forward(0.0, 4.0)
    batch_sizes.measure("8x8", 1, compute)
    assert batch_sizes.inconclusive == {"8x8"}
    _, quick = clock.forward(0.010, 0.001)
    batch_sizes.measure("4x4", 1, quick)
    assert BatchSizes("slow", path).find("4x4")
    assert BatchSizes("slow", path).find("8x8") is None
    batch_sizes.measure_when_idle("8x8", 1, compute, lambda: True)
    assert len(asked) <= 2 + 4
    batch_sizes.measure_when_idle("8x8", 1, compute, lambda: True)


def test_a_request_ends_an_idle_measurement_after_one_forward(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    batch_sizes = BatchSizes()
    asked, compute = clock.forward(0.010, 0.001)
    batch_sizes.measure_when_idle("8x8", 1, compute, lambda: len(asked) < 5)
    assert len(asked) <= 6
    assert batch_sizes.inconclusive == {"8x8"}
    batch_sizes.measure_when_idle("8x8", 1, compute, lambda: True)
    assert batch_sizes.inconclusive == frozenset()
    found = batch_sizes.find("8x8")
    count = len(asked)
    batch_sizes.measure_when_idle("8x8", 1, compute, lambda: True)
    assert (batch_sizes.find("8x8"), len(asked)) == (found, count)
