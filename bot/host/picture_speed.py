"""How long a picture takes on this machine without a GPU, measured once by `python -m engine.picture_speed` and kept.

Invariant: nothing is measured unless a host asks; what was measured with other cores or another torch is not used.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from bot.host.engine_process import SECRETS
from engine.api.host_memory import cores

FILE = Path("cache") / "picture_speed.json"
MEASURE_S = 300.0
"""A machine that takes longer for two forwards is too slow for it."""


def known_seconds(home: Path) -> float | None:
    """Return what was measured on this machine; None where nothing was."""
    try:
        kept = json.loads((home / FILE).read_bytes())
        return float(kept["seconds"]) if kept["machine"] == _machine() else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


async def measure_seconds(home: Path) -> float | None:
    """Measure, and keep the result; None where it cannot be measured, as where memory runs out."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "engine.picture_speed",
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        env={**os.environ, **dict.fromkeys(SECRETS, "")},
    )  # fmt: skip
    try:
        output, _ = await asyncio.wait_for(process.communicate(), MEASURE_S)
        seconds = seconds_in(output)
    except (TimeoutError, ValueError, KeyError, IndexError):
        return None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    try:
        (home / FILE).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        (home / FILE).write_text(json.dumps({"seconds": seconds, "machine": _machine()}))
    except OSError:
        pass  # measured again the next time
    return seconds


def seconds_in(output: bytes) -> float:
    """Return what the process says in its last line; lines of a log may stand before it. Raises ValueError."""
    return float(json.loads(output.splitlines()[-1])["seconds"])


def _machine() -> str:
    try:
        torch = version("torch")
    except PackageNotFoundError:
        torch = ""
    return f"{cores()} cores, torch {torch}"
