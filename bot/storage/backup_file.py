"""A backup file: a tar of a manifest and a database, so that any tar can open it.

Invariant: a database leaves an archive whole, as its manifest says, or not at all; no name in one becomes a path.
"""

from __future__ import annotations

import hashlib
import io
import tarfile
from pathlib import Path
from typing import IO

import msgspec

FORMAT = 1
MANIFEST, DATABASE = "manifest.json", "limner.sqlite3"
MAX_MANIFEST_BYTES = 64 << 10
CHUNK = 1 << 20


class Manifest(msgspec.Struct, frozen=True):
    """What the archive holds: `sha256` and `size` (bytes) of the database, its version, and who wrote it when."""

    format: int
    limner: str
    made_at: str
    database_version: int
    sealed: bool
    size: int
    sha256: str


class NotABackup(Exception):
    """The file is no backup, was cut short, or does not agree with its manifest."""


class NewerBackup(Exception):
    """The backup has a format that this Limner does not know; `limner` is the version that wrote it."""

    def __init__(self, limner: str) -> None:
        super().__init__(limner)
        self.limner = limner


def digest(path: Path) -> str:
    """Return the file's SHA-256 in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_archive(target: Path, manifest: Manifest, database: Path) -> None:
    """Write a new archive. Raises OSError."""
    body = msgspec.json.format(msgspec.json.encode(manifest)) + b"\n"
    with target.open("xb") as file, tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as archive:
        archive.addfile(_entry(MANIFEST, len(body)), io.BytesIO(body))
        with database.open("rb") as source:
            archive.addfile(_entry(DATABASE, manifest.size), source)


def read_archive(path: Path, target: Path) -> Manifest:
    """Write the archive's database to `target`, checked. Raises NotABackup, NewerBackup or OSError."""
    try:
        with tarfile.open(path, mode="r:") as archive:
            manifest = _manifest(_member(archive, MANIFEST))
            _copy(_member(archive, DATABASE), target, manifest)
    except (tarfile.TarError, EOFError) as error:
        raise NotABackup(str(error)) from error
    return manifest


def _entry(name: str, size: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, 0o600
    return entry


def _member(archive: tarfile.TarFile, name: str) -> IO[bytes]:
    """Return the next member of the archive, which must be a file of this name."""
    found = archive.next()
    whole = found is not None and found.isreg() and not found.issparse()  # a sparse file unpacks to any size
    content = archive.extractfile(found) if found is not None and whole and found.name == name else None
    if content is None:
        raise NotABackup(f"there is no {name} where it belongs")
    return content


def _manifest(content: IO[bytes]) -> Manifest:
    body = content.read(MAX_MANIFEST_BYTES)
    try:
        about = msgspec.json.decode(body, type=dict[str, object])
        if isinstance(found := about.get("format"), int) and found > FORMAT:
            raise NewerBackup(str(about.get("limner", "")))
        return msgspec.convert(about, Manifest)
    except msgspec.MsgspecError as error:
        raise NotABackup(str(error)) from error


def _copy(content: IO[bytes], target: Path, manifest: Manifest) -> None:
    seen, size = hashlib.sha256(), 0
    with target.open("xb") as file:
        while chunk := content.read(CHUNK):
            seen.update(chunk)
            size += len(chunk)
            if size > manifest.size:
                break
            file.write(chunk)
    if (size, seen.hexdigest()) != (manifest.size, manifest.sha256):
        raise NotABackup("its database does not agree with its manifest")
