"""Fits both models to the device's memory: chooses the language model and the placement, from the files' sizes alone.

Invariant: a Fit that leaves here fits, as far as the sizes of weights tell.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from engine.api.model_catalog import entry_of, is_recipe
from engine.api.model_store import Cut, Progress
from engine.api.placement import NOTHING, Placement, Room, Size, gigabytes, place, shortfall
from engine.errors import LoadFailed
from engine.models.device import Device
from engine.models.gguf_file import find_gguf, read_gguf
from engine.models.hub import Report, fetch
from engine.models.hub_cache import in_cache, recipe_folder
from engine.models.hub_errors import HubError, HubUnreachable
from engine.models.hub_plan import plan
from engine.models.load_errors import load_or_explain
from engine.models.lora_files import Loras, LoraUnusable, Place, hub_file, read_loras
from engine.models.model_choice import choose_planner
from engine.models.recipes import fetch_all, fetches
from engine.models.source import Open, Source
from engine.models.upscaler_file import SETTING as UPSCALER
from engine.models.upscaler_file import UpscalerFile, read_upscaler
from engine.models.weight_formats import DENOISERS
from engine.models.weights import model_size, part_sizes

MODEL_FILES = ["*.json", "*.safetensors", "*.jinja", "*.txt", "*.model"]
"""What is fetched of a language model."""


@dataclass(frozen=True, slots=True)
class Fit:
    """The sources and their placement; with `shares_encoder`, the language model is the painter's text encoder."""

    painter: Source
    planner: Source
    shares_encoder: bool
    placement: Placement
    editor: Source | None = None


def ignore(event: Progress | Cut) -> None:
    """Take no notice of how far a fetch is."""


def fit(
    painter: Source,
    planner: Source,
    device: Device,
    room: Room,
    report: Report = ignore,
    editor: Source | None = None,
    lora_numbers: int = 0,
) -> Fit:
    """Choose the language model where that is open, and place all. Raises LoadFailed.

    What is on the hub is fetched; `report` is told how far it is. An editor's parts count as further ones of the
    painter's, `lora_numbers`, the weights of LoRAs, as further ones of its denoiser.
    """
    shares_encoder, parts = load_or_explain(
        "painter", painter, lambda: _inspect_painter(painter, planner, device, report)
    )
    if denoiser := next((name for name in DENOISERS if name in parts), ""):
        size = parts[denoiser]
        parts = {**parts, denoiser: replace(size, full=size.full + lora_numbers * size.width)}
    room = _own_room(painter, room)
    if not painter.local and is_recipe(painter.place):  # from here on it is a folder like another
        painter = Source(str(recipe_folder(painter.place)), painter.why, local=True)
    if editor is not None:
        sizes = load_or_explain("editor", editor, partial(_part_sizes, editor, device, report))
        parts = {**parts, **{f"editor/{name}": size for name, size in sizes.items()}}
    if shares_encoder:
        why = f"the text encoder of {painter.name} is a language model"
        planner = Source(f"{painter.place}/text_encoder", why, painter.local)
    elif not painter.is_starter:  # whose small world only its own language model knows
        planner = choose_planner(planner, parts, device, room)
    planner = _unpacked(planner, device)
    size = (
        NOTHING
        if shares_encoder
        else load_or_explain("language model", planner, lambda: _planner_size(planner, device, report))
    )
    placement = place(parts, size, room)
    if placement is None:
        names = [source.name for source in (painter, editor, planner) if source]
        settings = ["LIMNER_MODEL", *(["LIMNER_EDITOR"] if editor else []), "LIMNER_PLANNER"]
        raise LoadFailed(
            f"{_listed(names)} need {shortfall(parts, size, room)}; "
            f"name smaller models in {_listed(settings)}, or free some."
        )
    return Fit(painter, planner, shares_encoder, placement, editor)


def _own_room(painter: Source, room: Room) -> Room:
    """Return what a painter may take of a room. Raises LoadFailed where its weights stay in full and may not."""
    entry = None if painter.local else entry_of(painter.place)
    own = room if entry is None else entry.room(room)
    if own is None:
        raise LoadFailed(
            f"{painter.name} is a LoRA that is added to weights in full; set LIMNER_WEIGHTS=auto, or name its base, "
            f"{entry.recipe.base if entry and entry.recipe else ''}, in LIMNER_MODEL."
        )
    return own


