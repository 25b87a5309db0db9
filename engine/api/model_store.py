"""What `python -m engine.model_store` answers, one JSON object a line: models on the disk, and how far a fetch is.

Invariant: nothing here holds a secret; a failure is the name of a sentence with its facts, said by whoever reads it.
"""

from __future__ import annotations

import re
from typing import Literal

from msgspec import Struct

_HUB_NAME = re.compile(r"[\w-][\w.-]*/[\w.-]+", re.ASCII)

Kind = Literal["painter", "model"]
"""A pipeline of several parts that paints, or a single model: a language model, or a classifier."""


def is_hub_name(text: str) -> bool:
    """Tell whether a text has the form of a model's name on the hub, owner/model; then no path can be made of it."""
    return bool(_HUB_NAME.fullmatch(text)) and ".." not in text and "--" not in text


class StoredModel(Struct, frozen=True):
    """A model in the hub's cache here; `whole` where nothing is missing, `bytes` what it takes of the disk."""

    name: str
    bytes: int
    whole: bool


class Stored(Struct, frozen=True, tag="stored"):
    """All models in the cache `folder`, whose disk has `free` bytes."""

    models: list[StoredModel]
    folder: str
    free: int


class Plan(Struct, frozen=True, tag="plan"):
    """What is to be fetched: `total` bytes in `files` files, of which `have` are here; the disk has `free` bytes."""

    name: str
    kind: Kind
    total: int
    have: int
    free: int
    files: int


class Progress(Struct, frozen=True, tag="progress"):
    """`done` of `total` bytes of a model are here; `file` is on its way, or its checksum is compared."""

    name: str
    done: int
    total: int
    file: str = ""
    checking: bool = False


class Cut(Struct, frozen=True, tag="cut"):
    """The connection broke; it goes on where it was in `again_s` seconds."""

    why: str
    again_s: float


class Done(Struct, frozen=True, tag="done"):
    """The model is whole."""

    name: str
    bytes: int


class Removed(Struct, frozen=True, tag="removed"):
    """The model is gone, and so many bytes are free again."""

    name: str
    bytes: int


class Failed(Struct, frozen=True, tag="failed"):
    """It ended without what was asked for; `key` names the sentence, here in engine/models/hub_errors.py."""

    key: str
    facts: dict[str, str | int]


Event = Stored | Plan | Progress | Cut | Done | Removed | Failed


class Loading(Struct, frozen=True):
    """How far an engine is that takes no work yet: bytes of the model that it fetches, 0 of 0 while it loads it."""

    name: str
    done: int = 0
    total: int = 0

    @property
    def percent(self) -> int:
        return 100 * self.done // self.total if self.total else 0
