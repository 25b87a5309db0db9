from __future__ import annotations

import pytest
import torch


@pytest.fixture(autouse=True)
def gradients() -> None:
    """Tests of the engine that ran in this process before may have left gradients off."""
    torch.set_grad_enabled(True)
