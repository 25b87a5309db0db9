"""What was measured on this machine, kept in a file from start to start.

Invariant: a file that is damaged, or cannot be read or written, costs nothing but another measurement.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Generic, TypeVar

import msgspec

from engine.api.light_structlog import structlog

T = TypeVar("T")

log = structlog.get_logger()


class Figures(Generic[T]):
    """The figures of one kind: by `identity`, which names all that changes them, then by what they are of."""

    def __init__(self, path: Path | None, kind: type[T], identity: str) -> None:
        self._path = path
        self._identity = identity
        self._type = dict[str, dict[str, kind]]  # type: ignore[valid-type]

    def read(self) -> dict[str, T]:
        """Return what is kept of this identity."""
        return self._read().get(self._identity, {})

    def keep(self, figures: Mapping[str, T]) -> None:
        """Keep these in the place of what was kept of this identity."""
        if self._path is None:
            return
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            fresh = self._path.with_suffix(".new")
            fresh.write_bytes(msgspec.json.encode({**self._read(), self._identity: figures}))
            fresh.replace(self._path)
        except OSError as error:
            log.warning("figures.not_kept", path=str(self._path), reason=str(error))

    def _read(self) -> dict[str, dict[str, T]]:
        try:
            data = self._path.read_bytes() if self._path else b"{}"
            return msgspec.json.decode(data, type=self._type)
        except (OSError, msgspec.MsgspecError):  # measured again
            return {}
