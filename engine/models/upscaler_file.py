"""A super-resolution network's file, read by its header alone: its architecture, scale and sizes, from tensors' shapes.

Invariant: no weights and no torch are loaded here, so that `limner doctor` says what the engine says; pickles are never
opened. A file whose tensors are not exactly those of an RRDB or a Compact network is refused with one sentence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from engine.errors import LoadFailed
from engine.models.lora_files import ENDING, MAX_HEADER, PICKLES, Place, hub_file, read_place
from engine.models.weights import read_whole_header

SETTING = "LIMNER_UPSCALER"
SCALES = (2, 4)
"""What members are offered."""
UNSHUFFLES = {3: 1, 12: 2, 48: 4}
"""By an RRDB network's input channels, how many pixels a side it first folds into channels."""
WRAPPERS = ("params_ema.", "params.", "module.")
"""In front of every name, as trainers' checkpoints have them."""
ONE_MODEL = f"{SETTING} names one network, an RRDB (ESRGAN, Real-ESRGAN) or a Compact one (SRVGGNetCompact)"
Shape = tuple[int, ...]
Shapes = Mapping[str, Shape]

_BLOCK = re.compile(r"(?:model\.1\.sub|RRDB_trunk|body)\.(\d+)\.(?:RDB|rdb)([123])\.conv([1-5])(?:\.0)?\.(weight|bias)")
_AFTER_BLOCKS = re.compile(r"model\.1\.sub\.\d+\.(weight|bias)")
_NUMBERED = re.compile(r"model\.(\d+)\.(weight|bias)")
_FORMER = {"trunk_conv": "conv_body", "upconv1": "conv_up1", "upconv2": "conv_up2", "HRconv": "conv_hr"}


@dataclass(frozen=True, slots=True)
class UpscalerFile:
    """One network: `scale` is how many times larger its pictures are, `features` its channels.

    `blocks` counts an RRDB's residual blocks of `growth` channels a layer, or a Compact network's inner convolutions.
    An RRDB folds `unshuffle` pixels a side into channels, and later doubles its size `doublings` times.
    """

    path: Path
    kind: Literal["rrdb", "compact"]
    scale: int
    features: int
    blocks: int
    growth: int = 0
    unshuffle: int = 1
    doublings: int = 0

    @property
    def name(self) -> str:
        return self.path.name.removesuffix(ENDING)

    @property
    def scales(self) -> tuple[int, ...]:
        """Return how many times larger a picture may become; less than the own scale is reduced from that."""
        return tuple(scale for scale in SCALES if self.scale % scale == 0)

    @property
    def values(self) -> int:
        """Return how many numbers it holds at most for each pixel of what it sees: the last layers' at full size."""
        return 4 * self.features * int(4**self.doublings) + 6 * self.scale**2

    @property
    def reach(self) -> int:
        """Return how many pixels around a pixel can change it at all, by 1 for each 3 x 3 convolution before it."""
        layers = self.blocks + 2 if self.kind == "compact" else 15 * self.blocks + 4
        return layers * self.unshuffle


def read_upscaler_place(text: str) -> Place:
    """Return what the setting names; what can be none is left to `read_upscaler`, since painting needs no upscaler."""
    try:
        return read_place(text)
    except (ValueError, OSError):
        return Place(text)


def read_upscaler(place: Place | None) -> UpscalerFile | None:
    """Read the header of the network that the setting names; None before it is fetched. Raises LoadFailed."""
    if place is None:
        return None
    path = hub_file(place) if place.file else Path(place.place)
    if path is None:
        return None
    if _is(path, Path.is_dir):
        raise LoadFailed(f"{ONE_MODEL}, and {path} is a folder; name the file in it.")
    if not _is(path, Path.exists):
        raise LoadFailed(
            f"{SETTING}: {path} is neither a file here nor one of the hub, such as owner/model/file.safetensors; "
            "correct it, or leave it empty."
        )
    if path.suffix.lower() in PICKLES:
        raise LoadFailed(
            f"{SETTING}: {path} is a pickle, which can run code when it is read; convert it to safetensors, or leave "
            "it empty."
        )
    header = _header(path)
    shapes = {key: tuple(value["shape"]) for key, value in header.items() if key != "__metadata__"}
    named = canonical(shapes)
    shapes = {named[key]: shape for key, shape in shapes.items()}
    file = _rrdb(path, shapes) or _compact(path, shapes)
    if file is None:
        raise LoadFailed(f"{ONE_MODEL}, and {path} is neither; name another file, or leave it empty.")
    if file.scale not in SCALES:
        raise LoadFailed(
            f"{SETTING}: {path} enlarges {file.scale} times, and networks of ×2 and ×4 are used here; name another."
        )
    return file


