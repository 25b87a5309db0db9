"""An engine process with tiny models under the names that clients have fixed, and programs that know nothing of it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.engine.conftest import KEY, EngineProcess, models
from tests.engine.pictures import drawing, file

__all__ = ["models"]
FOLDER = Path(__file__).parents[2] / ".venv" / "clients"
PROGRAMS = Path(__file__).parent / "programs"
MISSING = "the clients are not here: run make clients"
ALIASES = "gpt-image-1, dall-e-3, gpt-4o"
TIMEOUT_S = 180.0

Run = Callable[[str], str]


@pytest.fixture(scope="session")
def address(models: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the base URL that a client of OpenAI's is given."""
    engine = EngineProcess(
        tmp_path_factory.mktemp("clients"),
        ["--host", "127.0.0.1", "--port", "0", "--until-stdin-closes"],
        ENGINE_API_KEY=KEY,
        LIMNER_MODEL=str(models / "painter"),
        LIMNER_PLANNER=str(models / "planner"),
        LIMNER_MODEL_ALIASES=ALIASES,
    )
    engine.wait_for("models.ready")
    yield f"{engine.wait_for('engine.listening')['address']}/v1"
    assert engine.close_stdin() == 0, engine.stderr
    assert "Traceback" not in engine.stderr


@pytest.fixture
def run(address: str, tmp_path: Path) -> Run:
    """Return what runs a program in an empty folder with a photo, and returns what it prints. It must end well."""
    node, python = FOLDER / "node" / "node_modules", FOLDER / "bin" / "python"
    if not (node.is_dir() and python.exists()):
        pytest.skip(MISSING)
    (tmp_path / "node_modules").symlink_to(node)
    (tmp_path / "photo.png").write_bytes(file(drawing()))
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "OPENAI_BASE_URL": address,
        "OPENAI_API_KEY": KEY,
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",  # else it fetches a table of prices
    }

    def run(name: str) -> str:
        (tmp_path / name).write_bytes((PROGRAMS / name).read_bytes())
        runner = "node" if name.endswith(".mjs") else str(python)
        ended = subprocess.run(
            [runner, name], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=TIMEOUT_S
        )
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    return run
