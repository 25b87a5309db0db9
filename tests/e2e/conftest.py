from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.processes import Bot, Discord, running


@pytest.fixture(scope="module")
def discord() -> Iterator[Discord]:
    started = Discord()
    yield started
    started.stop()


@pytest.fixture(scope="module")
def bot(discord: Discord, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bot]:
    home: Path = tmp_path_factory.mktemp("e2e") / "home"
    with running(discord, home) as started:
        yield started.ready()
