"""Puts the trained parts together as standard folders, in half precision, each with its `limner.json`."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import torch
from diffusers import StableDiffusionPipeline
from transformers import GenerationConfig

from engine.starter.lexicon.things import FILE as THINGS
from engine.starter.reader.reply_classifier import FILE as REPLIES
from training.stages.autoencoder import load_autoencoder
from training.stages.draft_decoder import CHECKPOINT as DRAFT
from training.stages.draft_decoder import PIXELS as DRAFT_PIXELS
from training.stages.draft_decoder import load_draft, small_autoencoder
from training.stages.exchanges import exchanges_of
from training.stages.gallery_autoencoder import load_illustrator
from training.stages.latent_space import EXPORTED_BASIS, PatchBasis
from training.stages.one_step import CHECKPOINT as ONE_STEP
from training.stages.one_step import generate, load_one_step
from training.stages.one_step_network import new_one_step_scheduler
from training.stages.painter import load_painter
from training.stages.painter_network import GUIDANCE, GUIDANCE_END, STEPS, new_scheduler
from training.stages.planner import load_planner
from training.stages.planner_network import CHAT_TEMPLATE
from training.stages.worlds import GalleryWorld, world_of
from training.world.scene import SHAPES

NAME = "limner-starter"
PIXELS = 2
"""How many times wider a finished picture is than its shape's entry in SHAPES; the engine enlarges to it."""

FITTED = 8
"""Pictures that the small decoder is fitted to."""


def export_painter(home: Path, folder: Path, seed: int, _things: int | None, _longest: int) -> None:
    """A StableDiffusionPipeline that AutoPipelineForText2Image loads, and the patch basis of its latents."""
    (tokenizer, painter), world = load_painter(home, seed), world_of(home)
    vae = (
        load_illustrator(home, world, seed).cpu().autoencoder()
        if isinstance(world, GalleryWorld)
        else load_autoencoder(home, seed)
    )
    _write_pipeline(
        folder, vae=vae, text_encoder=painter.text_encoder, tokenizer=tokenizer, unet=painter.unet,
        scheduler=new_scheduler(),
    )  # fmt: skip
    PatchBasis.load(home / "basis.npz").export(folder / EXPORTED_BASIS)
    card = {"name": NAME, "sizes": _sizes(), "enlarge": PIXELS // 2 ** (world.doublings - 1), "steps": STEPS}
    draft = {"draft": "../one-step"} if "one-step" in exports(home) else {}
    guidance = {"guidance": GUIDANCE, "guidance_end": GUIDANCE_END}
    _write_card(folder, card | {"one_size": True} | guidance | draft | {"license": "Apache-2.0"})


def export_one_step(home: Path, folder: Path, seed: int, _things: int | None, _longest: int) -> None:
    """A StableDiffusionPipeline whose only step returns what the generator makes; it draws small, and reads nothing."""
    world = world_of(home)
    if not isinstance(world, GalleryWorld):
        raise FileNotFoundError(f"{home} has no gallery, and nothing else has a one-step generator")
    tokenizer, one = load_one_step(home, world, seed)
    scenes = [world.sample(Random(f"{seed} drawn {number}")) for number in range(FITTED)]
    latents = generate(one, tokenizer, [world.detailed(scene) for scene in scenes], seed)
    illustrator = load_illustrator(home, world, seed).cpu()
    _write_pipeline(
        folder, vae=small_autoencoder(load_draft(home, illustrator, seed), illustrator, latents),
        text_encoder=one.text_encoder, tokenizer=tokenizer, unet=one.generator, scheduler=new_one_step_scheduler(),
    )  # fmt: skip
    card = {"name": f"{NAME}-one-step", "sizes": _sizes(), "enlarge": PIXELS * 16 // DRAFT_PIXELS, "steps": 1}
    _write_card(folder, card | {"guidance": 1.0, "lacks": ["start"], "license": "Apache-2.0"})


def _write_pipeline(folder: Path, **parts: Any) -> None:
    pipeline = StableDiffusionPipeline(
        **parts, safety_checker=None, feature_extractor=None, requires_safety_checker=False
    )
    pipeline.to(torch.float16).save_pretrained(folder, safe_serialization=True)
    _drop_derived_setting(folder / "vae" / "config.json")


def _sizes() -> dict[str, str]:
    return {name: f"{width * PIXELS}x{height * PIXELS}" for name, (width, height) in SHAPES.items()}


def export_planner(home: Path, folder: Path, seed: int, shown_things: int | None, longest_answer: int) -> None:
    """A causal language model with its tokenizer and chat template; it stops after `longest_answer` tokens."""
    exchanges = exchanges_of(home, shown_things)
    tokenizer, planner = load_planner(home, seed, exchanges)
    planner.generation_config = GenerationConfig(
        do_sample=False,
        max_new_tokens=longest_answer,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    planner.to(torch.float16).save_pretrained(folder, safe_serialization=True)
    tokenizer.chat_template = CHAT_TEMPLATE
    tokenizer.save_pretrained(folder)
    shutil.copyfile(home / REPLIES, folder / REPLIES)
    _write_card(folder, {"name": NAME, **exchanges.card()})
    if things := exchanges.things():
        _write_json(folder / THINGS, things)


def _drop_derived_setting(path: Path) -> None:
    """AutoencoderTiny stores a value that it derives from the others, and warns of it when it reads it back."""
    config = json.loads(path.read_text(encoding="utf-8"))
    config.pop("block_out_channels", None)
    path.write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")


EXPORTS: dict[str, Callable[[Path, Path, int, int | None, int], None]] = {
    "painter": export_painter,
    "planner": export_planner,
    "one-step": export_one_step,
}


def exports(home: Path) -> list[str]:
    """What of it a home has: `one-step` is a gallery's, where that stage and `draft` have run."""
    one_step = isinstance(world_of(home), GalleryWorld) and all((home / name).exists() for name in (ONE_STEP, DRAFT))
    return [name for name in EXPORTS if name != "one-step" or one_step]


def size_mb(folder: Path) -> float:
    """The size of everything in a folder, in millions of bytes."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def _write_card(folder: Path, card: dict[str, object]) -> None:
    _write_json(folder / "limner.json", card)


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
