"""tests/small in a process that has the packages of limner[small]."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from harness.processes import ROOT

PACKAGES = ROOT / ".venv" / "small"


@pytest.mark.skipif(not PACKAGES.is_dir(), reason="make test installs torchao and bitsandbytes there")
def test_weights_in_int8_and_in_four_bits(tmp_path: Path) -> None:
    paths = os.pathsep.join([str(PACKAGES), str(ROOT)])
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/small"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": paths, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert ran.returncode == 0, ran.stdout[-4000:] + ran.stderr[-2000:]
    assert " passed" in ran.stdout
    assert "skipped" not in ran.stdout
