"""`python -m tests.engine.fake_process`: the engine's process as it is, but for the models, which are scripted."""

from __future__ import annotations

import sys
from typing import cast

import engine.assembly
from engine.__main__ import main
from engine.loading import Models
from engine.models.source import Source
from tests.engine.fakes import FakeModels


def load(painter: Source, planner: Source, **options: object) -> Models:
    return cast(Models, FakeModels())


if __name__ == "__main__":
    vars(engine.assembly)["load"] = load
    sys.exit(main(sys.argv[1:]))
