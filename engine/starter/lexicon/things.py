"""The things of a gallery that a model can draw, with their names: `things.json` in the language model's folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

FILE: Final = "things.json"


class Names(msgspec.Struct, frozen=True):
    """What one language calls a thing."""

    label: str
    plurals: tuple[str, ...] = ()
    """Forms that people may write for several or in a case; some are no words."""

    synonyms: tuple[str, ...] = ()


class Thing(msgspec.Struct, frozen=True):
    """One thing that can stand in a picture."""

    word: str
    """Its English word in prompts."""

    stands: str
    """`ground`, `water` or `air`."""

    recolors: bool
    """Whether it can have a colour that its drawing has not."""

    names: Mapping[str, Names]
    """By language code."""


def read_things(folder: Path) -> tuple[Thing, ...]:
    """Return the things of a language model's folder; none where it has no such file."""
    path = folder / FILE
    return msgspec.json.decode(path.read_bytes(), type=tuple[Thing, ...]) if path.is_file() else ()
