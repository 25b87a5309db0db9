"""Says which package pip unpacks now and how far it is, by looking for the files of its wheel in site-packages.

Pip itself says nothing while it unpacks, for minutes where torch is among the packages. Nothing here changes anything;
what pip renames or removes meanwhile counts as not there.
"""

from __future__ import annotations

import bisect
import re
import subprocess
import zipfile
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

ASKED_S = 10.0
"""So long an interpreter has to say where its packages are."""
SITE_PACKAGES = "import sysconfig; print(sysconfig.get_path('purelib'))"


@dataclass(frozen=True)
class Wheel:
    """The files that one wheel puts into site-packages, by their paths there, in pip's order, and the bytes of each."""

    name: str
    files: dict[str, int]

    @property
    def size(self) -> int:
        return sum(self.files.values())


class Unpacking:
    """Follows pip from `Installing collected packages: …` on, which names the packages in the order of the work."""

    def __init__(self, names: Sequence[str], wheels: Iterable[Path], places: Sequence[Path]) -> None:
        read = (_read(path) for path in wheels)
        self._wheels = {wheel.name: wheel for wheel in read if wheel}
        self._names = [normalized(name) for name in names]
        self._places = places
        self._next = 0

    @property
    def total(self) -> int:
        """Bytes of all wheels that are at hand; of a package without one, nothing is known."""
        return sum(self._wheels[name].size for name in self._names if name in self._wheels)

    def look(self) -> tuple[str, int]:
        """Return what pip is at, and how many bytes of `total` are in place."""
        while self._next < len(self._names) - 1 and self._is_done(self._names[self._next]):
            self._next += 1
        name = self._names[self._next]
        before = sum(self._wheels[one].size for one in self._names[: self._next] if one in self._wheels)
        wheel = self._wheels.get(name)
        here = self._bytes_of(wheel) if wheel else 0
        what = "compiling" if wheel and here == wheel.size else "unpacking"
        return f"{what} {name} ({self._next + 1} of {len(self._names)})", before + here

    def _is_done(self, name: str) -> bool:
        """Whether pip has written who installed the package, which it does last; one without a wheel is not watched."""
        wheel = self._wheels.get(name)
        if wheel is None:
            return True
        tops = (path.partition("/")[0] for path in wheel.files)
        info = next((top for top in tops if top.endswith(".dist-info")), "")
        return any((place / info / "INSTALLER").exists() for place in self._places)

    def _bytes_of(self, wheel: Wheel) -> int:
        """Return how much of a wheel is in place: the files before the first one that is missing."""
        paths = list(wheel.files)
        count = bisect.bisect_left(
            range(len(paths)), True, key=lambda at: not any((place / paths[at]).exists() for place in self._places)
        )
        return sum(wheel.files[path] for path in paths[:count])


def normalized(name: str) -> str:
    """Return a package's name as all spellings of it are compared."""
    return re.sub(r"[-_.]+", "-", name.strip()).lower()


def places_of(command: Sequence[str], folder: Path) -> list[Path]:
    """Return where this pip command unpacks: below its temporary `folder` with --target, else with the interpreter."""
    if "--target" in command:
        return [path / "lib" / "python" for path in folder.glob("pip-target-*")]
    python = command[command.index("--python") + 1] if "--python" in command else command[0]
    with suppress(OSError, subprocess.SubprocessError):
        asked = subprocess.run(  # noqa: S603 - make's own
            [python, "-c", SITE_PACKAGES], capture_output=True, text=True, timeout=ASKED_S, check=True
        )
        return [Path(asked.stdout.strip())]
    return []


def _read(path: Path) -> Wheel | None:
    """Return what is in a wheel; None for a file that is none, or is gone."""
    try:
        with zipfile.ZipFile(path) as archive:
            inside = [file for file in archive.infolist() if not file.is_dir()]
    except (OSError, zipfile.BadZipFile):
        return None
    plain = [file for file in inside if not file.filename.partition("/")[0].endswith(".data")]
    return Wheel(normalized(path.name.partition("-")[0]), {file.filename: file.file_size for file in plain})
