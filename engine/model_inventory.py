"""`python -m engine.model_inventory`: the models that the settings name, what of them is on disk, and their sizes.

Invariant: it loads no model and no torch, reaches no network, and changes nothing.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

import msgspec
from msgspec import structs

from engine.api.env_settings import SettingsInvalid, read_environment
from engine.api.model_catalog import entry_of, is_recipe
from engine.api.model_inventory import ModelEntry, ModelInventory, State
from engine.api.placement import HALF_PRECISION_BYTES, Format, Size
from engine.chatting.slot_models import why_one_at_a_time
from engine.errors import LoadFailed
from engine.models.gguf_file import Fault, GgufUnusable, find_gguf, read_gguf
from engine.models.hub_cache import in_cache, recipe_folder
from engine.models.lora_files import DENOISERS, Place, check_settings, hub_file, loras_for, read_loras
from engine.models.model_kinds import knows_pipeline, writes_text
from engine.models.source import FACTS_FILE, Open, Source
from engine.models.upscaler_file import read_upscaler
from engine.models.weights import model_size, part_sizes
from engine.settings import Settings, read_settings

PAINTER, PLANNER, EDITOR = "LIMNER_MODEL", "LIMNER_PLANNER", "LIMNER_EDITOR"
MODEL = "model"
"""The one part of a model that is not a pipeline."""
TOKENIZER_FILES = ("tokenizer.json", "tokenizer.model", "vocab.json", "vocab.txt", "spiece.model", "tekken.json")
TEMPLATE_FILES = ("chat_template.jinja", "chat_template.json")
TOKENIZER_CONFIG = "tokenizer_config.json"
GGUF_STATES: dict[Fault, State] = {
    "package": "package",
    "several": "several",
    "parts": "parts",
    "unsupported": "unsupported",
    "damaged": "incomplete",
}
MAX_HEADER_BYTES = 100 << 20


def take_inventory() -> ModelInventory:
    """Look at every model that the settings name. Raises SettingsInvalid."""
    settings = read_settings(read_environment(secrets=()), on_tcp=False)
    sources = {
        PAINTER: settings.painter,
        PLANNER: settings.planner,
        EDITOR: settings.editor,
        "LIMNER_SAFETY": settings.safety,
        "LIMNER_PROMPT_GUARD": settings.guard,
    }
    models = {setting: _entry(setting, source) for setting, source in sources.items() if isinstance(source, Source)}
    torch = _version("torch")
    weights = Format.FULL.value if settings.loras else settings.tuning.weights
    inventory = _with_upscaler(ModelInventory(models, torch, _cuda() if torch else None, weights), settings.upscaler)
    try:
        return _with_loras(inventory, settings)
    except LoadFailed as error:
        return structs.replace(inventory, lora_fault=str(error))


def _with_loras(inventory: ModelInventory, settings: Settings) -> ModelInventory:
    """Look at the LoRAs as a starting engine does, and count their weights to the painter's. Raises LoadFailed."""
    check_settings(settings.loras, settings.tuning)
    read, painter = read_loras(settings.loras), settings.painter
    folder = Path(painter.place) if painter.local else _downloaded(painter.place)
    if folder and folder.is_dir() and painter.open is Open.NO:  # else the start may choose another painter
        read = loras_for(read, folder, painter.name)
    entry, numbers = inventory.models[PAINTER], sum(file.numbers for file in read.files)
    parts = {
        name: Size(size.full + numbers * size.width, size.shrinks, size.width) if name in DENOISERS else size
        for name, size in entry.parts.items()
    }
    return structs.replace(
        inventory,
        models={**inventory.models, PAINTER: structs.replace(entry, parts=parts)},
        loras=[file.name for file in read.files],
        loras_left_out=[str(error) for error in read.left_out if error.fault.flaw != "absent"],
        loras_absent=[str(error) for error in read.left_out if error.fault.flaw == "absent"],
        loras_to_fetch=[f"{lora.place}/{lora.file}" for lora in settings.loras if lora.file and not hub_file(lora)],
    )


def _with_upscaler(inventory: ModelInventory, place: Place | None) -> ModelInventory:
    """Look at the super-resolution network as a starting engine does."""
    try:
        file = read_upscaler(place)
    except LoadFailed as error:
        return structs.replace(inventory, upscaler_fault=str(error))
    if file is not None:
        return structs.replace(inventory, upscaler=file.name, upscaler_scales=list(file.scales))
    return structs.replace(inventory, upscaler_to_fetch=f"{place.place}/{place.file}" if place else "")


def _entry(setting: str, source: Source) -> ModelEntry:
    """Look at a model's folder; what limner.json calls it goes before the folder's name."""
    folder = Path(source.place) if source.local else _downloaded(source.place)
    if folder is None:
        known = entry_of(source.name)
        return ModelEntry(source.name, source.place, "download", parts=known.sizes if known else {})
    if setting == PLANNER:
        try:
            if gguf := find_gguf(folder):
                return _gguf_entry(source, gguf)
        except GgufUnusable as error:
            return ModelEntry(source.name, source.place, GGUF_STATES[error.fault], what=error.what)
    if not folder.is_dir():
        return ModelEntry(source.name, source.place, "absent")
    is_painter = setting in (PAINTER, EDITOR)
    weights = list(_weights(folder, in_parts=is_painter))
    state: State = "here"
    if not (folder / ("model_index.json" if is_painter else "config.json")).is_file():
        state = "incomplete"
    elif not weights:
        state = "pickled" if any(folder.rglob("*.bin")) or any(folder.rglob("*.ckpt")) else "incomplete"
    try:
        parameters = sum(map(_parameters, weights))
        parts = part_sizes(folder, HALF_PRECISION_BYTES) if is_painter else _sizes_of(folder)
    except (OSError, ValueError):
        return ModelEntry(source.name, source.place, "incomplete")
    name = str(_object(_json(folder / FACTS_FILE)).get("name") or source.name)
    entry = ModelEntry(name, source.place, state, parameters, _side(folder) if is_painter else 0, parts=parts)
    if state != "here":
        return entry
    return _language_model(entry, folder) if setting == PLANNER else _pipeline(entry, folder) if is_painter else entry


