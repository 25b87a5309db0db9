"""Requests together in the engine, beside the plain pipeline that takes them first come, first served.

Two painters: the starter's, whose small UNet costs little more for eight pictures than for one, and a larger one, in
which every further row takes its time. Both paint the same pictures either way, up to the PNG file.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from statistics import mean
from typing import Any

import torch

from bench.result import Result
from bench.studio import Studio, alternate, in_turn, in_turn_late, paint_plainly, prepare
from engine.jobs.requests import Painting
from engine.models.source import STARTER

TOGETHER = 8
LONG_STEPS, SHORT_STEPS = 40, 4
PROMPT = "a red sailboat by a calm lake at sunset, clouds in the sky, flat illustration"
OVERHEAD, COMPUTE = "starter's UNet", "larger UNet"
LARGER_UNET: dict[str, Any] = {
    "sample_size": 32,
    "block_out_channels": (96, 192, 384),
    "layers_per_block": 1,
    "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
    "up_block_types": ("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
    "cross_attention_dim": 128,
    "attention_head_dim": 8,
}
"""14 million numbers; a picture of 256 x 256 pixels is 32 x 32 latents to it, and 8 x 8 to the starter's."""
SIDE, STEPS = 256, 16
"""Half of the starter's own size, at which its UNet still has little to do for a row."""


def batching(repeats: int) -> list[Result]:
    """Measure with both painters; the engine and the plain pipeline take turns."""
    prepare()
    few = min(repeats, 3)
    return [
        *measure(starter(), OVERHEAD, SIDE, STEPS, repeats, repeats, throughput=1.3),
        *measure(larger(), COMPUTE, 256, 6, repeats, few, throughput=0.97, latency=1.2),
    ]


def measure(
    pipeline: Any,
    name: str,
    side: int,
    steps: int,
    repeats: int,
    repeats_of_many: int,
    throughput: float | None = None,
    latency: float | None = None,
    long_steps: int = LONG_STEPS,
) -> list[Result]:
    """Measure one request, many at once, and a short one behind a long one."""
    with _studio(pipeline) as studio:
        return [
            *_one(studio, name, side, steps, repeats),
            *_together(studio, name, side, steps, repeats_of_many, throughput, latency),
            *_late(studio, name, side, long_steps, repeats_of_many),
        ]


def starter() -> Any:
    from diffusers import StableDiffusionPipeline

    return StableDiffusionPipeline.from_pretrained(
        STARTER / "painter", dtype=torch.float32, use_safetensors=True, local_files_only=True
    )


def larger() -> Any:
    """Return the starter's pipeline around a larger UNet of random weights."""
    from diffusers import AutoencoderTiny, StableDiffusionPipeline, UNet2DConditionModel

    small = starter()
    torch.manual_seed(0)
    parts = {**small.components, "unet": UNet2DConditionModel(**LARGER_UNET).eval(), "vae": AutoencoderTiny().eval()}
    return StableDiffusionPipeline(**parts, requires_safety_checker=False)


@contextmanager
def _studio(pipeline: Any) -> Iterator[Studio]:
    studio = Studio(pipeline, "bench")
    paint_plainly(studio.plain, _work(64, 2))
    try:
        yield studio
    finally:
        studio.close()


def _work(side: int, steps: int, seed: int = 0) -> Painting:
    return Painting(PROMPT, side, side, steps, (seed,), guidance=2.5)


def _one(studio: Studio, name: str, side: int, steps: int, repeats: int) -> list[Result]:
    ours, plain = alternate(
        repeats,
        lambda turn: studio.run([_work(side, steps, turn)])[0],
        lambda turn: in_turn(studio.plain, [_work(side, steps, turn)])[0],
    )
    return [Result(f"{name}: one request", "s", ours, plain, "plain pipeline", ratio_at_most=1.05)]


def _together(
    studio: Studio, name: str, side: int, steps: int, repeats: int, throughput: float | None, latency: float | None
) -> list[Result]:
    def works(turn: int) -> list[Painting]:
        return [_work(side, steps, turn * TOGETHER + seed) for seed in range(TOGETHER)]

    ours, plain = alternate(
        repeats, lambda turn: studio.run(works(turn)), lambda turn: in_turn(studio.plain, works(turn))
    )
    rates = [[TOGETHER / max(ends) for ends in those] for those in (ours, plain)]
    waits = [[mean(ends) for ends in those] for those in (ours, plain)]
    beside, what = "plain pipeline, in turn", f"{name}: {TOGETHER} at once"
    return [
        Result(f"{what}, pictures", "1/s", rates[0], rates[1], beside, ratio_at_least=throughput),
        Result(f"{what}, mean wait", "s", waits[0], waits[1], beside, ratio_at_most=latency),
    ]


def _late(studio: Studio, name: str, side: int, long_steps: int, repeats: int) -> list[Result]:
    def works(turn: int) -> tuple[Painting, Painting]:
        return _work(side, long_steps, 2 * turn), _work(side, SHORT_STEPS, 2 * turn + 1)

    ours, plain = alternate(
        repeats, lambda turn: studio.run_late(*works(turn)), lambda turn: in_turn_late(studio.plain, *works(turn))
    )
    what = f"{name}: {SHORT_STEPS} steps behind {long_steps}"
    return [Result(what, "s", ours, plain, "first come, first served", ratio_at_most=0.25)]
