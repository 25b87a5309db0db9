"""Where a model comes from: the starter's folder, a folder of the user's, or a name on the Hugging Face hub.

Invariant: only a hub name may reach the network.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TypeVar

import msgspec

from engine.api.env_settings import parse_path

FACTS_FILE = "limner.json"
STARTER = Path(__file__).parents[1] / "starter" / "models"
BUNDLED = {
    ("painter", "starter"): STARTER / "painter",
    ("painter", "starter-one-step"): STARTER / "one-step",
    ("planner", "starter"): STARTER / "planner",
}
"""The bundled models by role and name; ./starter is a folder of the user's."""

_HUB_NAME = re.compile(r"[\w-][\w.-]*/[\w.-]+")
Facts = TypeVar("Facts")


class Open(Enum):
    """Whether a setting leaves the choice to Limner: not at all, among what is here already, or also on the hub."""

    NO = "no"
    CACHED = "cached"
    FETCH = "fetch"


@dataclass(frozen=True, slots=True)
class Source:
    """A folder or a hub name, and why it was chosen. Where it is `open`, the catalog may know a better one."""

    place: str
    why: str
    local: bool
    open: Open = Open.NO

    @property
    def name(self) -> str:
        """What people call the model: its hub name, or its folder's."""
        return Path(self.place).name.removesuffix(".gguf") if self.local else self.place

    @property
    def is_starter(self) -> bool:
        return self.local and Path(self.place).is_relative_to(STARTER)

    def facts(self, kind: type[Facts]) -> Facts | None:
        """Read the folder's limner.json; None where there is none. Raises msgspec.MsgspecError for a damaged one."""
        path = Path(self.place) / FACTS_FILE
        return msgspec.json.decode(path.read_bytes(), type=kind) if self.local and path.is_file() else None


def read_source(variable: str, value: str, role: str) -> Source:
    """Return the source that a setting names; one that names none means the starter. Raises ValueError."""
    starter = str(STARTER / role)
    if not value:
        return Source(starter, f"{variable} is not set: the bundled starter", local=True, open=Open.CACHED)
    if value == "auto":
        return Source(starter, f"{variable} is auto: without a GPU, the bundled starter", local=True, open=Open.FETCH)
    why = f"{variable} names it"
    if folder := BUNDLED.get((role, value)):
        return Source(str(folder), why, local=True)
    try:
        path = parse_path(value)
        if path.exists() or value.startswith(("/", "./", "../", "~")):
            return Source(str(path.resolve()), why, local=True)
    except (ValueError, OSError):
        raise ValueError(value) from None
    if _HUB_NAME.fullmatch(value):
        return Source(value, why, local=False)
    raise ValueError(value)


def read_named(variable: str, value: str, role: str) -> Source:
    """Return the source that a setting names which leaves no choice open. Raises ValueError."""
    source = read_source(variable, value, role)
    if source.open is not Open.NO:
        raise ValueError(value)
    return source
