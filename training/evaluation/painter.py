"""What the exported painter shows of prompts that no training has seen, by the judge, and how its pictures look."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any, Final

import numpy as np
import torch
from diffusers import AutoPipelineForText2Image
from torch import Tensor
from torch.nn import functional

from engine.painting.guidance import TENSORS, end_guidance, guided_steps
from training.drawing.renderer import render
from training.evaluation.figures import Share, table
from training.evaluation.judge import Judge, adherence, load_judge
from training.stages.latent_space import halve, to_tensor
from training.world.captions import detailed
from training.world.scene import Scene, sample_scene
from training.world.vocabulary import ATTRIBUTES

BATCH = 16
TIMED = 8
RESTORED = 64
"""Renders that the autoencoder is measured on."""

GROUPS: Final = {"trained combinations": False, "held-out combinations": True}


class Hand:
    """The exported painter through its ordinary loader, with the folder's own settings."""

    def __init__(self, folder: Path) -> None:
        self.pipeline: Any = AutoPipelineForText2Image.from_pretrained(
            folder, dtype=torch.float32, use_safetensors=True
        )
        self.pipeline.set_progress_bar_config(disable=True)
        card = json.loads((folder / "limner.json").read_text(encoding="utf-8"))
        self._sizes, self._enlarge = card["sizes"], card["enlarge"]
        self.reads = "start" not in card.get("lacks", ())
        """Whether its encoder has been trained."""
        self._settings = {"num_inference_steps": card["steps"], "guidance_scale": card["guidance"]}
        self._guided = guided_steps(card.get("guidance_end", 1.0), card["steps"])

    def size(self, shape: str = "square") -> tuple[int, int]:
        """Width and height of what it paints, before the engine enlarges it."""
        width, height = (int(side) // self._enlarge for side in self._sizes[shape].split("x"))
        return width, height

    def paint(self, prompts: list[str], seed: int, shape: str = "square") -> Tensor:
        """(prompts, 3, height, width) in [-1, 1]."""
        return torch.cat(list(self.batches(prompts, seed, shape)))

    def batches(self, prompts: list[str], seed: int, shape: str = "square") -> Iterator[Tensor]:
        """The same pictures, a few at a time: hundreds of large ones are gigabytes."""
        generator = torch.Generator().manual_seed(seed)
        width, height = self.size(shape)
        for start in range(0, len(prompts), BATCH):
            batch = prompts[start : start + BATCH]
            images = self.pipeline(
                prompt=batch, width=width, height=height, generator=generator, output_type="np",
                callback_on_step_end=self._end_guidance, callback_on_step_end_tensor_inputs=list(TENSORS),
                **self._settings,
            ).images  # fmt: skip
            yield torch.from_numpy(images).permute(0, 3, 1, 2) * 2 - 1

    def _end_guidance(self, pipeline: Any, step: int, _timestep: Any, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
        """As the engine does behind its steps."""
        guided = step + 1 != self._guided
        return {} if guided else {"prompt_embeds": end_guidance(pipeline, tensors["prompt_embeds"])}


def evaluate_painter(home: Path, folder: Path, count: int, seed: int) -> dict[str, Any]:
    """Adherence beside the judge's own accuracy on unseen renders; sharpness and brightness beside the renders'."""
    judge, hand = load_judge(home, seed), Hand(folder)
    report: dict[str, Any] = {}
    for name, held_out in GROUPS.items():
        random = Random(f"{seed} evaluation {name}")
        scenes = [sample_scene(random, held_out=held_out) for _ in range(count)]
        report[name] = _compare(judge, hand, scenes, seed)
    random = Random(f"{seed} restored")
    images = torch.stack([to_tensor(render(sample_scene(random)).pixels) for _ in range(RESTORED)])
    report["autoencoder, decibels"] = decibels(hand, images)
    random = Random(f"{seed} timed")
    report["seconds a picture"] = seconds(hand, [detailed(sample_scene(random)) for _ in range(TIMED + 1)], seed)
    report["threads"] = torch.get_num_threads()
    return report


def _compare(judge: Judge, hand: Hand, scenes: list[Scene], seed: int) -> dict[str, Any]:
    painted = hand.paint([detailed(scene) for scene in scenes], seed)
    drawn = torch.stack([to_tensor(render(scene).pixels) for scene in scenes])
    return {
        "painted": {key: share.as_json() for key, share in adherence(judge, halve(painted), scenes).items()},
        "judge on renders": {key: share.as_json() for key, share in adherence(judge, halve(drawn), scenes).items()},
        **looks(painted, drawn),
    }


def looks(painted: Tensor, drawn: Tensor) -> dict[str, float]:
    """How sharp and how bright painted pictures are, as shares of what renders of the same scenes are."""
    return {
        "sharpness against renders": round(_sharpness(painted) / _sharpness(drawn), 3),
        "brightness against renders": round((_brightness(painted) / _brightness(drawn)), 3),
    }


def _sharpness(images: Tensor) -> float:
    """The mean absolute Laplacian: blur lowers it, noise raises it."""
    kernel = torch.tensor([[0.0, 1, 0], [1, -4, 1], [0, 1, 0]]).expand(3, 1, 3, 3)
    return functional.conv2d(images.clamp(-1, 1), kernel, groups=3).abs().mean().item()


def _brightness(images: Tensor) -> float:
    return (images.clamp(-1, 1) + 1).mean().item()


@torch.no_grad()
def decibels(hand: Hand, images: Tensor) -> float:
    """Peak signal to noise of unseen renders that went through encoder and decoder."""
    errors = []
    for few in images.split(4):
        restored = hand.pipeline.vae.decode(hand.pipeline.vae.encode(few).latents).sample
        errors.append((restored.clamp(-1, 1) - few).square().flatten(1).mean(1))
    return round(10 * float(np.log10(4 / torch.cat(errors).mean().item())), 2)


def seconds(hand: Hand, prompts: list[str], seed: int) -> float:
    """The median time for one picture alone; the first prompt warms up."""
    times = []
    for index, prompt in enumerate(prompts):
        started = time.perf_counter()
        hand.paint([prompt], seed + index)
        times.append(time.perf_counter() - started)
    return round(float(np.median(times[1:])), 3)


def painter_table(report: dict[str, Any]) -> str:
    """A row for each attribute, then how the pictures look."""
    rows: list[list[Any]] = []
    for name in ATTRIBUTES:
        cells = [report[group]["painted"][name] for group in GROUPS]
        cells += [report[group]["judge on renders"][name] for group in GROUPS]
        pooled = Share(sum(cell["right"] for cell in cells[2:]), sum(cell["of"] for cell in cells[2:]))
        rows.append([name, *(Share(cell["right"], cell["of"]) for cell in cells[:2]), pooled])
    looks = ("sharpness against renders", "brightness against renders")
    rows += [[name, *(report[group][name] for group in GROUPS), "1"] for name in looks]
    return table(["in the picture", *GROUPS, "the judge on unseen renders"], rows)
