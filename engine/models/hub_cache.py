"""The hub's cache on this disk, as its library lays it out: what it holds, how much room is left, what is deleted.

Invariant: no name of a model leads out of the cache.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from engine.api.model_catalog import entry_of, is_recipe
from engine.api.model_store import Kind, Stored, StoredModel, is_hub_name
from engine.models.hub_errors import HubError

MARKERS: tuple[tuple[str, Kind], ...] = (("model_index.json", "painter"), ("config.json", "model"))
"""The file that tells what a repository holds."""


def cache_folder() -> Path:
    """Return the hub's cache, without importing the hub's library, which then goes online."""
    home = os.environ.get("HF_HOME") or Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache") / "huggingface"
    return Path(os.environ.get("HF_HUB_CACHE") or Path(home) / "hub").expanduser()


def model_folder(cache: Path, name: str) -> Path:
    """Return where the cache keeps a model. Raises HubError for what is no name, so that no path leaves the cache."""
    if not is_hub_name(name):
        raise HubError("models-name", name=name)
    return cache / f"models--{name.replace('/', '--')}"


UNETS = ("unet",)


def recipe_folder(name: str) -> Path:
    """Return where the pipeline stands that is put together by a recipe. Raises HubError for what is no name."""
    return cache_folder() / "limner-recipes" / model_folder(cache_folder(), name).name


def in_cache(name: str) -> bool:
    """Tell whether the hub's cache here holds a model, whole."""
    entry = entry_of(name)
    if entry is not None and entry.recipe is not None:
        folders = [recipe_folder(name)]
    else:
        folders = list((model_folder(cache_folder(), name) / "snapshots").glob("*"))
    return any((folder / marker).exists() and _is_whole(folder) for folder in folders for marker, _ in MARKERS)


def folder_here(name: str) -> Path:
    """Return the folder that the cache has of a model, as it was last fetched. Raises OSError where it has none."""
    if is_recipe(name):
        return recipe_folder(name)
    folder = model_folder(cache_folder(), name)
    return folder / "snapshots" / (folder / "refs" / "main").read_text().strip()


def _is_whole(folder: Path) -> bool:
    """Tell whether each part that has a configuration has weights: a recipe fetches parts of a pipeline alone.

    What a recipe links to may have been deleted since.
    """
    if not all(path.exists() for path in folder.iterdir()):
        return False
    parts = [part for part in folder.iterdir() if (part / "config.json").exists()]
    return all(weights.exists() for part in parts for weights in [*part.glob("*.safetensors")] or [part / "none"])


def stored() -> Stored:
    """Return what the cache holds."""
    cache = cache_folder()
    found = []
    for folder in sorted(cache.glob("models--*--*")) if cache.is_dir() else []:
        name = folder.name.removeprefix("models--").replace("--", "/", 1)
        if is_hub_name(name):
            parts = any(folder.glob("blobs/*.part")) or any(folder.glob("blobs/*.incomplete"))
            found.append(StoredModel(name, _size(folder), in_cache(name) and not parts))
    return Stored(found, str(cache), free_bytes(cache))


def remove(name: str) -> int:
    """Delete a model from the cache, and return how many bytes are free again. Raises HubError."""
    folder = model_folder(cache_folder(), name)
    if not folder.is_dir():
        raise HubError("models-absent", name=name)
    size = _size(folder)
    try:
        shutil.rmtree(recipe_folder(name), ignore_errors=True)
        shutil.rmtree(folder)
        shutil.rmtree(folder.parent / ".locks" / folder.name, ignore_errors=True)
    except OSError as error:
        raise HubError("models-unwritable", folder=str(folder), why=error.strerror or str(error)) from error
    return size


def gigabytes(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"


def free_bytes(folder: Path) -> int:
    """Return the free bytes of the disk that a folder is on, or will be."""
    there = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.is_dir())
    return shutil.disk_usage(there).free


def _size(folder: Path) -> int:
    """Return the bytes of all files below a folder, each once: the cache's folders hold links to its blobs."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