def _sizes_of(folder: Path) -> dict[str, Size]:
    return {MODEL: model_size(folder, HALF_PRECISION_BYTES)}


def _gguf_entry(source: Source, file: Path) -> ModelEntry:
    """Look at a GGUF file's header. Raises GgufUnusable."""
    facts = read_gguf(file)
    packed, plain = file.stat().st_size, not facts.has_template
    parts = {MODEL: Size(facts.parameters * HALF_PRECISION_BYTES)}
    return ModelEntry(source.name, source.place, "here", facts.parameters, packed=packed, plain=plain, parts=parts)


def _language_model(entry: ModelEntry, folder: Path) -> ModelEntry:
    """Say of a whole model whether transformers has a language model of its kind, and how it answers."""
    config = _object(_json(folder / "config.json"))
    kind = str(config.get("model_type") or "")
    if not writes_text(kind):
        return structs.replace(entry, state="unsupported", what=kind or "config.json names none")
    if not any((folder / file).is_file() for file in TOKENIZER_FILES):
        return structs.replace(entry, state="incomplete")
    own = any((folder / file).is_file() for file in TEMPLATE_FILES)
    plain = not own and "chat_template" not in _object(_json(folder / TOKENIZER_CONFIG))
    return structs.replace(entry, plain=plain, one_at_a_time=why_one_at_a_time(config) or "")


def _pipeline(entry: ModelEntry, folder: Path) -> ModelEntry:
    """Say of a pipeline which of its parts are not there, whether diffusers knows it, and what torchvision is for."""
    index = _object(_json(folder / "model_index.json"))
    parts = {name: part for name, part in index.items() if isinstance(part, list) and len(part) == 2 and part[1]}
    if lacking := [name for name in parts if not (folder / name).is_dir()]:
        return structs.replace(entry, state="lacking", what=", ".join(lacking))
    kind = str(index.get("_class_name") or "")
    if kind and not knows_pipeline(kind):
        return structs.replace(entry, state="pipeline", what=kind)
    videos = any(str(part[1]).endswith("VLProcessor") for part in parts.values())
    return structs.replace(entry, no_videos=videos and find_spec("torchvision") is None)


def _side(folder: Path) -> int:
    """Return what limner.json says, else what the denoiser's configuration does, in eighths as nearly all painters."""
    square = str(_object(_object(_json(folder / FACTS_FILE)).get("sizes")).get("square", ""))
    if square.partition("x")[0].isdigit():
        return int(square.partition("x")[0])
    for part in ("unet", "transformer"):
        latents = _object(_json(folder / part / "config.json")).get("sample_size")
        if isinstance(latents, int):
            return latents * 8
    return 0


def _json(file: Path) -> object:
    try:
        return json.loads(file.read_bytes())
    except (OSError, ValueError):
        return None


def _object(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _downloaded(name: str) -> Path | None:
    """Return the folder of a hub model in the cache here, None where it is not there."""
    from huggingface_hub.constants import HF_HUB_CACHE

    if is_recipe(name):
        return recipe_folder(name) if in_cache(name) else None
    stored = Path(HF_HUB_CACHE) / f"models--{name.replace('/', '--')}"
    try:
        commit = (stored / "refs" / "main").read_text().strip()
    except OSError:
        return None
    folder = stored / "snapshots" / commit
    return folder if folder.is_dir() else None


def _weights(folder: Path, *, in_parts: bool) -> Iterator[Path]:
    """Yield the files that would be loaded: a pipeline's lie in folders, and variants are left aside."""
    for path in sorted(folder.glob("*/*.safetensors" if in_parts else "*.safetensors")):
        plain = re.sub(r"\.(fp16|bf16|non_ema|ema)(?=[.-])", "", path.name)
        if plain == path.name or not path.with_name(plain).exists():
            yield path


def _parameters(file: Path) -> int:
    """Count by the header of a safetensors file: a length in 8 bytes, then JSON. Raises ValueError where it is none."""
    with file.open("rb") as weights:
        length = int.from_bytes(weights.read(8), "little")
        if length > MAX_HEADER_BYTES:
            raise ValueError(f"{file} is no safetensors file")
        header = json.loads(weights.read(length))
    if not isinstance(header, dict):
        raise ValueError(f"{file} is no safetensors file")
    try:
        ends = [tensor["data_offsets"][1] for name, tensor in header.items() if name != "__metadata__"]
        if file.stat().st_size < 8 + length + max(ends, default=0):
            raise ValueError(f"{file} was cut short")
        return sum(math.prod(tensor["shape"]) for name, tensor in header.items() if name != "__metadata__")
    except (KeyError, TypeError, IndexError) as error:
        raise ValueError(f"{file} is no safetensors file") from error


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _cuda() -> str | None:
    """Read what CUDA torch was built for without importing it, which takes seconds."""
    spec = find_spec("torch")
    if spec is None or spec.origin is None:
        return None
    line = re.search(r"^cuda\b[^=]*= '([^']+)'", Path(spec.origin).with_name("version.py").read_text(), re.MULTILINE)
    return line[1] if line else None


def main() -> None:
    try:
        inventory = take_inventory()
    except SettingsInvalid as error:
        inventory = ModelInventory(mistakes=error.mistakes)
    print(msgspec.json.encode(inventory).decode())


if __name__ == "__main__":
    main()
