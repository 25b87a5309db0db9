"""`python -m tests.engine.broken_process`: the engine's process, whose painter is a folder without a model."""

from __future__ import annotations

import sys
from typing import cast

import engine.assembly
from engine import process
from engine.__main__ import main
from engine.loading import Models
from engine.models.load_errors import check_folder
from engine.models.source import Source
from tests.engine.fakes import FakeModels


def load(painter: Source, planner: Source, **options: object) -> Models:
    check_folder("painter", painter, "model_index.json")
    return cast(Models, FakeModels())


if __name__ == "__main__":
    vars(engine.assembly)["load"] = load
    vars(process)["FAILURE_SHOWN_S"] = 0.05
    sys.exit(main(sys.argv[1:]))
