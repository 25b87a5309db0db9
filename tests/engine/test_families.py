"""Real pipeline classes with random weights, loaded by local path through the engine's own code."""

from __future__ import annotations

import io
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest
from PIL import Image

from engine.api.errors import BadRequest, Cancelled
from engine.api.messages import Completed, ImageRequest, PartialImage, Progress
from engine.errors import LoadFailed
from engine.jobs.job import Event
from engine.loading import load
from engine.models.device import Device
from engine.models.source import Source, read_source
from engine.painting.painter import Painter
from harness import tiny_pipelines as tiny

SIZES = {"sd15": "64x64", "starter-like": "64x64", "sdxl": "64x64", "flux": "256x256", "klein": "128x128"}


class Listener:
    """A reporter that keeps what it hears, and cancels after some steps."""

    def __init__(self, stop_after: int = 1000) -> None:
        self.events: list[Event] = []
        self._stop_after = stop_after

    def tell(self, event: Event) -> None:
        self.check()
        self.events.append(event)

    def check(self) -> None:
        if sum(isinstance(event, Progress) for event in self.events) >= self._stop_after:
            raise Cancelled("Enough.")

    @property
    def pictures(self) -> list[bytes]:
        return [event.b64_json for event in self.events if isinstance(event, Completed)]


def loaded(folder: Path) -> Painter:
    import torch

    torch.set_grad_enabled(False)
    return Painter.load(Source(str(folder), "", local=True), Device("cpu", torch.float32))


