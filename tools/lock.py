"""`make lock`: writes deploy/*.lock, what the images install: each package at its version, each file with its SHA-256.

    python3 tools/lock.py UV

The versions are those of constraints.txt. Left out of the engine's are torch and what it alone brings for GPUs, whose
builds differ by machine: TORCH_INDEX says which. Standard library alone; the index is asked by uv.
"""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "deploy"
APART = ("torch", "triton", "nvidia-", "cuda-")
"""Names, or how they begin."""
HEADER = "# What the image installs, by `make lock`: pip takes no file whose SHA-256 is not here.\n"


@dataclass(frozen=True)
class Lock:
    """`extras` are Limner's; `requirement` is asked for in its place."""

    extras: tuple[str, ...] = ()
    requirement: str = ""


LOCKS = {
    "build": Lock(requirement="hatchling"),
    "bot": Lock(("charts", "mcp")),
    "engine": Lock(("engine", "lora")),
}


def is_apart(name: str) -> bool:
    """Whether a package goes its own way, as torch does."""
    return any(name == start or (start[-1] == "-" and name.startswith(start)) for start in APART)


def entries(text: str) -> dict[str, str]:
    """Return a lock's entries by their packages' names, each with its hashes."""
    found = re.findall(r"^([\w.-]+)(==(?:.*\\\n)*.*\n)", text, re.MULTILINE)
    return {name: name + rest for name, rest in found}


def compiled(uv: str, lock: Lock) -> str:
    """Return the lock's text, as uv resolves it for each Python and each machine. Raises CalledProcessError."""
    asked = [f"--extra={extra}" for extra in lock.extras]
    command = [uv, "pip", "compile", "-" if lock.requirement else "pyproject.toml", *asked]
    command += ["--constraint=constraints.txt", "--universal", "--python-version=3.11", "--generate-hashes"]
    command += ["--no-header", "--no-annotate", "--quiet", "--no-config"]
    ran = subprocess.run(command, cwd=ROOT, check=True, input=lock.requirement, stdout=subprocess.PIPE, text=True)  # noqa: S603
    return HEADER + "".join(entry for name, entry in entries(ran.stdout).items() if not is_apart(name))


def main(arguments: list[str]) -> int:
    for name, lock in LOCKS.items():
        text = compiled(arguments[0], lock)
        (FOLDER / f"{name}.lock").write_text(text, "utf-8")
        print(f"deploy/{name}.lock: {len(entries(text))} packages")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
