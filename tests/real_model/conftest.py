from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from engine.chatting.planner import Planner
from engine.models.device import Device
from engine.models.source import read_source
from harness.real_model import MISSING, smollm2


@pytest.fixture(scope="session")
def model() -> Path:
    found = smollm2()
    if found is None:
        pytest.skip(MISSING)
    return found


@pytest.fixture(scope="package")
def planner(model: Path) -> Iterator[Planner]:
    torch.set_grad_enabled(False)
    yield Planner.load(read_source("LIMNER_PLANNER", str(model), "planner"), Device("cpu", torch.float32))
    torch.set_grad_enabled(True)
