"""Starts stages of a home from the weights of an export, so that training goes on where the home before is gone.

A stage gets a checkpoint as of step 0: the exported weights, which are averages in half precision, for both its weights
and their average, and no optimizer. With them come the patch basis and the tokenizers, without which they mean nothing.
What trains a part and is not exported, such as a gallery decoder's coder, begins anew.
"""

import json
import logging
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn
from transformers import AutoTokenizer, CLIPTokenizer

from engine.starter.lexicon.things import read_things
from training.runtime.atomic_files import write_whole
from training.runtime.checkpoint import write_first
from training.stages import autoencoder, painter, planner, text_encoder
from training.stages.autoencoder import Restorer
from training.stages.exchanges import exchanges_of
from training.stages.illustrator import Illustrator
from training.stages.latent_space import EXPORTED_BASIS, PatchBasis
from training.stages.painter_network import Painter
from training.stages.planner_network import new_planner
from training.stages.worlds import GalleryWorld, world_of

STARTS: Final[Mapping[str, tuple[str, ...]]] = {
    "scenes": (autoencoder.CHECKPOINT, painter.CHECKPOINT),
    "autoencoder": (autoencoder.CHECKPOINT,),
    "painter": (painter.CHECKPOINT,),
    "planner": (planner.CHECKPOINT,),
}
"""The stages that can start from an export, and the checkpoints where one goes on instead if the home has it.

`scenes` starts with the exported basis: later it is too late, for the latents of all scenes are made with it.
"""

_TOKENIZER: Final = ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja")
_SAME_BASIS = 1e-4
"""How far numbers of two bases may be apart that are one: less than half precision tells apart in latents."""

_log = logging.getLogger(__name__)


class CannotStart(Exception):
    """An export does not fit the home; the message says in what, and what to do."""


@dataclass(frozen=True, slots=True)
class Start:
    """An export and the home that is to start from it, with so many things in its scenes."""

    folder: Path
    home: Path
    shown: int | None


def start_from(start: Start, stages: Sequence[str], seed: int) -> None:
    """Start those of the stages that have no checkpoint; raises CannotStart before anything is written."""
    asked = [stage for stage in stages if stage in STARTS]
    fresh = [stage for stage in asked if not any((start.home / name).exists() for name in STARTS[stage])]
    if going_on := [stage for stage in asked if stage not in fresh]:
        _log.info("%s: --init-from is ignored, for %s has a checkpoint", ", ".join(going_on), start.home)
    if not fresh:
        return
    _check_things(start)
    basis = _basis(start) if any(stage != "planner" for stage in fresh) else None
    tokenizers = _tokenizers(start, fresh)
    modules = {stage: _module(start, stage, seed) for stage in fresh if stage in _MODULES}
    if basis is not None and not (start.home / "basis.npz").exists():
        write_whole(start.home / "basis.npz", basis.save)
    for name, folder in tokenizers.items():
        if not (start.home / name).exists():
            write_whole(start.home / name, partial(_copy_tokenizer, folder))
    for stage, module in modules.items():
        write_first(start.home / STARTS[stage][0], module)
        _log.info("%s: starts from the weights under %s", stage, start.folder)


def _check_things(start: Start) -> None:
    """The exported things are the first ones of the home's gallery: a thing's number is what its weights know it by."""
    for part in ("painter", "planner"):
        if not (start.folder / part / "limner.json").exists():
            raise CannotStart(
                f"{start.folder} has no {part}: --init-from takes a folder that `limner train export` wrote, "
                "such as engine/starter/models"
            )
    world = world_of(start.home)
    here = world.gallery.words if isinstance(world, GalleryWorld) else ()
    exported = tuple(thing.word for thing in read_things(start.folder / "planner"))
    if exported and not here:
        raise CannotStart(
            f"{start.folder} draws a gallery's {len(exported)} things, and {start.home} has no gallery: "
            "run `limner train data` first"
        )
    if here and not exported:
        raise CannotStart(
            f"{start.folder} draws the twelve things that need no gallery, and {start.home} has one: "
            "name another --home, or the export of a gallery"
        )
    for number, word in enumerate(exported):
        there = repr(here[number]) if number < len(here) else "none"
        if there != repr(word):
            raise CannotStart(
                f"{start.folder} has {word!r} as thing {number + 1}, and {start.home} has {there} there: "
                "leave --init-from out, or make the gallery that the export was trained on"
            )


