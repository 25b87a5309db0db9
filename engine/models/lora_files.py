"""LoRA files, read by their headers alone: their names, trigger words and layers, and whether a painter can take them.

Invariant: no weights and no torch are loaded here, so that `limner doctor` says what the engine says; pickles are never
opened. A file that cannot be used is left out, with one sentence that names it; the others are used.
Longer than 300 lines, so that all that is known from a file's header stands in one place.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from engine.api.env_settings import parse_path
from engine.api.installation import install_command
from engine.api.messages import LoraFault, LoraFlaw
from engine.errors import LoadFailed
from engine.models.gguf_file import packed_denoiser
from engine.models.hub_cache import cache_folder, model_folder
from engine.models.lora_triggers import trigger_words
from engine.models.tuning import Tuning
from engine.models.weights import read_header, read_whole_header, weight_files

SETTING = "LIMNER_LORAS"
EXTRA = "lora"
ENDING = ".safetensors"
PICKLES = frozenset({".pt", ".pth", ".ckpt", ".bin", ".pkl"})
MAX_LORAS = 64
MAX_NAME_CHARS = 100
MAX_HEADER = 16 << 20
"""Bytes: a LoRA has a few thousand tensors, and the tags that it was trained with."""
MAX_BASE_CHARS = 60
_FROM_HUB = re.compile(r"([\w-][\w.-]*/[\w.-]+)/([\w-][\w. /-]*\.safetensors)")
_NAME = re.compile(r"[^<>:\x00-\x1f\x7f]+")

_DOWN = re.compile(r"(.+?)(?:\.lora_A(?:\.default)?|\.lora_down|[._]lora\.down|\.lora_linear_layer\.down)\.weight")
_UP = re.compile(r"(.+?)(?:\.lora_B(?:\.default)?|\.lora_up|[._]lora\.up|\.lora_linear_layer\.up)\.weight")
_OTHER_KINDS = {
    "hada_w1_a": "a LoHa",
    "lokr_w1": "a LoKr",
    "lokr_w1_a": "a LoKr",
    "dora_scale": "a DoRA",
    "lora_magnitude_vector": "a DoRA",
    "lora_mid": "a LoCon with a core between its layers",
    "oft_blocks": "an OFT",
}
"""Adapters that diffusers loads not at all, or in part; by a part of their tensors' names."""
_TEXT = re.compile(r"(?:text_encoder(?:_\d)?\.|lora_te\d?_)")
_PREFIX = re.compile(
    r"^(?:base_model\.model\.)?(?:model\.diffusion_model\.|diffusion_model\.|unet\.|transformer\.|lora_unet_+|lora_transformer_+)"
)
_OF_UNET = re.compile(r"(?:down_blocks|up_blocks|mid_block|input_blocks|output_blocks|middle_block)_")
_NUMBERED = re.compile(r"([a-z_]+?)_(\d+)_")
DENOISERS = ("unet", "transformer")


@dataclass(frozen=True, slots=True)
class Layer:
    """What a layer that a LoRA changes takes and gives: the channels of its weight."""

    takes: int
    gives: int


@dataclass(frozen=True, slots=True)
class LoraFile:
    """One LoRA: `layers` are those of the denoiser, by name with `_` for each dot; `numbers` counts all its weights."""

    name: str
    path: Path
    layers: Mapping[str, Layer]
    triggers: tuple[str, ...] = ()
    numbers: int = 0
    base: str = ""
    """What it was trained for, as its file says; empty where it does not."""


class LoraUnusable(Exception):
    """A LoRA that is left out: the sentence for the host says why, and `fault` is what all may know of it."""

    def __init__(self, flaw: LoraFlaw, path: Path | str, why: str) -> None:
        super().__init__(f"{SETTING}: {path} {why}")
        self.fault = LoraFault(Path(path).name, flaw)


@dataclass(slots=True)
class Loras:
    """The LoRAs that can be used, in the order of their names, and why others cannot."""

    files: list[LoraFile] = field(default_factory=list)
    left_out: list[LoraUnusable] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Place:
    """A folder or file here, or a `file` of a repository on the hub, whose name `place` then is."""

    place: str
    file: str = ""


def read_places(text: str) -> tuple[Place, ...]:
    """Return what LIMNER_LORAS names: one path, or several with commas between. Raises ValueError."""
    whole = parse_path(text)
    return (Place(str(whole)),) if whole.exists() else tuple(read_place(part.strip()) for part in text.split(","))


