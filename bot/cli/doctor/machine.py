"""Checks this machine: Python, packages, the clock, the disk, the picture decoder's jail."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import bot
from bot.cli.doctor.finding import Finding, fails, gigabytes, ok, warning
from bot.cli.doctor.inputs import Inputs
from bot.workers import jail

OLDEST_PYTHON = (3, 11, 0)
SKEW_S, MUCH_SKEW_S = 5.0, 60.0
LITTLE_BYTES, TOO_LITTLE_BYTES = 2_000_000_000, 200_000_000
SHOWN = 5


def check_python(inputs: Inputs) -> Iterator[Finding]:
    version = ".".join(map(str, inputs.probes.python))
    yield (ok if inputs.probes.python >= OLDEST_PYTHON else fails)("doctor-python", version=version)


def check_packages(inputs: Inputs) -> Iterator[Finding]:
    """Compare with what the tests passed with; the engine's packages count where the engine is ours."""
    pins = _pins()
    needed = sorted(_needed(engine=inputs.owns_engine))
    installed = {name: inputs.probes.version_of(name) for name in needed}
    absent = [name for name, version in installed.items() if version is None]
    other = [
        f"{name} {version} ({pins[name]})"
        for name, version in installed.items()
        if version and name in pins and version.partition("+")[0] != pins[name]
    ]
    if absent:
        yield fails("doctor-packages-absent", names=", ".join(absent[:SHOWN]), count=len(absent))
    if other:
        yield warning("doctor-packages-other", names=", ".join(other[:SHOWN]), count=len(other))
    if not absent and not other:
        yield ok("doctor-packages" if pins else "doctor-packages-here", count=len(installed))


def check_clock(inputs: Inputs) -> Iterator[Finding]:
    """Ask Discord's Date header where there is one; else Limner's own files, which cannot be from the future."""
    now, discord_now = inputs.probes.now(), inputs.discord.date
    if discord_now is not None:
        skew = round(abs(now - discord_now))
        verdict = fails if skew > MUCH_SKEW_S else warning if skew > SKEW_S else ok
        yield verdict("doctor-clock-skew", seconds=skew)
    elif now < Path(bot.__file__).stat().st_mtime - MUCH_SKEW_S:
        yield fails("doctor-clock-past")
    else:
        yield ok("doctor-clock")


def check_disk(inputs: Inputs) -> Iterator[Finding]:
    home = inputs.settings.home.absolute()
    folder = next(path for path in (home, *home.parents) if path.is_dir())
    try:
        free = inputs.probes.free_bytes(folder)
    except OSError as error:
        yield fails("doctor-disk-unknown", home=str(home), why=error.strerror or str(error))
        return
    verdict = fails if free < TOO_LITTLE_BYTES else warning if free < LITTLE_BYTES else ok
    yield verdict("doctor-disk", home=str(home), free=gigabytes(free))


def check_jail(inputs: Inputs) -> Iterator[Finding]:
    """Have a process of its own try what the picture decoder shuts itself in with."""
    lacking = inputs.probes.output(sys.executable, "-P", jail.__file__)
    if lacking is None:
        yield warning("doctor-jail-untried")
    elif lacking.strip():
        yield warning("doctor-jail-lacking", lacks=", ".join(lacking.split()))
    else:
        yield ok("doctor-jail")


def _pins() -> dict[str, str]:
    """Return the versions of constraints.txt; nothing where Limner was installed without it."""
    try:
        lines = (Path(bot.__file__).parents[1] / "constraints.txt").read_text("utf-8").splitlines()
    except OSError:
        return {}
    return {_normal(name): version for name, equal, version in (line.partition("==") for line in lines) if equal}


def _needed(*, engine: bool) -> Iterator[str]:
    """Yield the names of the packages that Limner itself asks for."""
    try:
        requirements = metadata.requires("limner") or []
    except metadata.PackageNotFoundError:
        yield "limner"
        return
    for line in requirements:
        extra = re.search(r"extra\s*==\s*['\"]([\w-]+)['\"]", line)
        if extra is None or (engine and extra[1] == "engine"):
            yield _normal(re.split(r"[^\w.-]", line)[0])


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