@pytest.fixture(scope="module", params=SIZES)
def painter(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Painter:
    return loaded(tiny.save_painter(tmp_path_factory.mktemp(request.param) / request.param, request.param))


@pytest.fixture(scope="module")
def sd15(models: Path) -> Painter:
    return loaded(models / "painter")


def paint(painter: Painter, listener: Listener | None = None, **options: Any) -> Listener:
    listener = listener or Listener()
    size = f"{painter.spec.smallest}x{painter.spec.smallest}"
    given: dict[str, Any] = {"size": size, "seed": 7, "num_inference_steps": 4, **options}
    painter.paint(painter.spec.plan(ImageRequest("a red fox", **given), 0), listener)
    return listener


def test_a_family_paints(painter: Painter) -> None:
    heard = paint(painter, n=2, negative_prompt="bad", partial_images=1)
    assert [event.step for event in heard.events if isinstance(event, Progress)] == [1, 2, 3, 4]
    sizes = [Image.open(io.BytesIO(file)).size for file in heard.pictures]
    assert sizes == [(painter.spec.smallest,) * 2] * 2
    assert heard.pictures[0] != heard.pictures[1]


def test_a_family_repeats_itself(painter: Painter) -> None:
    assert paint(painter).pictures == paint(painter).pictures != paint(painter, seed=8).pictures


def test_a_family_stops_at_its_next_step(painter: Painter) -> None:
    listener = Listener(stop_after=2)
    with pytest.raises(Cancelled):
        paint(painter, listener, num_inference_steps=50)
    assert len(listener.events) == 2
    assert paint(painter).pictures  # and it goes on working


def test_a_family_knows_its_sizes(painter: Painter) -> None:
    spec = painter.spec
    assert spec.sizes["square"] == SIZES[spec.name]
    for size in spec.sizes.values():
        assert spec.plan(ImageRequest("x", size=size), 0).size == size
    assert spec.plan(ImageRequest("x"), 0).size == spec.sizes["square"]


@pytest.mark.parametrize(("steps", "guidance"), [(None, None), (3, 0.0), (3, 9.0)])
def test_defaults_and_dials(sd15: Painter, steps: int | None, guidance: float | None) -> None:
    work = sd15.spec.plan(ImageRequest("x", num_inference_steps=steps, guidance_scale=guidance), 5)
    assert (work.steps, work.guidance, work.seeds) == (steps or 30, 7.5 if guidance is None else guidance, (5,))


def test_guidance_and_the_negative_prompt_reach_the_model(sd15: Painter) -> None:
    pictures = [
        paint(sd15, guidance_scale=guidance, negative_prompt=negative).pictures[0]
        for guidance, negative in ((1.0, None), (7.5, None), (7.5, "something else"))
    ]
    assert len(set(pictures)) == 3


def test_half_precision_paints_and_previews_too(models: Path) -> None:
    import torch

    painter = Painter.load(Source(str(models / "painter"), "", local=True), Device("cpu", torch.bfloat16))
    heard = paint(painter, partial_images=1)
    assert [type(event) for event in heard.events].count(PartialImage) == 1
    assert heard.pictures


def test_distilled_models_take_few_steps(tmp_path: Path) -> None:
    klein = loaded(tiny.save_painter(tmp_path / "klein", "klein"))
    assert (klein.spec.steps, klein.spec.guidance) == (4, 1.0)
    schnell = tiny.flux()
    schnell.transformer.register_to_config(guidance_embeds=False)
    from engine.painting.capabilities import painter_spec_of

    assert painter_spec_of(schnell, "flux", None).steps == 4
    assert painter_spec_of(tiny.flux(), "flux", None).steps == 28
    assert painter_spec_of(tiny.sdxl(), "sdxl-turbo", None).steps == 4


def test_limner_json_says_more_than_the_pipeline(tmp_path: Path) -> None:
    folder = tiny.save_painter(tmp_path / "starter", "starter-like")
    facts = {"name": "limner-starter", "sizes": {"square": "256x256", "wide": "320x192"}, "enlarge": 4}
    (folder / "limner.json").write_bytes(msgspec.json.encode({**facts, "steps": 3, "guidance": 2.5, "license": "x"}))
    painter = loaded(folder)
    assert painter.spec.name == "limner-starter"
    assert painter.spec.multiple == 8
    assert (painter.spec.steps, painter.spec.guidance) == (3, 2.5)
    listener = Listener()
    painter.paint(painter.spec.plan(ImageRequest("x", size="320x192", seed=1), 0), listener)
    assert Image.open(io.BytesIO(listener.pictures[0])).size == (320, 192)


@pytest.mark.parametrize("wanted", [1, 2, 3])
def test_previews_come_at_even_distances(sd15: Painter, wanted: int) -> None:
    heard = paint(sd15, num_inference_steps=12, partial_images=wanted)
    at = [sum(isinstance(e, Progress) for e in heard.events[:i]) for i, event in enumerate(heard.events)
          if isinstance(event, PartialImage)]  # fmt: skip
    assert at == {1: [4], 2: [4, 8], 3: [3, 6, 9]}[wanted]
    previews = [event for event in heard.events if isinstance(event, PartialImage)]
    assert [event.partial_image_index for event in previews] == list(range(wanted))
    assert all(Image.open(io.BytesIO(event.b64_json)).size == (256, 256) for event in previews)


@pytest.mark.parametrize("family", ["sd15", "starter-like", "flux"])
def test_a_preview_estimates_the_picture_without_its_noise(family: str) -> None:
    """Where the denoiser always names the same clean latents, a preview must show exactly them."""
    import torch

    from engine.painting.previews import _clean

    pipeline = tiny.FAMILIES[family]()
    torch.manual_seed(0)
    clean, noise = torch.randn(1, 4, 8, 8), torch.randn(1, 4, 8, 8)
    scheduler = pipeline.scheduler
    if family == "flux":
        scheduler.set_timesteps(10, mu=1.0)
    else:
        scheduler.set_timesteps(10)
    flow = family != "sd15"
    sigma, after = (float(s) for s in scheduler.sigmas[4:6])
    path = [(1 - s) * clean + s * noise if flow else clean + s * noise for s in (sigma, after)]
    assert torch.allclose(_clean(scheduler, path[0], path[1], 4), clean, atol=1e-4)
    assert not torch.allclose(path[1], clean, atol=1e-1)


@pytest.mark.parametrize("size", ["63x64", "8x8", "2048x64", "64x", "٦٤x64"])
def test_a_size_that_the_model_cannot_paint(sd15: Painter, size: str) -> None:
    with pytest.raises(BadRequest, match=r"^size: .*\.$"):
        sd15.spec.plan(ImageRequest("x", size=size), 0)


def source(folder: Path) -> Source:
    return read_source("LIMNER_MODEL", str(folder), "painter")


def failure(painter: Path, planner: Path) -> str:
    with pytest.raises(LoadFailed) as caught:
        load(source(painter), source(planner))
    assert len(str(caught.value).splitlines()) == 1
    return str(caught.value)


def test_damaged_models_are_told_in_one_sentence(tmp_path: Path, models: Path) -> None:
    damaged = tmp_path / "damaged"
    shutil.copytree(models / "painter", damaged)
    (damaged / "model_index.json").write_text('{"_class_name": ')
    assert failure(damaged, models / "planner").startswith(f"The painter {damaged} cannot be loaded: ")
    shutil.copytree(models / "painter", damaged, dirs_exist_ok=True)
    weights = damaged / "unet" / "diffusion_pytorch_model.safetensors"
    os.truncate(weights, 100)
    assert failure(damaged, models / "planner").startswith(f"The painter {damaged} cannot be loaded: ")
    assert failure(models / "planner", models / "planner").endswith(
        "holds no model_index.json, so it is no such model."
    )
    assert failure(models / "painter", models / "painter").endswith("holds no config.json, so it is no such model.")


def test_a_library_that_is_not_installed(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("diffusers", "diffusers.utils"):
        monkeypatch.setitem(sys.modules, name, None)
    assert "which is not installed" in failure(models / "painter", models / "planner")


@pytest.mark.parametrize("part", ["text_encoder", "unet"])
def test_pickles_are_never_loaded(tmp_path: Path, models: Path, part: str) -> None:
    import torch
    from safetensors.torch import load_file

    folder = tmp_path / "pickled"
    shutil.copytree(models / "painter", folder)
    (weights,) = (folder / part).glob("*.safetensors")
    name = "diffusion_pytorch_model.bin" if part == "unet" else "pytorch_model.bin"
    torch.save(load_file(weights), folder / part / name)
    weights.unlink()
    assert "stored as pickles, which can run code" in failure(folder, models / "planner")


@pytest.mark.parametrize("place", ["unet", "."])
def test_code_in_a_models_folder_is_never_run(tmp_path: Path, models: Path, place: str) -> None:
    folder, ran = tmp_path / "evil", tmp_path / "ran"
    shutil.copytree(models / "painter", folder)
    index = msgspec.json.decode((folder / "model_index.json").read_bytes())
    if place == ".":
        index["_class_name"] = ["evil", "Evil"]
    else:
        index[place] = ["evil", "Evil"]
    (folder / "model_index.json").write_bytes(msgspec.json.encode(index))
    body = f"open({str(ran)!r}, 'w').close()\nclass Evil:\n    from_pretrained = classmethod(lambda *_, **__: None)\n"
    (folder / place / "evil.py").write_text(body)
    assert failure(folder, models / "planner").startswith(f"The painter {folder} cannot be loaded: ")
    assert not ran.exists()


def test_a_pickled_language_model_is_never_loaded(tmp_path: Path, models: Path) -> None:
    import torch
    from safetensors.torch import load_file

    folder = tmp_path / "pickled"
    shutil.copytree(models / "planner", folder)
    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    assert "stored as pickles, which can run code" in failure(models / "painter", folder)
