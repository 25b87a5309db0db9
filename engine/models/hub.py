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
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from engine.api.model_store import Cut, Kind, Progress, Stored, StoredModel, is_hub_name

if TYPE_CHECKING:
    from huggingface_hub.errors import HfHubHTTPError

MARKERS: tuple[tuple[str, Kind], ...] = (("model_index.json", "painter"), ("config.json", "model"))
"""The file that tells what a repository holds."""
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

SENTENCES = {
    "models-name": "{name} is no name on the hub, which has the form owner/model.",
    "models-unknown": "The hub knows no model {name}.",
    "models-gated": "The hub gives {name} only to those who agreed to its terms: do so on its page, and set HF_TOKEN.",
    "models-unreachable": "The hub at {where} does not answer ({why}); what came is kept, and the next try goes on.",
    "models-pickled": "{name} holds weights as pickles ({what}), which can run code; take a copy in safetensors.",
    "models-kind": "{name} is no model for Limner: it has neither model_index.json nor config.json with safetensors.",
    "models-disk": "{name}: {needed} are still to be fetched, and {folder} has {free} free; make room first.",
    "models-damaged": "{file} of {name} came damaged and was deleted; fetch it again.",
    "models-busy": "{name} is being fetched already.",
    "models-absent": "{name} is not here.",
    "models-unwritable": "{folder} cannot be written ({why}).",
}
"""What the engine's log says of each; the bot has the same in its locale files."""


class HubError(Exception):
    """Why a model was not fetched or removed; `key` and `facts` make its sentence."""

    def __init__(self, key: str, **facts: str | int) -> None:
        super().__init__(SENTENCES[key].format(**facts))
        self.key, self.facts = key, facts


class HubUnreachable(HubError):
    """The hub does not answer, or no network is wanted; what is in the cache may do."""


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


def cache_folder() -> Path:
    """Return the hub's cache, without importing the hub's library, which then goes online."""
    home = os.environ.get("HF_HOME") or Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache") / "huggingface"
    return Path(os.environ.get("HF_HUB_CACHE") or Path(home) / "hub").expanduser()


def model_folder(cache: Path, name: str) -> Path:
    """Return where the cache keeps a model. Raises HubError for what is no name, so that no path leaves the cache."""
    if not is_hub_name(name):
        raise HubError("models-name", name=name)
    return cache / f"models--{name.replace('/', '--')}"


def in_cache(name: str) -> bool:
    """Tell whether the hub's cache here holds a model."""
    snapshots = model_folder(cache_folder(), name) / "snapshots"
    return any(any(snapshots.glob(f"*/{marker}")) for marker, _ in MARKERS)


def plan(name: str) -> Fetch:
    """Ask the hub what belongs to a model. Raises HubError, HubUnreachable."""
    model_folder(cache_folder(), name)
    with _explained(name):
        from huggingface_hub import HfApi

        info = HfApi().model_info(name, files_metadata=True)
        listed = {
            sibling.rfilename: RemoteFile(
                sibling.rfilename, sibling.size or 0, sibling.lfs.sha256 if sibling.lfs else None
            )
            for sibling in info.siblings or []
        }
        marker, kind = _marker(name, listed)
        commit = str(info.sha)
        parts = _parts(_read_json(name, marker, commit)) if kind == "painter" else ("",)
    chosen = _chosen(name, listed, parts)
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


def stored() -> Stored:
    """Return what the cache holds."""
    cache = cache_folder()
    found = []
    for folder in sorted(cache.glob("models--*--*")) if cache.is_dir() else []:
        name = folder.name.removeprefix("models--").replace("--", "/", 1)
        if is_hub_name(name):
            parts = any(folder.glob("blobs/*.part")) or any(folder.glob("blobs/*.incomplete"))
            found.append(StoredModel(name, _size(folder), in_cache(name) and not parts))
    return Stored(found, str(cache), free_bytes(cache))


def remove(name: str) -> int:
    """Delete a model from the cache, and return how many bytes are free again. Raises HubError."""
    folder = model_folder(cache_folder(), name)
    if not folder.is_dir():
        raise HubError("models-absent", name=name)
    size = _size(folder)
    try:
        shutil.rmtree(folder)
        shutil.rmtree(folder.parent / ".locks" / folder.name, ignore_errors=True)
    except OSError as error:
        raise HubError("models-unwritable", folder=str(folder), why=error.strerror or str(error)) from error
    return size


def gigabytes(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"


def free_bytes(folder: Path) -> int:
    """Return the free bytes of the disk that a folder is on, or will be."""
    there = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.is_dir())
    return shutil.disk_usage(there).free


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
            with _explained(wanted.name):
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


@contextmanager
def _explained(name: str) -> Iterator[None]:
    """Turn what the library raises into HubError; a broken connection into HubUnreachable."""
    from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled

    try:
        yield
    except HubError:
        raise
    except HfHubHTTPError as error:
        raise _answered(name, error) from error
    except OfflineModeIsEnabled as error:
        raise _unreachable("HF_HUB_OFFLINE is set") from error
    except OSError as error:
        if error.errno is not None and not isinstance(error, ConnectionError | TimeoutError):  # such as a full disk
            raise HubError("models-unwritable", folder=str(cache_folder()), why=error.strerror or "") from error
        raise _unreachable(_first_line(error)) from error
    except Exception as error:
        if not _is_of_http(error):
            raise
        raise _unreachable(_first_line(error)) from error


def _answered(name: str, error: HfHubHTTPError) -> HubError:
    """Return what the hub's refusal means."""
    from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError

    status = error.response.status_code
    if isinstance(error, GatedRepoError) or status == 403:
        return HubError("models-gated", name=name)
    if isinstance(error, RepositoryNotFoundError) or status == 401:  # the same for one that needs a login
        return HubError("models-unknown", name=name)
    return _unreachable(f"HTTP {status}")


def _unreachable(why: str) -> HubUnreachable:
    from huggingface_hub import constants

    return HubUnreachable("models-unreachable", where=constants.ENDPOINT, why=why)


def _is_of_http(error: Exception) -> bool:
    """Tell whether an error is of the library's HTTP client, which has a tree of errors of its own."""
    return type(error).__module__.partition(".")[0] in ("httpx", "httpx2", "httpcore", "httpcore2")


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]


def _size(folder: Path) -> int:
    """Return the bytes of all files below a folder, each once: the cache's folders hold links to its blobs."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