def read_place(text: str) -> Place:
    """Return what one path, or one file of the hub, is. Raises ValueError."""
    path = parse_path(text)
    if path.exists() or text.startswith(("/", "./", "../", "~")) or path.suffix.lower() in PICKLES:
        return Place(str(path))
    if match := _FROM_HUB.fullmatch(text):
        return Place(match[1], match[2])
    raise ValueError(text)


def check_settings(places: Sequence[Place], tuning: Tuning) -> None:
    """Raise LoadFailed where LoRAs are set beside what cannot be combined with them."""
    if not places:
        return
    if find_spec("peft") is None:
        raise LoadFailed(f"{SETTING} needs the package peft, which is not installed: {install_command(EXTRA)}.")
    if tuning.compile == "on":
        raise LoadFailed(
            f"{SETTING} and LIMNER_COMPILE=on cannot be combined, since a compiled model would be compiled anew for "
            "every choice of LoRAs; set LIMNER_COMPILE=auto, or leave one of them empty."
        )
    if tuning.weights not in ("auto", "full"):
        raise LoadFailed(
            f"{SETTING} and LIMNER_WEIGHTS={tuning.weights} cannot be combined: LoRAs are for weights in full here; "
            "set LIMNER_WEIGHTS=auto, or leave one of them empty."
        )


def read_loras(places: Iterable[Place]) -> Loras:
    """Read the headers of all LoRAs that are here; a file on the hub that is not here is passed over."""
    read, seen = Loras(), dict[str, Path]()
    for path in (path for place in places for path in _files_at(place)):
        try:
            file = read_lora(path)
            if other := seen.get(file.name.casefold()):
                raise LoraUnusable("twice", path, f"has the name of {other}; rename one of them.")
            if len(read.files) == MAX_LORAS:
                raise LoraUnusable("beyond", path, f"is one too many: {MAX_LORAS} LoRAs are the most; name fewer.")
        except LoraUnusable as error:
            read.left_out.append(error)
        except OSError as error:
            why = f"cannot be read: {error.strerror or error}."
            read.left_out.append(LoraUnusable("unreadable", path, why))
        else:
            seen[file.name.casefold()] = path
            read.files.append(file)
    read.files.sort(key=lambda file: file.name)
    return read


def hub_file(place: Place) -> Path | None:
    """Return where the hub's cache has this file; None where it is not there."""
    stored = model_folder(cache_folder(), place.place)
    try:
        commit = (stored / "refs" / "main").read_text().strip()
    except OSError:
        return None
    file = stored / "snapshots" / commit / place.file
    return file if file.is_file() else None


def _files_at(place: Place) -> list[Path]:
    if place.file:
        file = hub_file(place)
        return [file] if file else []
    path = Path(place.place)
    try:
        inside = sorted(path.iterdir()) if path.is_dir() else None
    except OSError:  # read_lora says why
        return [path]
    return [path] if inside is None else [file for file in inside if file.suffix.lower() in {ENDING, *PICKLES}]


def read_lora(path: Path) -> LoraFile:
    """Read one file's header. Raises LoraUnusable, or OSError."""
    if path.suffix.lower() in PICKLES:
        raise LoraUnusable(
            "pickle",
            path,
            "is a pickle, which can run code when it is read; convert it to safetensors, or take it out.",
        )
    if not path.exists():
        raise LoraUnusable("absent", path, "does not exist; correct the path, or leave it out.")
    if path.is_dir():
        raise LoraUnusable("unreadable", path, "is a folder that cannot be read.")
    name = path.name.removesuffix(path.suffix)
    if path.suffix.lower() != ENDING or not _NAME.fullmatch(name) or len(name) > MAX_NAME_CHARS:
        raise LoraUnusable(
            "name",
            path,
            f"must end in .safetensors, and have a name of at most {MAX_NAME_CHARS} characters without < > and colons; "
            "rename it.",
        )
    header = _header(path)
    tensors = {key: value["shape"] for key, value in header.items() if key != "__metadata__"}
    if kind := next((_OTHER_KINDS[part] for key in tensors for part in key.split(".") if part in _OTHER_KINDS), ""):
        raise LoraUnusable("kind", path, f"is {kind}, which diffusers does not apply whole; take it out.")
    layers = dict(_layers(tensors))
    if not layers and not any(_DOWN.fullmatch(key) for key in tensors):
        raise LoraUnusable("kind", path, "is no LoRA: none of its tensors has a LoRA's name; take it out.")
    metadata = _metadata(header)
    base = metadata.get("modelspec.architecture") or metadata.get("ss_base_model_version") or ""
    return LoraFile(
        name,
        path,
        layers,
        trigger_words(path, metadata),
        sum(math.prod(shape) for shape in tensors.values()),
        "".join(sign for sign in base if sign.isprintable())[:MAX_BASE_CHARS],
    )


