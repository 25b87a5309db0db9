"""Turns whatever a library raises for a model that cannot be loaded into LoadFailed, with one sentence for a person."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from engine.api.light_structlog import structlog
from engine.errors import LoadFailed, is_out_of_memory
from engine.models.gguf_file import Fault, GgufUnusable, find_gguf, read_gguf
from engine.models.source import Source

GGUF_FAULTS: dict[Fault, str] = {
    "package": "is a GGUF file, and the package that unpacks it is missing: install gguf",
    "several": "holds several GGUF files ({what}): name one of them",
    "parts": "comes in parts ({what}): join them with llama.cpp's llama-gguf-split --merge",
    "unsupported": "is a GGUF file of a kind that transformers cannot load ({what})",
    "damaged": "is damaged or cut short: copy or download it again",
}
M = TypeVar("M")
log = structlog.get_logger()


def check_folder(role: str, source: Source, marker: str) -> None:
    """Raise LoadFailed where a folder cannot be a model's."""
    if not source.local or (Path(source.place) / marker).is_file():
        return
    if source.is_starter:
        raise LoadFailed(f"The starter {role} is missing from {source.place}; install Limner again.")
    if not Path(source.place).exists():
        raise LoadFailed(f"The {role}'s folder {source.place} does not exist.")
    if not Path(source.place).is_dir():
        kind = "diffusers" if role in ("painter", "editor") else "transformers, or a GGUF file"
        raise LoadFailed(f"The {role} {source.place} is a file; it must be a folder in the format of {kind}.")
    raise LoadFailed(f"The {role}'s folder {source.place} holds no {marker}, so it is no such model.")


def check_planner(source: Source) -> None:
    """Raise LoadFailed where a folder, or a GGUF file, cannot be a language model's."""
    try:
        gguf = find_gguf(Path(source.place)) if source.local else None
        if gguf is None:
            check_folder("language model", source, "config.json")
        else:
            read_gguf(gguf)
    except GgufUnusable as error:
        raise LoadFailed(
            f"The language model {source.place} {GGUF_FAULTS[error.fault].format(what=error.what)}; "
            "or serve it with llama.cpp, and set PLANNER_URL."
        ) from error


def load_or_explain(role: str, source: Source, load: Callable[[], M]) -> M:
    """Return what `load` returns. Raises LoadFailed with a sentence that says what is wrong with the model."""
    try:
        return load()
    except LoadFailed:  # it says already what is wrong, and with which file
        raise
    except Exception as error:
        log.debug("model.failed", role=role, exc_info=True)
        if is_out_of_memory(error):
            raise LoadFailed(f"The {role} {source.name} does not fit into this machine's memory.") from error
        if source.local and Path(source.place).is_dir() and _pickled(Path(source.place)):
            raise LoadFailed(
                f"The {role} in {source.place} is stored as pickles, which can run code; convert it to safetensors."
            ) from error
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        place = source.place if source.local else f"{source.place}, from huggingface.co or its cache here,"
        raise LoadFailed(f"The {role} {place} cannot be loaded: {reason}") from error


def _pickled(folder: Path) -> bool:
    """Tell whether some part of the model has its weights as pickles alone."""
    folders = [folder, *(path for path in folder.iterdir() if path.is_dir())]
    return any(
        any(path.suffix in (".bin", ".pt", ".ckpt", ".pth") for path in part.iterdir())
        and not any(part.glob("*.safetensors"))
        for part in folders
    )
