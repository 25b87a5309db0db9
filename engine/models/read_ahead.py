"""Has the system read files of weights into its cache, several at once, while the loading thread is at other things.

That is as far as models are loaded side by side: while a model is made, diffusers, transformers and accelerate change
torch for the whole process (how modules take parameters, how these begin, which dtype is the default). Of two that are
made at once one can end without weights, and so can what is made later.

Invariant: it reads at most half of what memory is free, and whatever it meets, loading goes on.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from engine.api.host_memory import available_bytes
from engine.models.hub_cache import folder_here
from engine.models.hub_errors import HubError
from engine.models.source import Source
from engine.models.weights import weight_files

READERS = 4
"""Threads; disks are as fast as they can be only when asked for several things at once."""
PIECE = 8 << 20
"""Bytes that a reader copies, and forgets. Without a copy (sendfile to nowhere) no core has touched them, which in a
virtual machine then takes the loading thread as long as reading them would have."""


def read_ahead(sources: Sequence[Source]) -> list[threading.Thread]:
    """Begin to read the weights of these models, one after the other; return the readers."""
    fitting = _that_fit([file for source in sources for file in files_of(source)], available_bytes() // 2)
    files = iter(list(fitting))  # which threads may share, unlike a generator
    readers = [threading.Thread(target=_read, args=(files,), name="read-ahead", daemon=True) for _ in range(READERS)]
    for reader in readers:
        reader.start()
    return readers


def files_of(source: Source) -> list[Path]:
    """Return the files of a model's weights, a pipeline's in the order of its parts; none of what is not here."""
    with suppress(OSError, ValueError, AttributeError, HubError):  # whoever loads it says what is wrong
        folder = Path(source.place) if source.local else folder_here(source.place)
        index = folder / "model_index.json"
        parts = [folder / name for name in json.loads(index.read_bytes())] if index.is_file() else [folder]
        return [file for part in parts if part.is_dir() for file in weight_files(part)]
    return []


def _that_fit(files: Sequence[Path], room: int) -> Iterator[Path]:
    with suppress(OSError):
        for file in files:
            room -= file.stat().st_size
            if room < 0:
                return
            yield file


def _read(files: Iterator[Path]) -> None:
    piece = bytearray(PIECE)
    with suppress(OSError):
        for path in files:
            with path.open("rb", buffering=0) as file:
                while file.readinto(piece):
                    pass
