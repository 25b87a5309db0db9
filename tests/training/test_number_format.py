"""In which number format a home is trained: the one in which a step is faster, settled once."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor

from training.runtime.device import BFLOAT16, FLOAT32, autocast, settle_format


def slow_in(name: str) -> Callable[[], Callable[[], Tensor]]:
    """Steps that take thirty times as long in a format."""

    def step() -> Tensor:
        slow = torch.is_autocast_enabled("cpu") == (name == BFLOAT16)
        until = time.process_time() + (0.03 if slow else 0.001)
        while time.process_time() < until:
            pass
        return torch.ones((), requires_grad=True) * 2

    return lambda: step


def refuses() -> Callable[[], Tensor]:
    raise AssertionError("nothing is to be measured")


@pytest.mark.parametrize(("slow", "chosen"), [(FLOAT32, BFLOAT16), (BFLOAT16, FLOAT32)])
def test_the_format_in_which_a_step_is_faster_is_chosen(tmp_path: Path, slow: str, chosen: str) -> None:
    assert settle_format(tmp_path, None, slow_in(slow)) == chosen
    with autocast(tmp_path):
        product = torch.ones(2, 2) @ torch.ones(2, 2)
    assert product.dtype == getattr(torch, chosen)


def test_a_home_keeps_its_format(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert settle_format(tmp_path, BFLOAT16, refuses) == BFLOAT16
    assert settle_format(tmp_path, None, refuses) == BFLOAT16
    assert settle_format(tmp_path, FLOAT32, refuses) == BFLOAT16
    assert caplog.messages == [f"{tmp_path} is trained in bfloat16, and goes on so"]


def test_a_home_without_a_format_calculates_in_float32(tmp_path: Path) -> None:
    with autocast(tmp_path):
        assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype == torch.float32
