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


def test_overhead_is_worth_many_rows_and_arithmetic_is_not() -> None:
    for overhead, row, wanted in ((0.01, 0.0001, {8, 16}), (0.0, 0.004, {1, 2})):
        _, compute = forward(overhead, row)
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
    monkeypatch.setattr(batch_size_module, "BUDGET_S", 0.2)
    asked, compute = forward(0.0, 0.15)
    batch_size = BatchSizes().measure("8x8", 2, compute)
    assert asked == [1]
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
