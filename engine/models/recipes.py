"""Puts a model of several repositories together as one pipeline's folder in the hub's cache, of links and a few files.

Invariant: the folder stands only once every file that it points to is here.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from engine.api.model_catalog import CatalogEntry, entry_of
from engine.api.recipes import Recipe
from engine.models.fused_lora import FUSED
from engine.models.hub_cache import UNETS, recipe_folder
from engine.models.hub_plan import Fetch, plan
from engine.models.source import FACTS_FILE

WEIGHTS = "diffusion_pytorch_model.safetensors"


def fetches(name: str) -> list[Fetch]:
    """Ask the hub what belongs to a model, of one repository or of several. Raises HubError, HubUnreachable."""
    entry = entry_of(name)
    if entry is None or entry.recipe is None:
        return [plan(name)]
    recipe = entry.recipe
    unweighted = UNETS if recipe.denoiser else ()
    left_out = (*recipe.left_out, *(("vae",) if recipe.autoencoder else ()))
    found = [plan(recipe.base, left_out=left_out, unweighted=unweighted)]
    if recipe.denoiser or recipe.lora:
        found.append(plan(name, only=recipe.denoiser or recipe.lora))
    if recipe.autoencoder:
        found.append(plan(recipe.autoencoder))
    return found


def fetch_all(name: str, wanted: Iterable[Fetch], get: Callable[[Fetch], Path]) -> Path:
    """Fetch each by `get`, and return the model's folder. Raises HubError."""
    folders = [get(each) for each in wanted]
    entry = entry_of(name)
    return folders[0] if entry is None or entry.recipe is None else assemble(entry, entry.recipe, folders)


def assemble(entry: CatalogEntry, recipe: Recipe, folders: list[Path]) -> Path:
    """Make the folder of a recipe anew from those of its repositories, in the order of `fetches`."""
    base, *others = folders
    place = recipe_folder(entry.name)
    fresh = place.with_name(place.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    index = {name: part for name, part in _read(base / "model_index.json").items() if name not in recipe.left_out}
    index |= {name: [None, None] for name in recipe.left_out}
    for name in index:
        if (base / name).is_dir():
            (fresh / name).symlink_to(base / name)
    if recipe.denoiser:
        links = {"config.json": base / "unet" / "config.json", WEIGHTS: others.pop(0) / recipe.denoiser}
        _replace(fresh / "unet", links)
    if recipe.lora:
        (fresh / FUSED).symlink_to(others.pop(0) / recipe.lora)
    if recipe.autoencoder:
        index["vae"] = ["diffusers", "AutoencoderTiny"]
        tiny = others.pop(0)
        _replace(fresh / "vae", {"config.json": tiny / "config.json", WEIGHTS: tiny / WEIGHTS})
    if recipe.scheduler:
        index["scheduler"] = ["diffusers", recipe.scheduler]
        options = _read(base / "scheduler" / "scheduler_config.json") | dict(recipe.scheduler_options)
        _replace(fresh / "scheduler", {})
        _write(fresh / "scheduler" / "scheduler_config.json", options | {"_class_name": recipe.scheduler})
    if "safety_checker" in recipe.left_out:
        index["requires_safety_checker"] = False
    facts = {"name": entry.name, "steps": recipe.steps, "guidance": recipe.guidance}
    _write(fresh / FACTS_FILE, facts | {"sizes": {"square": f"{recipe.side}x{recipe.side}"}})
    _write(fresh / "model_index.json", index)
    shutil.rmtree(place, ignore_errors=True)
    fresh.rename(place)
    return place


def _replace(folder: Path, links: dict[str, Path]) -> None:
    """Put a folder with these links in the place of one that is linked as a whole."""
    folder.unlink(missing_ok=True)
    folder.mkdir()
    for name, target in links.items():
        (folder / name).symlink_to(target)


def _read(file: Path) -> dict[str, Any]:
    config: dict[str, Any] = json.loads(file.read_bytes())
    return config


def _write(file: Path, content: dict[str, Any]) -> None:
    file.write_text(json.dumps(content, indent=2))
