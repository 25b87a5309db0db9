"""Start images and masks with real pipeline classes of random weights, through the engine's own code."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engine.api.errors import BadRequest, Cancelled
from engine.api.messages import ImageRequest, PartialImage, Progress, StartImage
from engine.jobs.requests import Painting
from engine.models.device import Device
from engine.models.source import Source
from engine.painting.painter import Painter
from harness import tiny_pipelines as tiny
from tests.engine.pictures import drawing, file, opened, window
from tests.engine.test_families import SIZES, Listener

LACKS = {
    "sd15": set(),
    "starter-like": set(),
    "sdxl": set(),
    "flux": set(),
    "klein": {"negative", "guidance", "strength"},
}


def loaded(folder: Path, dtype: str = "float32") -> Painter:
    import torch

    torch.set_grad_enabled(False)
    painter = Painter.load(Source(str(folder), "", local=True), Device("cpu", getattr(torch, dtype)))
    painter.warm_up()
    return painter


@pytest.fixture(scope="module", params=SIZES)
def painter(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Painter:
    return loaded(tiny.save_painter(tmp_path_factory.mktemp(request.param) / request.param, request.param))


def can(painter: Painter, ability: str) -> None:
    if ability in painter.spec.lacks:
        pytest.skip(f"{painter.spec.name} lacks {ability}")


def paint(
    painter: Painter,
    start: bytes | None,
    strength: float | None = None,
    mask: bytes | None = None,
    listener: Listener | None = None,
    **options: Any,
) -> Listener:
    listener = listener or Listener()
    size = f"{painter.spec.smallest}x{painter.spec.smallest}"
    given: dict[str, Any] = {"size": size, "seed": 7, "num_inference_steps": 6, **options}
    started = StartImage(start, strength, mask) if start is not None else None
    painter.paint(painter.spec.plan(ImageRequest("a red fox", **given), 0, started), listener)
    return listener


def steps(heard: Listener) -> list[tuple[int, int]]:
    return [(event.step, event.steps) for event in heard.events if isinstance(event, Progress)]


RED_AND_BLUE, GRAY = file(drawing()), file(drawing().convert("L"))


def test_a_family_tells_what_it_lacks(painter: Painter) -> None:
    assert set(painter.spec.lacks) == LACKS[painter.spec.name]


def test_the_start_image_and_the_seed_both_count(painter: Painter) -> None:
    pictures = [
        paint(painter, start, seed=seed, strength=0.5).pictures[0]
        for start, seed in ((RED_AND_BLUE, 7), (GRAY, 7), (RED_AND_BLUE, 8), (None, 7))
    ]
    assert len(set(pictures)) == 4
    assert opened(pictures[0]).size == (painter.spec.smallest,) * 2


def test_the_same_request_gives_the_same_picture_and_words_alone_stay_as_they_were(painter: Painter) -> None:
    alone = paint(painter, None).pictures
    once = paint(painter, RED_AND_BLUE, strength=0.5).pictures
    assert paint(painter, None).pictures == alone  # the noise scheduler is shared, and starts afresh
    assert paint(painter, RED_AND_BLUE, strength=0.5).pictures == once


def test_each_seed_s_picture_is_the_same_alone_and_among_others(painter: Painter) -> None:
    both = paint(painter, RED_AND_BLUE, strength=0.5, n=2)
    apart = [paint(painter, RED_AND_BLUE, strength=0.5, seed=seed).pictures[0] for seed in (7, 8)]
    assert both.pictures == apart
    assert steps(both)[-1][0] == steps(both)[-1][1] == len(steps(both))


@pytest.mark.parametrize("total", [1, 6, 7, 30, 49])
def test_progress_counts_the_steps_that_run(painter: Painter, total: int) -> None:
    can(painter, "strength")
    for strength in (0.01, 0.35, 0.5, 0.8, 1.0):
        run = max(1, round(total * strength))
        heard = paint(painter, RED_AND_BLUE, strength, num_inference_steps=total)
        assert steps(heard) == [(step, run) for step in range(1, run + 1)], strength


def test_more_strength_means_farther_from_the_start(painter: Painter) -> None:
    can(painter, "strength")
    pictures = {paint(painter, RED_AND_BLUE, strength, num_inference_steps=10).pictures[0] for strength in (0.2, 0.9)}
    assert len(pictures) == 2


def test_a_reference_is_taken_without_strength(tmp_path: Path) -> None:
    klein = loaded(tiny.save_painter(tmp_path / "klein", "klein"))
    assert "start" not in klein.spec.lacks
    pictures = {paint(klein, RED_AND_BLUE, strength).pictures[0] for strength in (None, 0.1, 0.9)}
    assert len(pictures) == 1
    assert steps(paint(klein, RED_AND_BLUE, 0.1)) == [(step, 6) for step in range(1, 7)]


def test_previews_come_from_a_start_image_too(painter: Painter) -> None:
    can(painter, "preview")
    heard = paint(painter, RED_AND_BLUE, 0.5, num_inference_steps=12, partial_images=2)
    at = [sum(isinstance(e, Progress) for e in heard.events[:i]) for i, event in enumerate(heard.events)
          if isinstance(event, PartialImage)]  # fmt: skip
    assert at == ([2, 4] if "strength" not in painter.spec.lacks else [4, 8])


def test_a_preview_from_a_start_image_knows_where_in_the_schedule_it_is() -> None:
    """Where the denoiser always names the same clean latents, a preview must show exactly them."""
    import torch

    from engine.painting.previews import Preview

    shown: list[torch.Tensor] = []
    pipeline = tiny.starter_like()
    pipeline.scheduler.set_timesteps(10)
    torch.manual_seed(0)
    clean, noise = torch.randn(1, 4, 8, 8), torch.randn(1, 4, 8, 8)
    path = [(1 - s) * clean + s * noise for s in map(float, pipeline.scheduler.sigmas)]
    work = Painting("x", 64, 64, steps=10, seeds=(1,), previews=1, skipped=5)
    preview = Preview(pipeline, work, lambda pipeline, latents, width, height: shown.append(latents))
    for step in range(2):  # of five, so a third of the way is after the second
        preview.after(step, path[5 + step + 1], 64, 64)
    assert len(shown) == 1
    assert torch.allclose(shown[0], clean, atol=1e-4)


def test_a_start_image_is_left_at_the_next_step(painter: Painter) -> None:
    listener = Listener(stop_after=2)
    with pytest.raises(Cancelled):
        paint(painter, RED_AND_BLUE, 0.8, listener=listener, num_inference_steps=50)
    assert len(listener.events) == 2
    assert paint(painter, None).pictures == paint(painter, None).pictures


def test_what_the_mask_keeps_is_kept_to_the_pixel(painter: Painter) -> None:
    can(painter, "mask")
    side = painter.spec.smallest
    start = drawing((side, side))
    masked = opened(paint(painter, file(start), 1.0, window((side, side))).pictures[0])
    left, right = (0, 0, side // 2, side), (side // 2, 0, side, side)
    assert masked.crop(left).tobytes() == start.crop(left).tobytes()
    assert masked.crop(right).tobytes() != start.crop(right).tobytes()
    whole = opened(paint(painter, file(start), 1.0).pictures[0])
    assert whole.crop(left).tobytes() != start.crop(left).tobytes()


def test_half_precision_starts_from_pictures_too(models: Path) -> None:
    painter = loaded(models / "painter", "bfloat16")
    assert not painter.spec.lacks
    assert paint(painter, RED_AND_BLUE, 0.5, partial_images=1).pictures


def test_the_pipelines_share_their_weights(painter: Painter) -> None:
    parts = painter.pipelines
    siblings = [pipeline for pipeline in (parts.image_to_image, parts.inpainting) if pipeline is not None]
    assert siblings
    for name, part in parts.text_to_image.components.items():
        if hasattr(part, "parameters"):
            assert all(getattr(pipeline, name) is part for pipeline in siblings)


def test_a_pipeline_without_image_to_image_says_so(monkeypatch: pytest.MonkeyPatch, models: Path) -> None:
    from diffusers import AutoPipelineForImage2Image, AutoPipelineForInpainting

    def unknown(pipeline: object) -> None:
        raise ValueError("can't find a pipeline linked to it")

    for auto in (AutoPipelineForImage2Image, AutoPipelineForInpainting):
        monkeypatch.setattr(auto, "from_pipe", unknown)
    monkeypatch.setattr("engine.painting.pipelines.SIBLINGS", {})
    monkeypatch.setattr("engine.painting.pipelines._namesake", lambda pipeline, needed: None)
    painter = loaded(models / "painter")
    assert set(painter.spec.lacks) == {"start", "strength", "mask"}
    with pytest.raises(BadRequest, match="painter paints from words alone; leave the picture out"):
        paint(painter, RED_AND_BLUE)
    assert paint(painter, None).pictures


def test_without_an_inpainting_pipeline_what_the_mask_keeps_is_put_back_after_each_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in the starter, whose denoiser diffusers' own inpainting does not take."""
    from engine.painting.latent_blend import LatentBlend

    painter = loaded(tiny.save_painter(tmp_path / "starter-like", "starter-like"))
    painter.pipelines.inpainting = None
    seen: list[tuple[Any, Any, Any]] = []
    after_step = LatentBlend.after_step

    def watched(self: LatentBlend, pipeline: Any, latents: Any) -> Any:
        blended = after_step(self, pipeline, latents)
        assert self._kept is not None
        seen.append((self._kept[0], latents, blended))
        return blended

    monkeypatch.setattr(LatentBlend, "after_step", watched)
    side = painter.spec.smallest
    start = drawing((side, side))
    picture = opened(paint(painter, file(start), 1.0, window((side, side))).pictures[0])
    clean, painted, blended = seen[-1]
    half = clean.shape[-1] // 2
    assert len(seen) == 6
    assert blended[..., :half].equal(clean[..., :half])
    assert blended[..., half:].equal(painted[..., half:])
    assert not seen[0][2][..., :half].equal(clean[..., :half]), "before the last step it is as noisy as the rest"
    assert picture.crop((0, 0, side // 2, side)).tobytes() == start.crop((0, 0, side // 2, side)).tobytes()
    assert picture.tobytes() != opened(paint(painter, file(start), 1.0).pictures[0]).tobytes()
