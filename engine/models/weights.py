"""How much memory a model's weights will take, read from its safetensors files' headers, before any of it is loaded."""

from __future__ import annotations

import json
import math
import struct
from pathlib import Path

FLOATS = frozenset({"F64", "F32", "F16", "BF16"})
"""Formats that are brought into the one that the model runs in; others are kept as they are."""
WIDTHS = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2, "I64": 8, "U64": 8, "I32": 4, "U32": 4, "I16": 2, "U16": 2}
MAX_HEADER = 100 << 20
"""Bytes; the format's own limit."""


def part_bytes(folder: Path, width: int) -> dict[str, int]:
    """Return the bytes of a pipeline's parts by name, each floating number taking `width` bytes.

    Raises OSError or ValueError for files that are damaged.
    """
    parts = {part.name: model_bytes(part, width) for part in sorted(folder.iterdir()) if part.is_dir()}
    return {name: size for name, size in parts.items() if size}


def model_bytes(folder: Path, width: int) -> int:
    """Return the bytes of one model's weights; 0 where the folder holds none."""
    return sum(_file_bytes(file, width) for file in _files(folder))


def _files(folder: Path) -> list[Path]:
    """Return the files that would be loaded: those of the index, else the whole one; never variants such as fp16."""
    for index in folder.glob("*.safetensors.index.json"):
        return [folder / name for name in sorted(set(json.loads(index.read_bytes())["weight_map"].values()))]
    return [file for file in folder.glob("*.safetensors") if file.name.count(".") == 1]


def _file_bytes(file: Path, width: int) -> int:
    with file.open("rb") as opened:
        start = opened.read(8)
        length = struct.unpack("<Q", start)[0] if len(start) == 8 else 0
        if not 0 < length <= MAX_HEADER:
            raise ValueError(f"{file.name} is no safetensors file")
        header = json.loads(opened.read(length))
    tensors = (facts for name, facts in header.items() if name != "__metadata__")
    return sum(_tensor_bytes(facts, width) for facts in tensors)


def _tensor_bytes(facts: dict[str, object], width: int) -> int:
    kind, shape = str(facts["dtype"]), facts["shape"]
    if not isinstance(shape, list):
        raise ValueError("a tensor without a shape")
    return math.prod(shape) * (width if kind in FLOATS else WIDTHS.get(kind, 1))
