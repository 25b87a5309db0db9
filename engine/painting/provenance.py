"""Provenance: how a picture was made, as two texts within its file, one for people's tools and one for programs.

Invariant: who asked is never written, and the same picture made in the same way gives the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib import metadata

from engine.jobs.requests import Painting

Fact = str | int | float | dict[str, float] | None
PARAMETERS = "parameters"


@cache
def version() -> str:
    """Return Limner's version."""
    try:
        return metadata.version("limner")
    except metadata.PackageNotFoundError:  # run from a folder that was never installed
        return "unknown"


def describe(work: Painting, seed: int, model: str, sampler: str) -> dict[str, str]:
    """Return two texts by name for the picture with this seed.

    `parameters` has the form that AUTOMATIC1111's web UI writes and most tools read; `limner` is one JSON object.
    """
    facts = json.dumps(_facts(work, seed, model, sampler), ensure_ascii=False)
    return {PARAMETERS: _parameters(work, seed, model, sampler), "limner": facts}


def describe_upscaled(work: Painting, upscaler: str) -> dict[str, str]:
    """Return the same of a picture that was enlarged: the words and the seed are those of the picture before."""
    facts = {
        "prompt": work.prompt,
        "negative_prompt": work.negative,
        "seed": work.seeds[0],
        "size": work.size,
        "upscaler": upscaler,
        "upscale": work.upscale,
        "version": version(),
    }
    dials: dict[str, Fact] = {
        "Seed": work.seeds[0],
        "Size": work.size,
        "Postprocess upscale by": work.upscale,
        "Postprocess upscaler": upscaler,
        "Version": f"Limner {version()}",
    }
    known = {name: fact for name, fact in facts.items() if fact is not None}
    return {PARAMETERS: _lines(work, work.prompt, dials), "limner": json.dumps(known, ensure_ascii=False)}


def _facts(work: Painting, seed: int, model: str, sampler: str) -> dict[str, Fact]:
    facts: dict[str, Fact] = {
        "prompt": work.prompt,
        "negative_prompt": work.negative,
        "seed": seed,
        "num_inference_steps": work.steps,
        "guidance_scale": work.guidance,
        "size": work.size,
        "model": model,
        "sampler": sampler,
        "strength": work.strength,
        "loras": dict(work.loras) or None,
        "version": version(),
    }
    return {name: fact for name, fact in facts.items() if fact is not None}


def _parameters(work: Painting, seed: int, model: str, sampler: str) -> str:
    dials: dict[str, Fact] = {
        "Steps": work.steps,
        "Sampler": sampler,
        "CFG scale": work.guidance,
        "Seed": seed,
        "Size": work.size,
        "Model": model,
        "Denoising strength": work.strength,
        "Version": f"Limner {version()}",
    }
    loras = [f"<lora:{name}:{weight:g}>" for name, weight in work.loras]
    return _lines(work, " ".join([work.prompt, *loras]), dials)


def _lines(work: Painting, prompt: str, dials: Mapping[str, Fact]) -> str:
    last = ", ".join(f"{name}: {_quoted(value)}" for name, value in dials.items() if value is not None)
    negative = [f"Negative prompt: {_plain(work.negative)}"] if work.negative else []
    return "\n".join([_plain(prompt), *negative, last])


def _plain(text: str) -> str:
    """NUL ends a PNG's text."""
    return text.replace("\0", " ")


def _quoted(value: Fact) -> str:
    """Values that hold the line's own separators are quoted as JSON, as the web UI does it."""
    text = _plain(str(value))
    return json.dumps(text, ensure_ascii=False) if any(mark in text for mark in ",:\n") else text