def _header(path: Path) -> dict[str, Any]:
    """Raises LoadFailed."""
    try:
        return read_whole_header(path, MAX_HEADER)
    except OSError as error:
        raise LoadFailed(f"{SETTING}: {path} cannot be read: {error.strerror or error}.") from error
    except ValueError:
        raise LoadFailed(
            f"{SETTING}: {path} is no safetensors file, or is damaged or cut short; copy or download it again, or "
            "leave it empty."
        ) from None


def _is(path: Path, what: Callable[[Path], bool]) -> bool:
    """Return the answer, False for what cannot be a path, such as one that is too long."""
    try:
        return what(path)
    except OSError:
        return False


def canonical(names: Collection[str]) -> dict[str, str]:
    """Return the name that Real-ESRGAN's code gives to each tensor, by the name in a file of any of the layouts."""
    wrapper = next((each for each in WRAPPERS if all(name.startswith(each) for name in names)), "")
    bare = {name: name.removeprefix(wrapper) for name in names}
    numbers = sorted({int(match[1]) for name in bare.values() if (match := _NUMBERED.fullmatch(name))})
    ends = ["conv_first", *(f"conv_up{index}" for index in range(1, len(numbers) - 2)), "conv_hr", "conv_last"]
    by_number = dict(zip(numbers, ends, strict=True)) if len(numbers) >= 3 else {}
    return {name: _canonical(inner, by_number) for name, inner in bare.items()}


def _canonical(name: str, by_number: Mapping[int, str]) -> str:
    if match := _BLOCK.fullmatch(name):
        return f"body.{match[1]}.rdb{match[2]}.conv{match[3]}.{match[4]}"
    if match := _AFTER_BLOCKS.fullmatch(name):
        return f"conv_body.{match[1]}"
    if (match := _NUMBERED.fullmatch(name)) and int(match[1]) in by_number:
        return f"{by_number[int(match[1])]}.{match[2]}"
    layer, _, part = name.rpartition(".")
    return f"{_FORMER.get(layer, layer)}.{part}"


def _rrdb(path: Path, shapes: Shapes) -> UpscalerFile | None:
    first, inner = shapes.get("conv_first.weight", ()), shapes.get("body.0.rdb1.conv1.weight", ())
    if len(first) != 4 or len(inner) != 4 or first[1] not in UNSHUFFLES:
        return None
    features, growth, unshuffle = first[0], inner[0], UNSHUFFLES[first[1]]
    blocks = len({name.split(".")[1] for name in shapes if name.startswith("body.")})
    doublings = sum(name.startswith("conv_up") and name.endswith(".weight") for name in shapes)
    expected = _convolution("conv_first", first[1], features)
    for block in range(blocks):
        for dense in (1, 2, 3):
            for layer in range(1, 6):
                gives = features if layer == 5 else growth
                takes = features + (layer - 1) * growth
                expected |= _convolution(f"body.{block}.rdb{dense}.conv{layer}", takes, gives)
    for name in ("conv_body", *(f"conv_up{index + 1}" for index in range(doublings)), "conv_hr"):
        expected |= _convolution(name, features, features)
    expected |= _convolution("conv_last", features, 3)
    if expected != shapes or 2**doublings % unshuffle:
        return None
    return UpscalerFile(path, "rrdb", 2**doublings // unshuffle, features, blocks, growth, unshuffle, doublings)


def _compact(path: Path, shapes: Shapes) -> UpscalerFile | None:
    """A convolution and a PReLU in turns; the last convolution's channels are the pixels of an enlarged one."""
    first, last = shapes.get("body.0.weight", ()), len({name.rpartition(".")[0] for name in shapes}) - 1
    end = shapes.get(f"body.{last}.weight", ())
    if len(first) != 4 or len(end) != 4 or last % 2 or last < 2:
        return None
    features, scale = first[0], round((end[0] / 3) ** 0.5)
    expected = _convolution("body.0", 3, features)
    for index in range(1, last):
        activation: dict[str, Shape] = {f"body.{index}.weight": (features,)}
        expected |= activation if index % 2 else _convolution(f"body.{index}", features, features)
    expected |= _convolution(f"body.{last}", features, 3 * scale**2)
    return UpscalerFile(path, "compact", scale, features, last // 2 - 1) if expected == shapes else None


def _convolution(name: str, takes: int, gives: int) -> dict[str, Shape]:
    return {f"{name}.weight": (gives, takes, 3, 3), f"{name}.bias": (gives,)}
