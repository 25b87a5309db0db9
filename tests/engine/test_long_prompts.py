"""Prompts that are longer than a text encoder's window: Stable Diffusion reads all, and others say what they do not."""

from __future__ import annotations

import inspect
import io
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import torch
from PIL import Image
from structlog.testing import capture_logs

from engine.api.messages import Completed, ImageRequest, StartImage
from engine.painting.capabilities import painter_spec_of
from engine.painting.long_prompts import MAX_WINDOWS, embed_long, tokens_read, unread_part
from engine.painting.painter import Painter
from harness import tiny_pipelines as tiny
from tests.engine.pictures import drawing, file, window
from tests.engine.test_batching import EXACT, Studio
from tests.engine.test_families import Listener

SCENE = (
    "A weathered fisherman with a long grey beard and a yellow raincoat sits at the stern of a small wooden boat on a "
    "calm mountain lake at dawn, thin mist drifts over the water, pine forests climb the steep slopes behind him, the "
    "first warm sunlight touches the snowy peaks, a brown dog sleeps on a coil of rope beside his boots, gulls circle "
    "in the pale sky"
)
EDIT = f"{SCENE}, add a red boat"
STYLE = ", flat colours, bold outlines, cel shading"
DISLIKED = ", ".join(["blurry", "cropped", "watermark", "text", "extra fingers", "low contrast"] * 6)
SIDE = 32


@pytest.fixture(scope="module", autouse=True)
def no_gradients() -> Iterator[None]:
    torch.set_grad_enabled(False)
    yield
    torch.set_grad_enabled(True)


@pytest.fixture(scope="module", params=["sd15", "sdxl"])
def painter(request: pytest.FixtureRequest) -> Painter:
    torch.manual_seed(0)
    pipeline = tiny.with_words(tiny.FAMILIES[request.param](), f"{EDIT} {STYLE} {DISLIKED} night cat")
    return Painter(pipeline, replace(painter_spec_of(pipeline, request.param, None), smallest=SIDE))


def paint(painter: Painter, prompt: str, negative: str | None = None, start: StartImage | None = None) -> Completed:
    request = ImageRequest(
        prompt, size=f"{SIDE}x{SIDE}", num_inference_steps=2, negative_prompt=negative, guidance_scale=5.0
    )
    listener = Listener()
    painter.paint(painter.spec.plan(request, 7, start), listener)
    [picture] = [event for event in listener.events if isinstance(event, Completed)]
    return with_pixels(picture)


def with_pixels(picture: Completed) -> Completed:
    """Return the picture with its pixels instead of its file, which also holds the prompt."""
    return Completed(Image.open(io.BytesIO(picture.b64_json)).tobytes(), unread=picture.unread)


def tokens(painter: Painter, text: str) -> int:
    return len(painter.pipeline.tokenizer(text)["input_ids"])


def test_an_edit_behind_a_long_description_changes_the_picture(painter: Painter) -> None:
    assert len(SCENE.split()) == 68
    assert tokens(painter, SCENE) <= 77 < tokens(painter, EDIT)
    pictures = [paint(painter, text) for text in (SCENE, EDIT, EDIT.replace("red", "brown"), SCENE + STYLE)]
    assert len({picture.b64_json for picture in pictures}) == 4
    assert {picture.unread for picture in pictures} == {None}


def test_what_is_not_wanted_is_read_to_its_end(painter: Painter) -> None:
    assert tokens(painter, DISLIKED) > 77
    pictures = [paint(painter, SCENE, DISLIKED + end).b64_json for end in (" night", " cat")]
    assert pictures[0] != pictures[1]


@pytest.mark.parametrize("mask", [None, window((SIDE, SIDE))])
def test_a_picture_that_starts_from_another_reads_all_too(painter: Painter, mask: bytes | None) -> None:
    start = StartImage(file(drawing((SIDE, SIDE))), 0.9, mask)
    pictures = [paint(painter, text, start=start).b64_json for text in (EDIT, EDIT.replace("red", "brown"))]
    assert pictures[0] != pictures[1]


def test_a_prompt_that_fits_goes_the_pipelines_own_way(painter: Painter) -> None:
    fitting = SCENE
    while tokens(painter, f"{fitting} cat") <= 77:
        fitting += " cat"
    assert tokens(painter, fitting) == 77
    assert embed_long(painter.pipeline, fitting, fitting) == {}
    assert embed_long(painter.pipeline, fitting, None) == {}
    assert embed_long(painter.pipeline, f"{fitting} cat", None)
    assert embed_long(painter.pipeline, "cat", f"{fitting} cat")


def test_each_window_is_encoded_as_the_pipeline_would_and_the_shorter_text_is_filled_up(painter: Painter) -> None:
    pipeline = painter.pipeline
    first, second = " ".join(["cat"] * 75), "a red boat"
    found = embed_long(pipeline, f"{first} {second}", "night")
    parts = [_encoded(pipeline, text) for text in (first, second)]
    assert torch.allclose(found["prompt_embeds"], torch.cat([part[0] for part in parts], dim=1), atol=1e-6)
    parts = [_encoded(pipeline, text) for text in ("night", "")]
    assert torch.allclose(found["negative_prompt_embeds"], torch.cat([part[0] for part in parts], dim=1), atol=1e-6)
    if len(parts[0]) > 2:
        assert torch.allclose(found["pooled_prompt_embeds"], _encoded(pipeline, first)[2], atol=1e-6)
        assert torch.allclose(found["negative_pooled_prompt_embeds"], parts[0][2], atol=1e-6)


