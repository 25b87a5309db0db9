"""How soon the engine with the starter is ready, beside a program that loads the same models by the libraries alone."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.host_memory import host_memory
from bench.result import Result
from bench.studio import alternate
from engine.models.source import STARTER
from harness.processes import ROOT, environment, until

LIMIT_S = 5.0
"""On two quiet cores."""
PLAIN = """
import sys
from diffusers import AutoPipelineForText2Image
from transformers import AutoModelForCausalLM, AutoTokenizer
AutoPipelineForText2Image.from_pretrained(f"{sys.argv[1]}/painter", use_safetensors=True)
AutoTokenizer.from_pretrained(f"{sys.argv[1]}/planner")
AutoModelForCausalLM.from_pretrained(f"{sys.argv[1]}/planner", use_safetensors=True)
"""


def start(repeats: int) -> list[Result]:
    """Measure both, by turns, after one start of each that is not counted."""
    _engine_seconds(0)
    _plain_seconds(0)
    ours, plain = alternate(repeats, _engine_seconds, _plain_seconds)
    return [Result("engine: ready with the starter", "s", ours, plain, "the libraries alone", LIMIT_S), *host_memory(1)]


def _engine_seconds(_: int) -> float:
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        began = time.monotonic()
        with log.open("w") as stderr:
            process = subprocess.Popen(
                [sys.executable, "-m", "engine"], cwd=folder, env=environment(Path(folder) / "home"), stderr=stderr
            )
        try:
            until(lambda: "models.ready" in log.read_text(), "the models")
            return time.monotonic() - began
        finally:
            process.kill()
            process.wait()


def _plain_seconds(_: int) -> float:
    began = time.monotonic()
    command = [sys.executable, "-c", PLAIN, str(STARTER)]
    subprocess.run(command, check=True, capture_output=True, cwd=ROOT, env=environment(ROOT))
    return time.monotonic() - began
