"""Asks the Hugging Face hub which files of a repository belong to a model, and how large they are.

Invariants: only safetensors and text files are listed, never code or pickles; the file that makes a folder count as a
model is the last.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.api.model_store import Kind
from engine.models.hub_cache import MARKERS, cache_folder, free_bytes, model_folder
from engine.models.hub_errors import HubError, explained

TEXT_SUFFIXES = (".json", ".txt", ".model", ".jinja")
WEIGHTS = re.compile(r"(?:diffusion_pytorch_)?model(?:-\d{5}-of-\d{5})?\.safetensors")
PICKLES = (".bin", ".pt", ".pth", ".ckpt")
MAX_MARKER_BYTES = 1 << 20


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
