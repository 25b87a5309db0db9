"""GGUF files: which file is meant, what its header says, and why one cannot be loaded as a language model.

Invariant: no weights and no torch are loaded here, so that `limner doctor` can ask, too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from engine.models.model_kinds import is_unpacked

Fault = Literal["package", "several", "parts", "unsupported", "damaged"]
_PART = re.compile(r"-\d{5}-of-\d{5}\.gguf$", re.IGNORECASE)


class GgufUnusable(Exception):
    """A GGUF file that cannot be loaded: `fault` says why, `what` names the architecture or the files."""

    def __init__(self, fault: Fault, what: str = "") -> None:
        super().__init__(f"{fault} {what}".strip())
        self.fault = fault
        self.what = what


@dataclass(frozen=True, slots=True)
class GgufFacts:
    """A file's header: what kind of model it is, how many numbers its weights are, and whether it was made to chat."""

    architecture: str
    parameters: int
    has_template: bool


def find_gguf(place: Path) -> Path | None:
    """Return the GGUF file that a file or a folder stands for; None where it is no such thing. Raises GgufUnusable."""
    if place.is_file():
        files = [place] if place.suffix.lower() == ".gguf" else []
    elif place.is_dir() and not any(place.glob("*.safetensors")):
        files = [file for file in sorted(place.glob("*.gguf")) if not file.name.startswith("mmproj")]  # that sees
    else:
        files = []
    if parts := [file.name for file in files if _PART.search(file.name)]:
        raise GgufUnusable("parts", parts[0])
    if len(files) > 1:
        raise GgufUnusable("several", ", ".join(file.name for file in files))
    return files[0] if files else None


def packed_denoiser(folder: Path) -> Path | None:
    """Return the GGUF file in a pipeline's folder of a denoiser, where it stands in place of its safetensors."""
    files = [] if any(folder.glob("*.safetensors")) else sorted(folder.glob("*.gguf"))
    return files[0] if len(files) == 1 and (folder / "config.json").is_file() else None


@cache
def read_gguf(file: Path) -> GgufFacts:
    """Read a file's header. Raises GgufUnusable."""
    try:
        from gguf import GGUFReader
    except ImportError:
        raise GgufUnusable("package") from None
    try:
        reader = GGUFReader(file)
        architecture = str(reader.fields["general.architecture"].contents())
        parameters = sum(int(tensor.n_elements) for tensor in reader.tensors)
    except Exception as error:  # its reader trusts the file, and fails in many ways where it is cut short
        raise GgufUnusable("damaged") from error
    if not is_unpacked(architecture):
        raise GgufUnusable("unsupported", architecture)
    return GgufFacts(architecture, parameters, "tokenizer.chat_template" in reader.fields)
