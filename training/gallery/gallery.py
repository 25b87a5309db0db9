"""A gallery: the things that may stand in a scene, each with one drawing and its names; kept in one folder.

`things.json` lists the things in order; `drawings.npz` holds their pixels in the same order.
"""

import json
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from training.runtime.atomic_files import write_whole

SIDE = 160
"""Pixels of a drawing, which is square."""


@dataclass(frozen=True, slots=True)
class Names:
    """What one language calls a thing."""

    label: str
    plurals: tuple[str, ...] = ()
    """Forms that people may write for several; none where the language has no plural forms."""

    synonyms: tuple[str, ...] = ()
    """Other words for it, which name nothing else in the gallery."""


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing that can stand in a scene."""

    word: str
    """The English word in captions; no other thing has it."""

    stands: str
    """`ground`, `water` or `air`: at which height a scene shows it."""

    recolors: bool = False
    """Whether a scene may give it a colour that it does not have in its drawing."""

    whole: bool = False
    """Whether such a colour is for all of it, not for its main part."""

    names: dict[str, Names] = field(default_factory=dict)
    """By language code."""


@dataclass(frozen=True)
class Gallery:
    """`drawings` is (things, side, side, 4) uint8, red, green, blue and opacity, each standing on its lower edge."""

    things: tuple[Thing, ...]
    drawings: np.ndarray

    @cached_property
    def words(self) -> tuple[str, ...]:
        return tuple(thing.word for thing in self.things)

    @cached_property
    def by_word(self) -> dict[str, int]:
        """Each thing's place in the gallery."""
        return {word: index for index, word in enumerate(self.words)}

    def save(self, folder: Path) -> None:
        """Write both files; the list comes last, so a folder that has it is whole."""
        folder.mkdir(parents=True, exist_ok=True)

        def write_drawings(unfinished: Path) -> None:
            with unfinished.open("wb") as file:
                np.savez_compressed(file, drawings=self.drawings)

        write_whole(folder / "drawings.npz", write_drawings)
        text = json.dumps([asdict(thing) for thing in self.things], ensure_ascii=False, indent=1)
        write_whole(folder / "things.json", lambda path: path.write_text(text + "\n", encoding="utf-8"))

    @classmethod
    def load(cls, folder: Path) -> "Gallery":
        """Read a folder that `save` wrote; FileNotFoundError says which stage makes one."""
        if not (folder / "things.json").exists():
            raise FileNotFoundError(f"no things under {folder}: run `limner train data` first")
        listed = json.loads((folder / "things.json").read_text(encoding="utf-8"))
        with np.load(folder / "drawings.npz") as stored:
            return cls(tuple(_thing(entry) for entry in listed), stored["drawings"])


def _thing(entry: dict[str, Any]) -> Thing:
    names = entry.pop("names")
    read = {code: Names(name["label"], tuple(name["plurals"]), tuple(name["synonyms"])) for code, name in names.items()}
    return Thing(**entry, names=read)
