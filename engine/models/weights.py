"""How much memory a model's weights will take, read from its safetensors files' headers, before any of it is loaded."""

from __future__ import annotations

import json
import math
import re
import struct
from pathlib import Path
from typing import Any

from engine.api.placement import Size, total_size
from engine.models.gguf_file import packed_denoiser

FLOATS = frozenset({"F64", "F32", "F16", "BF16"})
"""Formats that are brought into the one that the model runs in; others are kept as they are."""
WIDTHS = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2, "I64": 8, "U64": 8, "I32": 4, "U32": 4, "I16": 2, "U16": 2}
KEPT = re.compile(r"embed|shared|lm_head|(?:^|\.)w[tp]e\.")
"""In the names of tensors that keep their format: tables of tokens and positions, and a language model's output."""
MAX_HEADER = 100 << 20
"""Bytes; the format's own limit."""


def part_sizes(folder: Path, width: int) -> dict[str, Size]:
    """Return the sizes of a pipeline's parts by name, each floating number taking `width` bytes.

    Raises OSError or ValueError for files that are damaged.
    """
    parts = {part.name: _part_size(part, width) for part in sorted(folder.iterdir()) if part.is_dir()}
    return {name: size for name, size in parts.items() if size.full}


def model_size(folder: Path, width: int) -> Size:
    """Return the size of one model's weights; of 0 bytes where the folder holds none."""
    return total_size([Size(0, width=width), *(_file_size(file, width) for file in weight_files(folder))])


def _part_size(folder: Path, width: int) -> Size:
    """Return a part's size. An autoencoder keeps its format; so does a GGUF file, which stays as it is packed."""
    if packed := packed_denoiser(folder):
        return Size(packed.stat().st_size, width=width)
    size = model_size(folder, width)
    return Size(size.full, 0 if folder.name.startswith("vae") else size.shrinks, width)


def weight_files(folder: Path) -> list[Path]:
    """Return the files that would be loaded: those of the index, else the whole one; never variants such as fp16."""
    for index in folder.glob("*.safetensors.index.json"):
        return [folder / name for name in sorted(set(json.loads(index.read_bytes())["weight_map"].values()))]
    return [file for file in folder.glob("*.safetensors") if file.name.count(".") == 1]


def _file_size(file: Path, width: int) -> Size:
    header, _ = read_header(file)
    tensors = {name: facts for name, facts in header.items() if name != "__metadata__"}
    return Size(
        sum(_tensor_bytes(facts, width) for facts in tensors.values()),
        sum(_numbers(facts) for name, facts in tensors.items() if is_linear(name, facts)),
        width,
    )


def read_header(file: Path, most: int = MAX_HEADER) -> tuple[dict[str, Any], int]:
    """Return a safetensors file's header, of `most` bytes, and where its tensors begin. Raises OSError, ValueError."""
    with file.open("rb") as opened:
        start = opened.read(8)
        length = struct.unpack("<Q", start)[0] if len(start) == 8 else 0
        header = json.loads(opened.read(length)) if 0 < length <= most else None
    if not isinstance(header, dict):
        raise ValueError(f"{file.name} is no safetensors file")
    return header, 8 + length


def read_whole_header(file: Path, most: int = MAX_HEADER) -> dict[str, Any]:
    """Return the header of a file that holds all its tensors, whose shapes are plain. Raises OSError, ValueError."""
    try:
        header, begin = read_header(file, most)
        tensors = [facts for name, facts in header.items() if name != "__metadata__"]
        is_whole = file.stat().st_size == begin + max((facts["data_offsets"][1] for facts in tensors), default=0)
        is_plain = all(isinstance(side, int) and side >= 0 for facts in tensors for side in facts["shape"])
    except (KeyError, TypeError, IndexError, AttributeError, RecursionError, struct.error) as error:
        raise ValueError(f"{file.name} is no safetensors file") from error
    if not (tensors and is_whole and is_plain):
        raise ValueError(f"{file.name} is damaged or cut short")
    return header


def is_linear(name: str, facts: dict[str, object]) -> bool:
    """Tell whether a tensor of a file is the weight of a linear layer that a smaller format shrinks.

    Some linear layers have names like embeddings'; they are small, and so the estimate errs to the safe side.
    """
    shape = facts["shape"]
    is_matrix = isinstance(shape, list) and len(shape) == 2 and str(facts["dtype"]) in FLOATS
    return is_matrix and name.endswith(".weight") and not KEPT.search(name)


def _tensor_bytes(facts: dict[str, object], width: int) -> int:
    kind = str(facts["dtype"])
    return _numbers(facts) * (width if kind in FLOATS else WIDTHS.get(kind, 1))


def _numbers(facts: dict[str, object]) -> int:
    shape = facts["shape"]
    if not isinstance(shape, list):
        raise ValueError("a tensor without a shape")
    return math.prod(shape)
