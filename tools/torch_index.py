"""Chooses where pip takes torch from: without a GPU the index of its builds for CPUs, where that answers.

TORCH_INDEX names another, TORCH_CPU_INDEX another for CPUs. Invariant: no question takes longer than its seconds.
"""

from __future__ import annotations

import http.client
import re
import ssl
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

CPU_INDEX = "https://download.pytorch.org/whl/cpu"
"""Torch's own index of builds for CPUs."""
ANSWER_S, GIVEN_S = 5.0, 8.0
"""So long is waited for torch's own index, and for one that was named: pip would wait for minutes, for each package."""


@dataclass(frozen=True)
class Index:
    """Where torch comes from: an index beside pip's own, or "" for pip's own alone; and why."""

    url: str
    kind: str
    why: str


def choose_index(environment: Mapping[str, str]) -> Index:
    """Return the index that TORCH_INDEX names, else the CPU one where there is no GPU and it answers in ANSWER_S."""
    if given := environment.get("TORCH_INDEX", ""):
        return Index(given, "given", f"torch from {shown(given)} (TORCH_INDEX)")
    if sys.platform == "darwin":
        return Index("", "cpu", "torch for macOS, from pip's usual index")
    if has_gpu():
        return Index("", "cuda", "an NVIDIA GPU is here: torch for CUDA, from pip's usual index")
    url = (environment.get("TORCH_CPU_INDEX") or CPU_INDEX).rstrip("/")
    if answers(f"{url}/torch/", ANSWER_S):
        return Index(url, "cpu", f"no NVIDIA GPU here: torch for CPUs, from {url}")
    return Index("", "cuda", f"no NVIDIA GPU here, but {url} does not answer: torch for CUDA, which also runs on CPUs")


def has_gpu() -> bool:
    """Whether NVIDIA's driver lists a GPU."""
    if Path("/proc/driver/nvidia/version").exists():
        return True
    try:
        listed = subprocess.run(["nvidia-smi", "-L"], check=False, capture_output=True, timeout=10)  # noqa: S607
    except (OSError, subprocess.TimeoutExpired):
        return False
    return listed.returncode == 0 and b"GPU" in listed.stdout


def answers(url: str, within_s: float) -> bool:
    """Whether a page is there within the time, a slow look-up of its name included."""
    return _ask(url, within_s) == 200


def out_of_reach(url: str, within_s: float) -> bool:
    """Whether nothing answers there within the time; what answers is judged by pip, which has keys and certificates."""
    return url.startswith(("http://", "https://")) and _ask(shown(url), within_s) is None


def shown(url: str) -> str:
    """Return the address without the name and the password that it may hold."""
    return re.sub(r"//[^/@]*@", "//", url)


def _ask(url: str, within_s: float) -> int | None:
    """Return the HTTP status, 0 for an answer without one, None where nothing answers in time."""
    found: list[int] = []

    def ask() -> None:
        try:
            with urllib.request.urlopen(url, timeout=within_s) as answer:  # noqa: S310 - http or https
                found.append(answer.status)
        except urllib.error.HTTPError as error:
            found.append(error.code)
        except urllib.error.URLError as error:
            if isinstance(error.reason, ssl.SSLError):
                found.append(0)
        except (OSError, ValueError, http.client.HTTPException):
            pass

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(within_s)
    return found[0] if found else None
