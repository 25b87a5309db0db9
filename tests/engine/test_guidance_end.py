"""Guidance in the first steps alone, by a tiny random Stable Diffusion in the engine's own ways."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
import structlog
import torch
from PIL import Image

from engine.api.messages import Completed, ImageRequest, StartImage
from engine.models.device import Device
from engine.models.source import Source
from engine.painting.capabilities import painter_spec_of
from engine.painting.painter import Painter
from engine.painting.painter_spec import PainterFacts
from harness import tiny_pipelines as tiny
from tests.engine.test_families import Listener

WORDS, SEED, STEPS, SIDE = "a red fox", 7, 4, 64


@pytest.fixture(scope="module")
def painter(tmp_path_factory: pytest.TempPathFactory) -> Painter:
    folder = tmp_path_factory.mktemp("painter")
    tiny.save_painter(folder, "starter-like")
    sizes = dict.fromkeys(("square", "portrait", "landscape", "tall", "wide"), f"{SIDE}x{SIDE}")
    facts = {"name": "tiny", "sizes": sizes, "steps": STEPS, "guidance": 3.0, "guidance_end": 0.5}
    (folder / "limner.json").write_text(json.dumps(facts))
    return Painter.load(Source(str(folder), "", local=True), Device("cpu", torch.float32))


def painted(painter: Painter, start: StartImage | None = None, **asked: Any) -> tuple[list[int], list[Image.Image]]:
    """Return the rows of each forward, and the pictures."""
    rows, listener = [], Listener()
    hook = painter.pipeline.unet.register_forward_pre_hook(lambda _, args: rows.append(len(args[0])))
    with hook:
        painter.paint(painter.spec.plan(ImageRequest(WORDS, seed=SEED, **asked), SEED, start), listener)
    files = [event.b64_json for event in listener.events if isinstance(event, Completed)]
    return rows, [Image.open(io.BytesIO(file)) for file in files]


def by_diffusers(painter: Painter) -> Image.Image:
    """Return what the pipeline paints with diffusers' own callback, which ends the guidance behind its second step."""
    from diffusers.callbacks import SDCFGCutoffCallback

    picture: Image.Image = painter.pipeline(
        WORDS, num_inference_steps=STEPS, guidance_scale=3.0, width=SIDE, height=SIDE,
        generator=torch.Generator("cpu").manual_seed(SEED),
        callback_on_step_end=SDCFGCutoffCallback(cutoff_step_ratio=None, cutoff_step_index=1),
        callback_on_step_end_tensor_inputs=["latents", "prompt_embeds"],
    ).images[0]  # fmt: skip
    return picture


def test_the_later_steps_have_no_guidance_and_half_the_rows(painter: Painter) -> None:
    rows, (picture,) = painted(painter)
    assert rows == [2, 2, 1, 1]
    assert picture.tobytes() == by_diffusers(painter).tobytes()
    rows, pictures = painted(painter, n=2)
    assert rows == [4, 4, 2, 2]
    assert pictures[0].tobytes() != pictures[1].tobytes()


def test_what_goes_on_from_a_picture_has_guidance_to_its_end(painter: Painter) -> None:
    file = io.BytesIO()
    Image.new("RGB", (SIDE, SIDE), "green").save(file, "PNG")
    rows, _ = painted(painter, StartImage(file.getvalue(), strength=0.5))
    assert rows == [2, 2]


def test_without_guidance_there_is_none_to_end(painter: Painter) -> None:
    assert painted(painter, guidance_scale=1.0)[0] == [1, 1, 1, 1]


def test_another_pipeline_does_not_heed_it_and_the_log_says_so() -> None:
    with structlog.testing.capture_logs() as logs:
        spec = painter_spec_of(tiny.FAMILIES["sdxl"](), "sdxl", PainterFacts(guidance_end=0.5))
    assert spec.guidance_end == 1.0
    assert [line["event"] for line in logs] == ["painter.guidance_end_unheeded"]
