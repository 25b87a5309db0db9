from __future__ import annotations

from pathlib import Path

import pytest

from harness.real_model import MISSING, smollm2


@pytest.fixture(scope="session")
def model() -> Path:
    found = smollm2()
    if found is None:
        pytest.skip(MISSING)
    return found