def _encoded(pipeline: Any, text: str) -> Any:
    return pipeline.encode_prompt(text, device="cpu", num_images_per_prompt=1, do_classifier_free_guidance=False)


def test_xl_takes_zeros_where_nothing_is_unwanted() -> None:
    pipeline = tiny.with_words(tiny.sdxl(), EDIT)
    assert pipeline.config.force_zeros_for_empty_prompt
    found = embed_long(pipeline, EDIT, None)
    assert found["prompt_embeds"].shape == found["negative_prompt_embeds"].shape
    assert not found["negative_prompt_embeds"].any()
    assert not found["negative_pooled_prompt_embeds"].any()
    assert embed_long(pipeline, EDIT, "night")["negative_prompt_embeds"].any()


def test_words_stay_whole_and_signs_stay_text(painter: Painter) -> None:
    tokenizer = painter.pipeline.tokenizer
    read: list[list[int]] = []
    real = painter.pipeline.text_encoder.forward

    def keep(input_ids: torch.Tensor, *rest: Any, **named: Any) -> Any:
        read.extend(input_ids.tolist())
        return real(input_ids, *rest, **named)

    painter.pipeline.text_encoder.forward = keep
    try:
        embed_long(painter.pipeline, "zyxw " * 30 + "(red:1.5)++ [boat]-- ((night))", None)
    finally:
        painter.pipeline.text_encoder.forward = real
    special = {tokenizer.bos_token_id, tokenizer.eos_token_id, tokenizer.pad_token_id}
    windows = [tokenizer.decode([token for token in row if token not in special]) for row in read[:2]]
    assert {len(row) for row in read} == {77}
    assert windows[0].split() == ["zyxw"] * 18  # 72 tokens: the next word would be cut
    assert windows[1].replace(" ", "") == "zyxw" * 12 + "(red:1.5)++[boat]--((night))"


def test_a_word_without_an_end_is_cut(painter: Painter) -> None:
    assert embed_long(painter.pipeline, "z" * 200, None)["prompt_embeds"].shape[1] == 3 * 77


def test_beyond_the_last_window_the_rest_is_told(painter: Painter) -> None:
    read = "cat " * (75 * MAX_WINDOWS)
    assert unread_part(painter.pipeline, read) == ""
    with capture_logs() as logged:
        picture = paint(painter, f"{read}Red boat, 夜")
    assert picture.unread == "Red boat, 夜"
    assert picture.b64_json == paint(painter, f"{read}night").b64_json
    [event] = [event for event in logged if event["event"] == "prompt.cut"]
    assert event["unread"] == len("Red boat, 夜")
    assert "boat" not in str(event)


@pytest.mark.parametrize("family", ["flux", "klein", "sd3", "zimage", "qwen-image"])
def test_other_families_tell_exactly_what_they_do_not_read(family: str) -> None:
    torch.manual_seed(0)
    pipeline = (tiny.FAMILIES | tiny.MORE)[family]()
    text = "q" * 1_000 if family != "flux" else "qrst" * 250
    unread = unread_part(pipeline, text)
    assert 100 < len(unread) < 900
    end = len(text) - len(unread)

    def encoded(words: str) -> torch.Tensor:
        return _words_of(pipeline, words)

    assert torch.equal(encoded(text), encoded(text[:end] + "z" * len(unread)))
    assert not torch.equal(encoded(text), encoded(text[: end - 1] + "z" + unread))
    assert unread_part(pipeline, text[:end]) == ""


def _words_of(pipeline: Any, prompt: str) -> torch.Tensor:
    """Return the embeddings of the text encoder that reads the most, as the pipeline's call asks for them."""
    named = {"prompt_2": None, "prompt_3": None, "do_classifier_free_guidance": False, "device": "cpu"}
    named["max_sequence_length"] = inspect.signature(pipeline.__call__).parameters["max_sequence_length"].default
    accepts = inspect.signature(pipeline.encode_prompt).parameters
    embeds = pipeline.encode_prompt(prompt=prompt, **{name: value for name, value in named.items() if name in accepts})
    while not isinstance(embeds, torch.Tensor):
        embeds = embeds[0]
    return embeds


@pytest.mark.parametrize("family", ["sd15", "sdxl"])
def test_beside_prompts_of_other_lengths_a_picture_stays_the_same(family: str) -> None:
    studio = Studio(family)
    prompts = ["a boat", "z" * 100, "a red boat on a lake, " * 5, "q" * 300]
    works = [
        studio.plan(prompt=prompt, seed=seed, num_inference_steps=5 + seed, negative_prompt=negative)
        for seed, (prompt, negative) in enumerate(zip(prompts, [None, None, "n" * 90, "blurry"], strict=True))
    ]
    assert studio.difference(works) <= EXACT
    together = {tuple(sorted(job.painting.prompt for job in group)) for group in studio.groups if len(group) > 1}
    assert together == {tuple(sorted(prompts[1:3]))}


@pytest.mark.parametrize(
    ("family", "reads"),
    [("sd15", 75), ("sdxl", 75), ("flux", 511), ("klein", 512), ("sd3", 255), ("zimage", 512)],
)
def test_how_many_tokens_an_encoder_takes_in_one_piece(family: str, reads: int) -> None:
    pipeline = (tiny.FAMILIES | tiny.MORE)[family]()
    assert tokens_read(pipeline) == pytest.approx(reads, abs=20)
    assert Painter(pipeline, painter_spec_of(pipeline, family, None), provenance=False).spec.reads == tokens_read(
        pipeline
    )


def test_a_pipeline_whose_encoders_are_unknown_tells_no_number() -> None:
    assert tokens_read(object()) is None
