"""What previews show, with real pipeline classes: beside the picture of the same latents, and beside noise."""

from __future__ import annotations

import io
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from engine.api.messages import ImageRequest, PartialImage
from engine.models.device import Device
from engine.models.source import Source, read_source
from engine.painting.latent_colors import Projection
from engine.painting.latents import vae_latents
from engine.painting.painter import Painter
from engine.painting.previews import SIDE
from engine.painting.tiny_autoencoder import TinyDecoder
from harness import tiny_pipelines as tiny
from tests.engine.test_families import Listener

Pixels = np.ndarray[Any, Any]


@pytest.fixture(scope="module", autouse=True)
def no_gradients() -> None:
    torch.set_grad_enabled(False)


def load(folder: Path) -> Painter:
    return Painter.load(Source(str(folder), "", local=True), Device("cpu", torch.float32))


@pytest.fixture(params=[*tiny.FAMILIES, *tiny.MORE])
def painter(request: pytest.FixtureRequest, tmp_path: Path) -> Painter:
    painter = load(tiny.save_painter(tmp_path / request.param, request.param))
    painter.spec = replace(painter.spec, smallest=painter.spec.multiple)  # they are thought larger than they are
    return painter


def unit_of(painter: Painter) -> int:
    """Return a third of the width and half of the height to paint; tiny Z-Image knows 32 places in a row."""
    return (8 if painter.spec.name == "zimage" else 16) * painter.spec.multiple


def smooth(shape: tuple[int, ...]) -> torch.Tensor:
    """Return latents with areas, of a variance of about 1, as trained models have them."""
    number = torch.Generator().manual_seed(5)
    coarse = torch.randn(1, shape[-3], 6, 8, generator=number)
    return torch.nn.functional.interpolate(coarse, shape[-2:], mode="bicubic").reshape(shape)