def _basis(start: Start) -> PatchBasis:
    """The exported basis, which is the home's own where that has one."""
    file, own = start.folder / "painter" / EXPORTED_BASIS, start.home / "basis.npz"
    if not file.exists():
        raise CannotStart(f"{file} is missing: run `limner train export` again, which writes it")
    with _readable(file):
        exported = PatchBasis.load_exported(file)
    if own.exists() and not exported.is_like(PatchBasis.load(own), _SAME_BASIS):
        raise CannotStart(
            f"{own} is another patch basis than that of {start.folder}, and its scenes are made with it: "
            "leave --init-from out, or name a --home without scenes"
        )
    return exported


def _tokenizers(start: Start, stages: Sequence[str]) -> dict[str, Path]:
    """The exported tokenizers that the stages need, by their names in the home, whose own are the same ones."""
    found = {}
    if "painter" in stages:
        found[text_encoder.TOKENIZER] = start.folder / "painter" / "tokenizer"
    if "planner" in stages:
        found[planner.TOKENIZER] = start.folder / "planner"
    for name, folder in found.items():
        with _readable(folder / _TOKENIZER[0]):
            exported, own = _tokens(folder), start.home / name
        if own.exists() and _tokens(own) != exported:
            raise CannotStart(
                f"{own} is another tokenizer than that of {start.folder}: leave --init-from out, or name a new --home"
            )
    return found


def _tokens(folder: Path) -> object:
    """The vocabulary and the merges of a tokenizer."""
    return json.loads((folder / _TOKENIZER[0]).read_text(encoding="utf-8"))["model"]


def _copy_tokenizer(folder: Path, into: Path) -> None:
    into.mkdir()
    for name in _TOKENIZER:
        if (folder / name).exists():
            shutil.copyfile(folder / name, into / name)


def _module(start: Start, stage: str, seed: int) -> nn.Module:
    torch.manual_seed(seed)  # for what is not exported
    return _MODULES[stage](start)


def _painter(start: Start) -> nn.Module:
    world, folder = world_of(start.home), start.folder / "painter"
    module = Painter(len(CLIPTokenizer.from_pretrained(folder / "tokenizer")), world.blocks, world.channels)
    _take(module.unet, folder / "unet" / "diffusion_pytorch_model.safetensors")
    _take(module.text_encoder, folder / "text_encoder" / "model.safetensors")
    return module


def _autoencoder(start: Start) -> nn.Module:
    world, file = world_of(start.home), start.folder / "painter" / "vae" / "diffusion_pytorch_model.safetensors"
    if not isinstance(world, GalleryWorld):
        restorer = Restorer(world.doublings)  # its encoder is the patch basis
        _take(restorer.decoder, file, "decoder.")
        return restorer
    illustrator = Illustrator(world.channels)
    _take(illustrator.encoder, file, "encoder.")
    _take(illustrator.decoder, file, "decoder.")
    return illustrator


def _planner(start: Start) -> nn.Module:
    folder = start.folder / "planner"
    size = exchanges_of(start.home, start.shown).size
    module: nn.Module = new_planner(len(AutoTokenizer.from_pretrained(folder)), size)
    _take(module, folder / "model.safetensors")
    return module


_MODULES: Final[Mapping[str, Callable[[Start], nn.Module]]] = {
    "autoencoder": _autoencoder,
    "painter": _painter,
    "planner": _planner,
}


@torch.no_grad()
def _take(module: nn.Module, file: Path, prefix: str = "") -> None:
    """Copy a file's weights whose names begin with the prefix into a module, which must have the same ones."""
    with _readable(file):
        stored = load_file(file)
    given = {name.removeprefix(prefix): tensor for name, tensor in stored.items() if name.startswith(prefix)}
    wanted = dict(module.named_parameters())
    for name in sorted(wanted.keys() | given.keys()):
        if _shape(wanted.get(name)) != _shape(given.get(name)):
            raise CannotStart(
                f"{file} does not fit what is trained here ({name} is {_shape(given.get(name))} there and "
                f"{_shape(wanted.get(name))} here): leave --init-from out, or name an export of this version"
            )
    for name, parameter in wanted.items():
        parameter.copy_(given[name])


@contextmanager
def _readable(file: Path) -> Iterator[None]:
    """Say of an exported file that is damaged or missing what can be done."""
    try:
        yield
    except (OSError, ValueError, KeyError, SafetensorError) as error:
        raise CannotStart(f"{file} cannot be read ({error}): name a whole export") from error


def _shape(tensor: Tensor | None) -> str:
    return "missing" if tensor is None else "×".join(map(str, tensor.shape))