def _header(path: Path) -> dict[str, Any]:
    """Return a whole file's header. Raises OSError, and LoraUnusable for what is damaged or something else."""
    try:
        return read_whole_header(path, MAX_HEADER)
    except ValueError:
        raise LoraUnusable(
            "damaged",
            path,
            "is no safetensors file, or is damaged or cut short; copy or download it again, or take it out.",
        ) from None


def _metadata(header: Mapping[str, Any]) -> dict[str, str]:
    metadata = header.get("__metadata__")
    pairs = metadata.items() if isinstance(metadata, dict) else ()
    return {key: value for key, value in pairs if isinstance(value, str)}


def _layers(tensors: Mapping[str, Sequence[int]]) -> Iterator[tuple[str, Layer]]:
    """Yield the denoiser's layers that a LoRA changes. Text encoders' are left to diffusers."""
    gives = {match[1]: shape[0] for key, shape in tensors.items() if (match := _UP.fullmatch(key)) and shape}
    for key, shape in tensors.items():
        match = _DOWN.fullmatch(key)
        if match and len(shape) > 1 and not _TEXT.match(key) and match[1] in gives:
            yield canonical(_PREFIX.sub("", match[1])), Layer(shape[1], gives[match[1]])


def canonical(layer: str) -> str:
    """Return a layer's name with `_` for each dot, as in the files that kohya's trainers write."""
    return layer.replace(".processor.", ".").replace(".", "_")


def painter_layers(folder: Path) -> tuple[bool, dict[str, Layer]]:
    """Return whether a pipeline's denoiser is a UNet, and its layers. Raises OSError or ValueError."""
    part = next((folder / name for name in DENOISERS if (folder / name).is_dir()), folder / DENOISERS[0])
    layers = {}
    for file in weight_files(part):
        for key, facts in read_header(file)[0].items():
            shape = facts.get("shape") or [] if key.endswith(".weight") else []
            if len(shape) > 1:
                layers[canonical(key.removesuffix(".weight"))] = Layer(shape[1], shape[0])
    return part.name == "unet", layers


def loras_for(read: Loras, folder: Path, name: str) -> Loras:
    """Return them without those that were made for another family than the painter in this folder.

    Raises LoadFailed for a painter that can have none.
    """
    if not read.files:
        return read
    if any(packed_denoiser(folder / part) for part in DENOISERS):
        raise LoadFailed(f"{SETTING}: {name} is a GGUF file, and LoRAs are for weights in full here; leave one out.")
    try:
        is_unet, layers = painter_layers(folder)
    except (OSError, ValueError, AttributeError, TypeError):
        return read  # the painter itself cannot be loaded, which has a sentence of its own
    fits = [file for file in read.files if not layers or _fits(file.layers, layers, is_unet)]
    return Loras(fits, [*read.left_out, *(foreign(file, name) for file in read.files if file not in fits)])


def foreign(file: LoraFile, painter: str) -> LoraUnusable:
    """Return the error for a LoRA that was made for another family."""
    says = f" (it says that it is for {file.base})" if file.base else ""
    return LoraUnusable(
        "foreign",
        file.path,
        f"is a LoRA for another family of models than {painter}{says}; take it out, or name the painter that it was "
        "made for in LIMNER_MODEL.",
    )


def _fits(lora: Mapping[str, Layer], painter: Mapping[str, Layer], is_unet: bool) -> bool:
    """Tell whether a painter has these layers, by their names; where the names are another program's, by their widths.

    What other programs join, such as a query, a key and a value, diffusers takes apart when it loads the file; so a
    layer by another name only has to take what some layer of the painter takes.
    """
    widths = {layer.takes for layer in painter.values()}
    most: dict[str, int] = {}
    for name in painter:
        if match := _NUMBERED.match(name):
            most[match[1]] = max(most.get(match[1], 0), int(match[2]))
    for name, layer in lora.items():
        if name in painter:
            if painter[name] != layer:
                return False
            continue
        number = _NUMBERED.match(name)
        is_beyond = number is not None and number[1] in most and int(number[2]) > most[number[1]]
        is_own_name = is_unet and name.startswith(("down_blocks", "up_blocks", "mid_block"))
        if bool(_OF_UNET.match(name)) != is_unet or is_own_name or is_beyond or layer.takes not in widths:
            return False
    return True
