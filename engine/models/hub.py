"""Fetches models from the Hugging Face hub into its library's cache, with progress, and goes on after a cut.

Invariants: only safetensors and text files are fetched, never code or pickles. The file that makes a folder count as a
model is written last, so what is cut short is never taken for whole. A disk that is too small is refused beforehand.
The library's own download begins a file anew in each process, so large files are fetched here, by its HTTP client.
"""

from __future__ import annotations

import fcntl
import hashlib
import io
import json
import os
import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from engine.api.model_store import Cut, Kind, Progress
from engine.models.hub_cache import MARKERS, cache_folder, free_bytes, gigabytes, model_folder
from engine.models.hub_errors import HubError, HubUnreachable, explained

if TYPE_CHECKING:
    pass

TEXT_SUFFIXES = (".json", ".txt", ".model", ".jinja")
WEIGHTS = re.compile(r"(?:diffusion_pytorch_)?model(?:-\d{5}-of-\d{5})?\.safetensors")
PICKLES = (".bin", ".pt", ".pth", ".ckpt")
SPARE_BYTES = 1_000_000_000
"""Of the disk, left free for all else."""
MAX_MARKER_BYTES = 1 << 20
CHUNK_BYTES = 1 << 17
"""Written at a time: what a cut can lose. The library's own chunks take a slow line a minute."""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 30.0
PATIENCE_S = 900.0
"""Without a single new byte for so long, a fetch ends; the next one goes on from there."""


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file of a repository; `sha256` is None for small ones, which the hub keeps in git."""

    path: str
    size: int
    sha256: str | None


@dataclass(frozen=True, slots=True)
class Fetch:
    """What belongs to a model at one commit, its marker last, and where it lies in the cache."""

    name: str
    kind: Kind
    commit: str
    files: tuple[RemoteFile, ...]
    cache: Path

    @property
    def stored(self) -> Path:
        return model_folder(self.cache, self.name)

    @property
    def folder(self) -> Path:
        return self.stored / "snapshots" / self.commit

    @property
    def total(self) -> int:
        return sum(file.size for file in self.files)

    @property
    def have(self) -> int:
        """Return how many bytes are here, those of files that were cut short too."""
        return sum(self._have(file) for file in self.files)

    @property
    def free(self) -> int:
        return free_bytes(self.cache)

    def part(self, file: RemoteFile) -> Path:
        """Return where a large file grows until it is whole."""
        return self.stored / "blobs" / f"{file.sha256}.part"

    def blob(self, file: RemoteFile) -> Path:
        return self.stored / "blobs" / str(file.sha256)

    def _have(self, file: RemoteFile) -> int:
        if (self.folder / file.path).exists() or (file.sha256 and self.blob(file).exists()):
            return file.size
        part = self.part(file)
        return min(part.stat().st_size, file.size) if file.sha256 and part.exists() else 0


Report = Callable[[Progress | Cut], None]


def plan(name: str, *, only: str = "", left_out: Sequence[str] = (), unweighted: Sequence[str] = ()) -> Fetch:
    """Ask the hub what belongs to a model. Raises HubError, HubUnreachable.

    `only` names the one file that is wanted. Of a pipeline, parts may be `left_out`, or fetched without their weights.
    """
    model_folder(cache_folder(), name)
    with explained(name, cache_folder()):
        from huggingface_hub import HfApi

        info = HfApi().model_info(name, files_metadata=True)
        listed = {
            sibling.rfilename: RemoteFile(
                sibling.rfilename, sibling.size or 0, sibling.lfs.sha256 if sibling.lfs else None
            )
            for sibling in info.siblings or []
        }
        commit = str(info.sha)
        if only:
            if only not in listed:
                raise HubError("models-kind", name=name)
            return Fetch(name, "painter", commit, (listed[only],), cache_folder())
        marker, kind = _marker(name, listed)
        parts = _parts(_read_json(name, marker, commit)) if kind == "painter" else ("",)
    parts = tuple(part for part in parts if part.rstrip("/") not in left_out)
    chosen = [file for file in _chosen(name, listed, parts) if not _is_weight_of(file, unweighted)]
    files = sorted((file for file in chosen if file.path != marker), key=lambda file: file.size)
    return Fetch(name, kind, commit, (*files, listed[marker]), cache_folder())


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


def _is_weight_of(file: RemoteFile, parts: Sequence[str]) -> bool:
    part, _, name = file.path.partition("/")
    return part in parts and name.endswith(".safetensors")


def _marker(name: str, listed: dict[str, RemoteFile]) -> tuple[str, Kind]:
    found = next(((marker, kind) for marker, kind in MARKERS if marker in listed), None)
    if found is None:
        raise HubError("models-kind", name=name)
    return found


def _parts(index: dict[str, Any]) -> tuple[str, ...]:
    """Return the folders of a pipeline's parts: model_index.json names the library and the class of each."""
    return tuple(
        f"{part}/" for part, of in index.items() if isinstance(of, list) and len(of) == 2 and of[0] and "/" not in part
    )


def _chosen(name: str, listed: dict[str, RemoteFile], parts: Iterable[str]) -> list[RemoteFile]:
    """Return the files to fetch: of each part, its texts and its plain weights. Raises HubError."""
    chosen: list[RemoteFile] = []
    for part in parts:
        own = {path.removeprefix(part): file for path, file in listed.items() if path.startswith(part)}
        own = {path: file for path, file in own.items() if "/" not in path}
        weights = [file for path, file in own.items() if WEIGHTS.fullmatch(path)]
        pickles = [path for path in own if path.endswith(PICKLES)]
        if pickles and not weights:
            raise HubError("models-pickled", name=name, what=f"{part}{pickles[0]}")
        chosen += weights + [file for path, file in own.items() if path.endswith(TEXT_SUFFIXES)]
    if not any(file.path.endswith(".safetensors") for file in chosen):
        raise HubError("models-kind", name=name)
    if "model_index.json" in listed:
        chosen.append(listed["model_index.json"])
    return chosen


def _read_json(name: str, path: str, commit: str) -> dict[str, Any]:
    from huggingface_hub import get_session, hf_hub_url
    from huggingface_hub.utils._headers import build_hf_headers
    from huggingface_hub.utils._http import hf_raise_for_status

    answer = get_session().get(
        hf_hub_url(name, path, revision=commit), headers=build_hf_headers(), follow_redirects=True
    )
    hf_raise_for_status(answer)
    try:
        index = json.loads(answer.content) if len(answer.content) <= MAX_MARKER_BYTES else None
    except ValueError:
        index = None
    if not isinstance(index, dict):
        raise HubError("models-kind", name=name)
    return index


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
