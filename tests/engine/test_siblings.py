"""The pipelines that are made without asking diffusers' AutoPipeline are those that it would make."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from engine.models.pipeline_class import SIBLINGS
from engine.models.source import STARTER
from engine.painting.pipelines import Pipelines
from harness import tiny_pipelines as tiny

START = """
import sys, torch
from engine.models.pipeline_class import load_pipeline
from engine.models.source import Source
from engine.painting.pipelines import Pipelines
loaded = Pipelines(load_pipeline(Source(sys.argv[1], "", local=True), torch.float32))
print(type(loaded.image_to_image).__name__, "diffusers.pipelines.auto_pipeline" in sys.modules)
"""


def own(pipeline: Any) -> dict[str, Any]:
    """A pipeline's settings, without what it keeps of another's that it has no use for."""
    return {name: value for name, value in pipeline.config.items() if not name.startswith("_")}


def test_the_table_says_what_autopipeline_says() -> None:
    from diffusers.pipelines import auto_pipeline as auto

    for name, siblings in SIBLINGS.items():
        assert auto._get_task_class(auto.AUTO_TEXT2IMAGE_PIPELINES_MAPPING, name).__name__ == name
        for task, mapping in (
            ("Image2Image", auto.AUTO_IMAGE2IMAGE_PIPELINES_MAPPING),
            ("Inpainting", auto.AUTO_INPAINT_PIPELINES_MAPPING),
        ):
            assert auto._get_task_class(mapping, name).__name__ == siblings[task]


@pytest.mark.parametrize("family", ["sd15", "starter-like", "sdxl"])
def test_a_sibling_has_the_same_parts_and_settings_as_one_by_autopipeline(family: str) -> None:
    import diffusers

    pipelines = Pipelines(tiny.FAMILIES[family]())
    assert type(pipelines.text_to_image).__name__ in SIBLINGS
    for sibling, task in ((pipelines.image_to_image, "Image2Image"), (pipelines.inpainting, "Inpainting")):
        asked = getattr(diffusers, f"AutoPipelineFor{task}").from_pipe(pipelines.text_to_image)
        assert type(sibling) is type(asked)
        assert own(sibling) == own(asked)
        assert all(part is asked.components[name] for name, part in sibling.components.items())


def test_the_starter_loads_without_the_pipelines_of_all_families() -> None:
    command = [sys.executable, "-c", START, str(Path(STARTER) / "painter")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.stdout.split() == ["StableDiffusionImg2ImgPipeline", "False"], done.stderr