def _listed(names: list[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}"


def _inspect_painter(painter: Source, planner: Source, device: Device, report: Report) -> tuple[bool, dict[str, Size]]:
    """Return whether the painter's text encoder is to be the language model, and the sizes of the painter's parts."""
    shares_encoder = planner.open is not Open.NO and can_chat(painter_folder(painter, report))
    return shares_encoder, _part_sizes(painter, device, report)


def _part_sizes(painter: Source, device: Device, report: Report) -> dict[str, Size]:
    folder = painter_folder(painter, report)
    return {} if device.free is None else part_sizes(folder, device.dtype.itemsize)


def _unpacked(planner: Source, device: Device) -> Source:
    """Let the reason for a language model in a GGUF file say how large it becomes in memory."""
    gguf = find_gguf(Path(planner.place)) if planner.local else None
    if gguf is None:
        return planner
    size = read_gguf(gguf).parameters * device.dtype.itemsize
    return replace(planner, why=f"{planner.why}; {gigabytes(gguf.stat().st_size)}, unpacked {gigabytes(size)}")


def _planner_size(planner: Source, device: Device, report: Report) -> Size:
    folder, width = planner_folder(planner, report), device.dtype.itemsize
    if device.free is None:
        return NOTHING
    if gguf := find_gguf(folder):  # it is unpacked
        return Size(read_gguf(gguf).parameters * width, width=width)
    return model_size(folder, width)


def can_chat(folder: Path) -> bool:
    """Tell whether a pipeline's text encoder is a causal language model with a chat template, as FLUX.2-klein's is."""
    encoder = _read(folder / "model_index.json").get("text_encoder") or [None, None]
    template = (folder / "tokenizer" / "chat_template.jinja").is_file() or "chat_template" in _read(
        folder / "tokenizer" / "tokenizer_config.json"
    )
    return template and str(encoder[1]).endswith("ForCausalLM")


def painter_folder(source: Source, report: Report = ignore) -> Path:
    """Return the folder of a pipeline; one on the hub is fetched into the cache first, its safetensors alone."""
    if source.local:
        return Path(source.place)
    if is_recipe(source.place):
        return _recipe_folder(source.place, report)
    _fetch(source, report)
    from diffusers import DiffusionPipeline

    return Path(DiffusionPipeline.download(source.place, use_safetensors=True))


def _recipe_folder(name: str, report: Report) -> Path:
    """Return the folder of a pipeline that is put together; where the hub does not answer, the one that is here."""
    try:
        return fetch_all(name, fetches(name), lambda wanted: fetch(wanted, report, wait=True))
    except HubUnreachable:
        if in_cache(name):
            return recipe_folder(name)
        raise


def fetch_loras(places: Sequence[Place], report: Report) -> Loras:
    """Fetch the LoRAs that are named on the hub, where they are not here, and read all."""
    unfetched: list[LoraUnusable] = []
    for lora in places:
        if lora.file and hub_file(lora) is None:
            with suppress(HubError):
                fetch(plan(lora.place, only=lora.file), report, wait=True)
            if hub_file(lora) is None:
                why = "cannot be fetched from the hub; correct the name, or see that the hub can be reached."
                unfetched.append(LoraUnusable("unfetched", f"{lora.place}/{lora.file}", why))
    read = read_loras(places)
    return Loras(read.files, [*unfetched, *read.left_out])


def fetch_upscaler(place: Place | None, report: Report) -> UpscalerFile | None:
    """Return the network that LIMNER_UPSCALER names, fetched where it is not here. Raises LoadFailed."""
    if place and place.file and hub_file(place) is None:
        try:
            fetch(plan(place.place, only=place.file), report, wait=True)
        except HubUnreachable:
            pass
        except HubError as error:
            raise LoadFailed(f"{UPSCALER}: {error}") from error
        if hub_file(place) is None:
            raise LoadFailed(
                f"{UPSCALER}: {place.place}/{place.file} cannot be fetched from the hub; correct the name, or see that "
                "the hub can be reached."
            )
    return read_upscaler(place)


def planner_folder(source: Source, report: Report = ignore) -> Path:
    """Return the same of a language model."""
    if source.local:
        return Path(source.place)
    _fetch(source, report)
    from huggingface_hub import snapshot_download

    return Path(snapshot_download(source.place, allow_patterns=MODEL_FILES, ignore_patterns=["original/*", "*/*"]))


def _fetch(source: Source, report: Report) -> None:
    """Fetch what is missing of a model; where the hub does not answer, what is in the cache may be whole.

    What the library does afterwards finds all of it there. Raises HubError.
    """
    with suppress(HubUnreachable):
        fetch(plan(source.place), report, wait=True)


def _read(file: Path) -> dict[str, Any]:
    try:
        config: dict[str, Any] = json.loads(file.read_bytes())
    except FileNotFoundError:
        return {}
    return config
