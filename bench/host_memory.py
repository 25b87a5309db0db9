"""How much of the host's memory a painter's weights take on their way to a device, beside loading them and then moving.

The device is `meta`, which keeps nothing; the files are of another dtype than the model, and several a part.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from bench.result import Result
from bench.studio import alternate
from harness.processes import ROOT, environment


def host_memory(repeats: int) -> list[Result]:
    """Measure both, each in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        _run("save", folder)
        ours, plain = alternate(
            repeats, lambda _: float(_run("straight", folder)), lambda _: float(_run("through", folder))
        )
    return [
        Result(
            "engine: the host's memory for a painter of 147 MB bound for a GPU", "MB", ours, plain, "loaded, then moved"
        )
    ]


def _run(way: str, folder: str) -> str:
    command = [sys.executable, "-m", "bench.host_memory", way, folder]
    return subprocess.run(
        command, check=True, capture_output=True, text=True, cwd=ROOT, env=environment(Path(folder) / "home")
    ).stdout


def _save(folder: Path) -> None:
    from transformers import Qwen3Config, Qwen3ForCausalLM

    from harness import tiny_pipelines as tiny

    larger = {"hidden_size": 512, "intermediate_size": 1024, "num_attention_heads": 8, "head_dim": 64}
    pipeline = tiny.klein()
    pipeline.text_encoder = Qwen3ForCausalLM(Qwen3Config(**tiny.qwen_config(layers=28).to_dict() | larger))
    pipeline.save_pretrained(folder, max_shard_size="40MB")


def _load(folder: Path, way: str) -> float:
    """Load a painter; return the megabytes of memory of its own that the process then has more, before it is moved."""
    import torch
    from diffusers import Flux2KleinPipeline  # noqa: F401, imports count for nothing
    from diffusers.pipelines import pipeline_utils

    from engine.models.device import Device
    from engine.models.pipeline_class import load_pipeline
    from engine.models.placement import straight_to
    from engine.models.source import Source

    pipeline_utils.SUPPORTED_DEVICE_MAP.append("meta")
    before = _own_megabytes()
    straight = straight_to(Device("meta", torch.bfloat16)) if way == "straight" else {}
    pipeline = load_pipeline(Source(str(folder), "", local=True), torch.bfloat16, straight=straight)
    used = _own_megabytes() - before
    pipeline.to("meta")
    return used


def _own_megabytes() -> float:
    lines = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(lines["RssAnon"].split()[0]) / 1000


if __name__ == "__main__":
    if sys.argv[1] == "save":
        _save(Path(sys.argv[2]))
    else:
        print(_load(Path(sys.argv[2]), sys.argv[1]))