def as_if_trained(painter: Painter, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let painting begin with the finished latents, and the denoiser find nothing to take away.

    The latents of a model with random weights are noise of any size, and no preview could be judged by them.
    """
    pipeline = painter.pipelines.text_to_image
    size = float(getattr(pipeline.scheduler, "init_noise_sigma", 1.0))
    module = sys.modules[type(pipeline).__module__]
    monkeypatch.setattr(module, "randn_tensor", lambda shape, **_: smooth(tuple(shape)) / size)
    denoiser = getattr(pipeline, "unet", None) or pipeline.transformer
    forward = denoiser.forward

    def nothing(*arguments: Any, **named: Any) -> Any:
        found = forward(*arguments, **named)[0]
        return ([one * 0 for one in found] if isinstance(found, list) else found * 0,)

    monkeypatch.setattr(denoiser, "forward", nothing)


def previews(painter: Painter, size: str) -> tuple[list[Image.Image], Image.Image]:
    heard = Listener()
    request = ImageRequest("a red fox", size=size, seed=7, num_inference_steps=6, guidance_scale=1.0, partial_images=2)
    painter.paint(painter.spec.plan(request, 0), heard)
    files = [event.b64_json for event in heard.events if isinstance(event, PartialImage)]
    return [Image.open(io.BytesIO(file)) for file in files], Image.open(io.BytesIO(heard.pictures[0]))


def coarse(picture: Image.Image) -> Pixels:
    return np.asarray(picture.convert("RGB").resize((12, 8), Image.Resampling.BOX)).astype(float)


def likeness(one: Pixels, other: Pixels) -> float:
    """Return how what differs within one picture (height, width, 3) goes along with what differs in the other."""
    return float(np.corrcoef((one - one.mean((0, 1))).ravel(), (other - other.mean((0, 1))).ravel())[0, 1])


def test_a_family_s_previews_resemble_the_picture(painter: Painter, monkeypatch: pytest.MonkeyPatch) -> None:
    as_if_trained(painter, monkeypatch)
    unit = unit_of(painter)
    shown, picture = previews(painter, f"{3 * unit}x{2 * unit}")
    noise = np.random.default_rng(0).integers(0, 256, (8, 12, 3)).astype(float)
    turned = coarse(picture)[::-1, ::-1]
    assert [preview.size for preview in shown] == [(SIDE, round(SIDE * 2 / 3))] * 2
    for preview in shown:
        close = likeness(coarse(preview), coarse(picture))
        assert close > 0.2, "an autoencoder of random weights, which no linear map can follow all the way"
        assert close > likeness(noise, coarse(picture)) + 0.15
        assert close > likeness(coarse(preview), turned) + 0.15
        assert distance(preview, coarse(picture)) < distance(preview, noise)


def test_latents_are_unpacked_as_the_pipeline_unpacks_them(painter: Painter, monkeypatch: pytest.MonkeyPatch) -> None:
    pipeline, unit = painter.pipelines.text_to_image, unit_of(painter)
    decode, seen, last = pipeline.vae.decode, [], []

    def watch(latents: torch.Tensor, *rest: Any, **named: Any) -> Any:
        seen.append(latents)
        return decode(latents, *rest, **named)

    def keep(_: Any, step: int, time: Any, tensors: dict[str, Any]) -> dict[str, Any]:
        last.append(tensors["latents"])
        return {}

    monkeypatch.setattr(pipeline.vae, "decode", watch)
    size: dict[str, int] = {"width": 3 * unit, "height": 2 * unit}
    if painter.spec.name == "kontext":  # which else paints any size as a million pixels
        size["max_area"] = 6 * unit * unit
    pipeline(prompt="a fox", num_inference_steps=2, callback_on_step_end=keep, **size)
    (decoded,) = seen
    found = vae_latents(pipeline, last[-1], 3 * unit, 2 * unit)
    assert torch.allclose(found, decoded[:, :, 0] if decoded.ndim == 5 else decoded, rtol=1e-4, atol=1e-4)


def test_a_projection_follows_a_trained_autoencoder_closely() -> None:
    painter = Painter.load(read_source("LIMNER_MODEL", "", "painter"), Device("cpu", torch.float32))
    pipeline = painter.pipelines.text_to_image
    words = "a red sailboat by a calm lake at sunset, clouds in the sky, flat illustration"
    number = torch.Generator().manual_seed(3)
    latents = pipeline(words, num_inference_steps=16, width=512, height=512, generator=number, output_type="latent")
    decoded = torch.nn.functional.adaptive_avg_pool2d(pipeline.vae.decode(latents.images).sample, (16, 16))
    project = Projection.fit(pipeline.vae, pipeline.vae_scale_factor, torch.device("cpu"))
    # Not more: of the drawings, which this decoder knows by heart, the latents have only the colours.
    assert likeness(*(found[0].permute(1, 2, 0).numpy() for found in (project(latents.images), decoded))) > 0.75


def test_a_tiny_decoder_is_taken_where_there_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from engine.painting import tiny_autoencoder

    torch.manual_seed(0)
    distilled = tiny.tiny_vae()
    distilled.save_pretrained(tmp_path / "tiny")
    vae = tiny.vae(scaling_factor=0.5, shift_factor=0.25)
    monkeypatch.setattr(tiny_autoencoder, "TINY", {(4, 0.5): str(tmp_path / "tiny"), (4, 0.18215): "no/such"})
    found = TinyDecoder.find(vae, torch.device("cpu"), fetch=False)
    latents = torch.randn(1, 4, 8, 8)
    assert found is not None
    assert torch.allclose(found(latents / 0.5 + 0.25), distilled.decode(latents).sample, atol=1e-5)
    assert TinyDecoder.find(tiny.vae(), torch.device("cpu"), fetch=False) is None


def test_an_autoencoder_that_cannot_be_followed_costs_the_preview_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    painter = load(tiny.save_painter(tmp_path / "sd15"))
    vae = painter.pipelines.text_to_image.vae
    monkeypatch.setattr(vae, "encode", lambda pictures: 1 / 0)
    shown, picture = previews(painter, "64x64")
    assert shown == []
    assert picture.size == (64, 64)


def distance(preview: Image.Image, other: Pixels) -> float:
    return float(np.square(coarse(preview) - other).mean())
