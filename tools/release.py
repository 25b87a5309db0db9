"""Makes a release in dist/: wheel, sdist, SHA-256 sums, the version's section of the changelog, a bill of materials.

Run by `make release` in an environment that has hatchling, beside a `.venv` that has the packages whose licences the
bill tells. `constraints.txt` goes along: with it, pip takes the versions that the tests passed with. The same checkout
gives the same files, byte for byte.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).parents[1]
DIST = ROOT / "dist"


def main() -> int:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    shutil.rmtree(DIST, ignore_errors=True)
    build()
    (DIST / "NOTES.md").write_text(notes(project["version"]), "utf-8")
    (DIST / "sbom.cdx.json").write_text(json.dumps(bill(project), indent=2) + "\n", "utf-8")
    shutil.copy(ROOT / "constraints.txt", DIST)
    files = sorted(DIST.iterdir())
    sums = "".join(f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in files)
    (DIST / "SHA256SUMS").write_text(sums)
    for file in [*files, DIST / "SHA256SUMS"]:
        print(f"{file.stat().st_size / 1e6:8.2f} MB  {file.relative_to(ROOT)}")
    return 0


def build() -> None:
    """Build wheel and sdist; their times are those of the last commit, where there is one."""
    told = subprocess.run(["git", "log", "-1", "--format=%ct"], cwd=ROOT, check=False, capture_output=True, text=True)  # noqa: S607
    environment = dict(os.environ)
    if told.returncode == 0 and told.stdout.strip():
        environment["SOURCE_DATE_EPOCH"] = told.stdout.strip()
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(DIST)]
    subprocess.run(command, cwd=ROOT, check=True, env=environment)  # noqa: S603


def notes(version: str) -> str:
    """Return what the changelog says of this version; of one that is not out yet, what stands under Unreleased."""
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    sections = dict(re.findall(r"^## \[?([\w.-]+)\]?[^\n]*\n(.*?)(?=^## |\Z)", text, flags=re.MULTILINE | re.DOTALL))
    return str(sections.get(version) or sections.get("Unreleased", "")).strip() + "\n"


def bill(project: dict[str, object]) -> dict[str, object]:
    """Return a bill of materials (CycloneDX 1.6): all packages of constraints.txt, each with its licence if known."""
    pins = re.findall(r"^([\w.-]+)==(\S+)$", (ROOT / "constraints.txt").read_text("utf-8"), re.MULTILINE)
    component = {
        "type": "application",
        "name": "limner",
        "version": project["version"],
        "licenses": _licence(str(project["license"])),
    }
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": component},
        "components": [
            {
                "type": "library",
                "name": name,
                "version": version,
                "purl": f"pkg:pypi/{re.sub(r'[-_.]+', '-', name).lower()}@{version}",
                **_known(name),
            }
            for name, version in pins
        ],
    }


def _known(name: str) -> dict[str, object]:
    """Return the licence of a package that is installed beside Limner in .venv."""
    places = [str(place) for place in (ROOT / ".venv").glob("lib/python*/site-packages")]
    for found in metadata.distributions(name=name, path=places):
        about = found.metadata
        classified = [line.rpartition(" :: ")[2] for line in about.get_all("Classifier") or [] if "License ::" in line]
        told = [*(about.get_all("License-Expression") or []), *classified, *(about.get_all("License") or []), ""][0]
        if told := told.strip().partition("\n")[0][:100]:
            return {"licenses": _licence(told)}
    return {}


def _licence(told: str) -> list[dict[str, object]]:
    """Return a licence as CycloneDX has it: an SPDX expression where it is one, else a name."""
    is_expression = re.fullmatch(r"[A-Za-z0-9.+()-]+( (AND|OR|WITH) [A-Za-z0-9.+()-]+)*", told)
    return [{"expression": told}] if is_expression else [{"license": {"name": told}}]


if __name__ == "__main__":
    sys.exit(main())
