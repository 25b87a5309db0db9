"""The published sets that the gallery is made of: fetched by the npm client, or named as a folder; checked by hash.

Nothing of them is kept in this repository: a gallery is made on the machine that trains, from the sets as published.
"""

import base64
import hashlib
import logging
import shutil
import subprocess
import tarfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from training.runtime.atomic_files import write_whole

TOLD_EVERY_S: Final = 8.0
"""While npm fetches, which says nothing itself."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Source:
    """One published package, at one version."""

    name: str
    """What `--from NAME=FOLDER` calls it."""

    package: str
    version: str
    sha512: str
    """Of the package's archive, base64, as npm publishes it."""

    license: str
    work_of: str
    files: tuple[str, ...]
    """What is read of it: a folder that lacks one is not this set."""

    @property
    def pinned(self) -> str:
        return f"{self.package}@{self.version}"


class SourceError(Exception):
    """A set could not be had or is not what it should be; the message says what to do."""


DRAWINGS: Final = Source(
    "drawings", "@iconify-json/fluent-emoji-flat", "1.2.6",
    "RY47RgPb47fYUiyrA64sIOL0+UU02s29sXpNBbIQRBUlPlfNFTKUmZDERGuxDs/7yNGWqQYvuaSYM1M4fRXlUw==",
    "MIT", "Fluent Emoji Flat, Microsoft Corporation", ("icons.json", "chars.json"),
)  # fmt: skip
NAMES: Final = Source(
    "names", "emojibase-data", "17.0.0",
    "Yvgb5AWoHViHV/gq1qr5ZAarcBip+B27/ZLRsUJkbgAEaLlZ/fof9g882LTpmEpyhBNEC0m2SEmItljHsTygjA==",
    "MIT", "emojibase, Miles Johnson; its names from Unicode CLDR", ("en/data.json", "zh/data.json"),
)  # fmt: skip


def files_of(source: Source, home: Path, folder: Path | None = None) -> Path:
    """The folder with a source's files: the named one, else `home`'s copy, fetched and checked the first time."""
    if folder is not None:
        return _checked(source, folder)
    kept = home / "sources" / f"{source.name}-{source.version}"
    if not kept.exists():
        write_whole(kept, lambda unfinished: _fetch(source, unfinished))
    return _checked(source, kept)


def _checked(source: Source, folder: Path) -> Path:
    missing = [name for name in source.files if not (folder / name).is_file()]
    if missing:
        raise SourceError(f"{folder} is not {source.pinned}: it has no {missing[0]}")
    return folder


def _fetch(source: Source, folder: Path) -> None:
    """Have npm bring the package's archive, check it and unpack it."""
    folder.mkdir(parents=True)
    npm = shutil.which("npm")
    if npm is None:
        raise SourceError(
            f"npm is not installed: install it, or unpack {source.pinned} yourself and name its folder with "
            f"--from {source.name}=FOLDER"
        )
    command = [npm, "pack", source.pinned, "--pack-destination", str(folder)]
    began = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as packing:  # noqa: S603 - fixed arguments
        while True:
            with suppress(subprocess.TimeoutExpired):
                _, complaint = packing.communicate(timeout=TOLD_EVERY_S)
                break
            _log.info("npm fetches %s: %d s", source.pinned, time.monotonic() - began)
    archives = list(folder.glob("*.tgz"))
    if packing.returncode or len(archives) != 1:
        said = complaint.strip().splitlines()
        raise SourceError(f"npm could not fetch {source.pinned}: {said[-1] if said else 'it gave no reason'}")
    unpack(source, archives[0], folder)
    archives[0].unlink()


def unpack(source: Source, archive: Path, folder: Path) -> None:
    """Unpack a package's archive into a folder; SourceError where it is not the one that was published."""
    digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if digest != source.sha512:
        raise SourceError(f"what came for {source.pinned} is another file: its SHA-512 is {digest}")
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    for entry in (folder / "package").iterdir():
        entry.rename(folder / entry.name)
    (folder / "package").rmdir()
