"""Fetches what `hub_plan` listed into the hub library's cache, with progress, and goes on after a cut.

Invariants: the file that makes a folder count as a model is written last, so what is cut short is never taken for
whole. A disk that is too small is refused beforehand.
The library's own download begins a file anew in each process, so large files are fetched here, by its HTTP client.
"""

from __future__ import annotations

import fcntl
import hashlib
import io
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from engine.api.model_store import Cut, Progress
from engine.models.hub_cache import gigabytes
from engine.models.hub_errors import HubError, HubUnreachable, explained
from engine.models.hub_plan import Fetch, RemoteFile

SPARE_BYTES = 1_000_000_000
"""Of the disk, left free for all else."""
CHUNK_BYTES = 1 << 17
"""Written at a time: what a cut can lose. The library's own chunks take a slow line a minute."""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 30.0
PATIENCE_S = 900.0
"""Without a single new byte for so long, a fetch ends; the next one goes on from there."""


Report = Callable[[Progress | Cut], None]


def fetch(wanted: Fetch, report: Report, *, wait: bool = False, patience_s: float = PATIENCE_S) -> Path:
    """Fetch what is missing, and return the model's folder. Raises HubError.

    With `wait`, another process that fetches the same model is waited for. What came before a cut is kept.
    """
    missing = wanted.total - wanted.have
    if missing and missing + SPARE_BYTES > wanted.free:
        raise HubError(
            "models-disk",
            name=wanted.name,
            needed=gigabytes(missing),
            free=gigabytes(wanted.free),
            folder=str(wanted.cache),
        )
    with _alone(wanted, wait=wait):
        done = 0
        for file in wanted.files:
            _fetch_file(wanted, file, done, report, patience_s)
            done += file.size
            report(Progress(wanted.name, done, wanted.total, file.path))
        _write_ref(wanted)
    return wanted.folder


def _fetch_file(wanted: Fetch, file: RemoteFile, before: int, report: Report, patience_s: float) -> None:
    """Fetch one file, again and again from where it was while the connection breaks. Raises HubError."""
    if (wanted.folder / file.path).exists():
        return
    pause, newest, last = FIRST_PAUSE_S, -1, time.monotonic()
    while True:
        try:
            with explained(wanted.name, wanted.cache):
                if file.sha256 and not wanted.blob(file).exists():
                    _grow(wanted, file, before, report)
                _point(wanted, file)
            return
        except HubUnreachable as error:
            size = wanted.part(file).stat().st_size if wanted.part(file).exists() else 0
            if size > newest:
                newest, last, pause = size, time.monotonic(), FIRST_PAUSE_S
            if time.monotonic() + pause - last > patience_s:
                raise
            report(Cut(str(error.facts["why"]), pause))
            time.sleep(pause)
            pause = min(LONGEST_PAUSE_S, 2 * pause)


def _grow(wanted: Fetch, file: RemoteFile, before: int, report: Report) -> None:
    """Fetch the rest of a large file, compare its checksum, and put it among the cache's blobs."""
    from huggingface_hub import constants, hf_hub_url
    from huggingface_hub.file_download import http_get
    from huggingface_hub.utils import logging as hub_log
    from huggingface_hub.utils._headers import build_hf_headers
    from huggingface_hub.utils.tqdm import disable_progress_bars

    disable_progress_bars()
    hub_log.set_verbosity_error()
    constants.DOWNLOAD_CHUNK_SIZE = CHUNK_BYTES
    part = wanted.part(file)
    part.parent.mkdir(parents=True, exist_ok=True)
    part.touch()
    if part.stat().st_size > file.size:
        part.unlink()
        part.touch()

    def told(size: int) -> None:
        report(Progress(wanted.name, before + size, wanted.total, file.path))

    with _Part(part, told) as growing:
        size = growing.seek(0, os.SEEK_END)
        told(size)
        url = hf_hub_url(wanted.name, file.path, revision=wanted.commit)
        http_get(url, growing, resume_size=size, headers=build_hf_headers(), expected_size=file.size)
    report(Progress(wanted.name, before + file.size, wanted.total, file.path, checking=True))
    with part.open("rb") as whole:
        if hashlib.file_digest(whole, "sha256").hexdigest() != file.sha256:
            part.unlink()
            raise HubError("models-damaged", name=wanted.name, file=file.path)
    part.replace(wanted.blob(file))


class _Part(io.BufferedRandom):
    """A file that tells how long it is each time that something was written."""

    def __init__(self, path: Path, told: Callable[[int], None]) -> None:
        super().__init__(io.FileIO(path, "r+"))
        self._told = told

    def write(self, data: Any) -> int:
        written = super().write(data)
        self._told(self.tell())
        return written


def _point(wanted: Fetch, file: RemoteFile) -> None:
    """Have the library put a file into the model's folder; it fetches small ones by itself."""
    from huggingface_hub import hf_hub_download

    hf_hub_download(wanted.name, file.path, revision=wanted.commit, cache_dir=wanted.cache)


def _write_ref(wanted: Fetch) -> None:
    """Say which commit the branch main is at, as the library does."""
    ref = wanted.stored / "refs" / "main"
    ref.parent.mkdir(parents=True, exist_ok=True)
    written = ref.with_name("main.limner")
    written.write_text(wanted.commit)
    written.replace(ref)


@contextmanager
def _alone(wanted: Fetch, *, wait: bool) -> Iterator[None]:
    """Hold the model's lock, so that no other process writes the same files. Raises HubError."""
    locks = wanted.cache / ".locks" / wanted.stored.name
    try:
        locks.mkdir(parents=True, exist_ok=True)
        lock: IO[bytes] = (locks / "limner.lock").open("wb")
    except OSError as error:
        raise HubError("models-unwritable", folder=str(wanted.cache), why=error.strerror or str(error)) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError as error:
            raise HubError("models-busy", name=wanted.name) from error
        yield
