"""A painter and a language model with random weights on disk, for the processes of tests and benchmarks."""

from __future__ import annotations

from pathlib import Path


class Models:
    """A folder with a tiny painter and a tiny language model; both load in a moment and draw noise."""

    def __init__(self, folder: Path) -> None:
        self.variables = {
            "LIMNER_MODEL": str(folder / "painter"),
            "LIMNER_PLANNER": str(folder / "planner"),
            "LIMNER_SAFETY": "off",
            "OMP_NUM_THREADS": "1",
        }
        if not folder.exists():
            from harness import tiny_pipelines  # torch comes with it

            tiny_pipelines.save_painter(folder / "painter")
            tiny_pipelines.save_planner(folder / "planner")
