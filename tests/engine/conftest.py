"""Tiny models on disk, and real engine processes on top of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
KEY = "a key for the tests"
ALIASES = ("gpt-image-1", "gpt-4o")


@pytest.fixture(autouse=True, scope="module")
def gradients() -> None:
    """Loading models turns gradients off for its thread, which in some tests is the tests' own; training needs them."""
    import torch

    torch.set_grad_enabled(True)


class EngineProcess:
    """One `python -m engine`, its log on disk as JSON lines."""

    def __init__(
        self, folder: Path, arguments: Sequence[str] = (), *, module: str = "engine", **variables: str
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.home = folder / "data"
        self.log_path = folder / "log"
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("LIMNER_", "ENGINE_"))}
        fixed = {"LIMNER_HOME": str(self.home), "LIMNER_LOG": "json", "PYTHONPATH": str(ROOT)}
        fixed["LIMNER_SAFETY"] = "off"  # by default a check would be fetched for models that are not the starter's
        with self.log_path.open("wb") as log:
            self.process = subprocess.Popen(  # in its own folder, so that no .env of the developer's counts
                [sys.executable, "-m", module, *arguments],
                cwd=folder,
                env={**inherited, **fixed, **variables},
                stdin=subprocess.PIPE,
                stderr=log,
            )

    @property
    def stderr(self) -> str:
        return self.log_path.read_text()

    def events(self, name: str) -> list[dict[str, Any]]:
        """Return the log's events of this name, so far."""
        lines = [line for line in self.stderr.splitlines() if line.startswith("{")]
        return [event for event in map(json.loads, lines) if event["event"] == name]

    def wait_for(self, name: str, seconds: float = 180, **fields: object) -> dict[str, Any]:
        """Wait for an event of this name with these fields in the log."""
        deadline = time.monotonic() + seconds
        while not (found := [event for event in self.events(name) if fields.items() <= event.items()]):
            assert self.process.poll() is None, self.stderr
            assert time.monotonic() < deadline, self.stderr
            time.sleep(0.02)
        return found[0]

    def close_stdin(self) -> int:
        """Close the pipe that it reads; return its exit status."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        return self.process.wait(15)

    def stop(self) -> int:
        """Ask it to end; return its exit status."""
        if self.process.poll() is None:
            self.process.terminate()
        return self.process.wait(15)


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with `painter` and `planner`, tiny and random."""
    from harness import tiny_pipelines as tiny

    folder = tmp_path_factory.mktemp("models")
    tiny.save_painter(folder / "painter", "sd15")
    tiny.save_planner(folder / "planner")
    return folder


@pytest.fixture(scope="session")
def engine(models: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineProcess]:
    """Return a ready engine on TCP, one for all tests that do not end it."""
    engine = EngineProcess(
        tmp_path_factory.mktemp("engine"),
        ["--host", "127.0.0.1", "--port", "0", "--until-stdin-closes"],
        ENGINE_API_KEY=KEY,
        LIMNER_MODEL_ALIASES=", ".join(ALIASES),
        LIMNER_MODEL=str(models / "painter"),
        LIMNER_PLANNER=str(models / "planner"),
    )
    engine.wait_for("models.ready")
    yield engine
    assert engine.close_stdin() == 0, engine.stderr
    assert "Traceback" not in engine.stderr


@pytest.fixture(scope="session")
def url(engine: EngineProcess) -> str:
    return str(engine.wait_for("engine.listening")["address"])
