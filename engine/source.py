"""Where a model comes from: the starter's folder, a folder of the user's, or a name on the Hugging Face hub.

Invariant: only a hub name may reach the network.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import msgspec

FACTS_FILE = "limner.json"
STARTER = Path(__file__).parent / "starter" / "models"

_HUB_NAME = re.compile(r"[\w-][\w.-]*/[\w.-]+")
Facts = TypeVar("Facts")


@dataclass(frozen=True, slots=True)
class Source:
    """A folder or a hub name, and why it was chosen."""

    place: str
    why: str
    local: bool

    @property
    def name(self) -> str:
        """What people call the model: its hub name, or its folder's."""
        return Path(self.place).name if self.local else self.place

    def facts(self, kind: type[Facts]) -> Facts | None:
        """Read the folder's limner.json; None where there is none. Raises msgspec.MsgspecError for a damaged one."""
        path = Path(self.place) / FACTS_FILE
        return msgspec.json.decode(path.read_bytes(), type=kind) if self.local and path.is_file() else None


def read_source(variable: str, value: str, role: str) -> Source:
    """Return the source that a setting names; an empty one means the starter. Raises ValueError with a sentence."""
    if not value:
        return Source(str(STARTER / role), f"{variable} is not set: the bundled starter", local=True)
    why = f"{variable} names it"
    if Path(value).expanduser().exists() or value.startswith(("/", "./", "../", "~")):
        return Source(str(Path(value).expanduser().resolve()), why, local=True)
    if _HUB_NAME.fullmatch(value):
        return Source(value, why, local=False)
    raise ValueError(f"{variable}: {value!r} is neither a folder here nor a hub name such as owner/model.")
