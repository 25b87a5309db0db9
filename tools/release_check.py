"""Tries the wheel in dist/ as a host without a checkout would: a fresh environment, an empty folder, a picture.

First `limner` alone, which says that it has no engine; then `limner[engine]`, which draws with the starter.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
OWN = ("LIMNER_", "DISCORD_", "ENGINE_", "PLANNER_", "PYTHONPATH", "VIRTUAL_ENV")


def main() -> int:
    (wheel,) = (ROOT / "dist").glob("limner-*.whl")
    with tempfile.TemporaryDirectory(prefix="limner-release-") as folder:
        here, venv = Path(folder) / "empty", Path(folder) / "venv"
        here.mkdir()
        step("a fresh environment", [sys.executable, "-m", "venv", "--without-pip", str(venv)], here)
        install(str(wheel), venv, here)
        limner = str(venv / "bin" / "limner")
        step("limner --version", [limner, "--version"], here)
        told = step("limner run, without an engine", [limner, "run"], here, code=1)
        check("pip install 'limner[engine]'" in told, "it says how to install the engine")
        install(f"{wheel}[engine]", venv, here)
        told = step("limner doctor", [limner, "doctor", "--json"], here, code=None)
        findings = json.loads(told[told.index("{") :])
        check(not re.search(r"\bmake (setup|run|clean)\b", told), "no sentence speaks of make")
        failed = [each for each in findings["checks"] if each["verdict"] == "fails"]
        check(not failed, f"nothing fails: {failed}")
        step("limner imagine", [limner, "imagine", "a red boat on a lake", "--out", "boat.png", "--json"], here)
        check((here / "boat.png").read_bytes().startswith(b"\x89PNG"), "there is a picture")
    print("The wheel stands alone.")
    return 0


def install(what: str, venv: Path, here: Path) -> None:
    pip = [sys.executable, "-m", "pip", "--python", str(venv / "bin" / "python"), "--disable-pip-version-check"]
    constraints = ["--constraint", str(ROOT / "constraints.txt")]
    step(f"pip install {Path(what).name}", [*pip, "install", "--quiet", *constraints, what], here)


def step(name: str, command: list[str], here: Path, *, code: int | None = 0) -> str:
    """Run a command in the empty folder; return what it prints. Ends where it does not end as it should."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(OWN)}
    print(f"- {name} …", end=" ", flush=True)
    began = time.monotonic()
    done = subprocess.run(command, cwd=here, env=environment, check=False, capture_output=True, text=True)  # noqa: S603
    print(f"{time.monotonic() - began:.1f} s", flush=True)
    told = done.stdout + done.stderr
    check(code is None or done.returncode == code, f"{name}: exit code {done.returncode}\n{told}")
    check("Traceback" not in told, told)
    return told


def check(holds: bool, what: str) -> None:
    if not holds:
        sys.exit(f"The release is not right: {what}")


if __name__ == "__main__":
    sys.exit(main())
