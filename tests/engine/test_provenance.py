"""What a picture's file says of how it was made, read back with Pillow."""

from __future__ import annotations

import json
from typing import Any

import pytest
from PIL import Image

from engine.jobs.requests import Painting
from engine.painting.picture_writer import _chunks
from engine.painting.provenance import describe, version
from tests.engine.pictures import file, opened

FOX = Painting("a fox", 512, 448, steps=12, seeds=(7, 8), guidance=2.5)


def written(work: Painting, model: str = "tiny") -> tuple[dict[str, str], bytes]:
    data = file(Image.new("RGB", (8, 8)), pnginfo=_chunks(describe(work, 7, model, "Euler")))
    return opened(data).text, data  # type: ignore[attr-defined]


def changed(**fields: Any) -> Painting:
    return Painting(**{"prompt": "a fox", "width": 64, "height": 64, "steps": 4, "seeds": (7,), **fields})


def test_both_forms_tell_the_same() -> None:
    text, _ = written(FOX)
    assert text["parameters"] == (
        f"a fox\nSteps: 12, Sampler: Euler, CFG scale: 2.5, Seed: 7, Size: 512x448, Model: tiny, "
        f"Version: Limner {version()}"
    )
    assert json.loads(text["limner"]) == {
        "prompt": "a fox",
        "seed": 7,
        "num_inference_steps": 12,
        "guidance_scale": 2.5,
        "size": "512x448",
        "model": "tiny",
        "sampler": "Euler",
        "version": version(),
    }
    assert version()[0].isdigit()


def test_what_is_to_be_avoided_and_a_start_image_are_told() -> None:
    text, _ = written(changed(negative="blur", strength=0.6, skipped=2))
    assert text["parameters"].startswith("a fox\nNegative prompt: blur\nSteps: 4, Sampler: Euler, Seed: 7, ")
    assert "Model: tiny, Denoising strength: 0.6, Version: Limner " in text["parameters"]
    facts = json.loads(text["limner"])
    assert (facts["negative_prompt"], facts["strength"]) == ("blur", 0.6)


@pytest.mark.parametrize(
    ("prompt", "chunk"), [("a fox", b"tEXtparameters"), ("déjà vu", b"tEXtparameters"), ("狐狸 🦊", b"iTXtparameters")]
)
def test_every_script_comes_back(prompt: str, chunk: bytes) -> None:
    text, data = written(changed(prompt=prompt))
    assert chunk in data
    assert text["parameters"].splitlines()[0] == prompt
    assert json.loads(text["limner"])["prompt"] == prompt


def test_odd_text_breaks_neither_form() -> None:
    text, _ = written(changed(prompt="two\nlines\0and more", negative="a\0b"), model="odd, name: x")
    assert text["parameters"].splitlines()[:3] == ["two", "lines and more", "Negative prompt: a b"]
    assert 'Model: "odd, name: x", Version' in text["parameters"]
    assert json.loads(text["limner"])["prompt"] == "two\nlines\0and more"


def test_the_same_picture_gives_the_same_bytes() -> None:
    assert written(FOX)[1] == written(FOX)[1] != written(changed(prompt="a hen"))[1]
