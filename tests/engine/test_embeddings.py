"""Prompts' embeddings that are remembered: bit-equal, without their words, within a bound."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import torch
from transformers import Qwen3ForCausalLM

from engine.api.messages import ImageRequest
from engine.jobs.requests import Painting
from engine.painting.capabilities import painter_spec_of
from engine.painting.embeddings import Embeddings
from engine.painting.painter import Painter
from harness import tiny_pipelines as tiny
from tests.engine.test_families import Listener

SIDE = 64
LONG = "a boat on a lake at night, " * 6


@pytest.fixture(scope="module", autouse=True)
def no_gradients() -> Iterator[None]:
    torch.set_grad_enabled(False)
    yield
    torch.set_grad_enabled(True)


def painter_of(family: str) -> Painter:
    torch.manual_seed(0)
    pipeline = (tiny.FAMILIES | tiny.MORE)[family]()
    return Painter(pipeline, replace(painter_spec_of(pipeline, family, None), smallest=SIDE), provenance=False)


def encodings(painter: Painter) -> list[str]:
    """Return a list that grows with each call of a text encoder."""
    calls: list[str] = []
    for name in ("text_encoder", "text_encoder_2", "text_encoder_3"):
        if encoder := getattr(painter.pipeline, name, None):
            encoder.register_forward_pre_hook(lambda *_, name=name: calls.append(name))
            for part in encoder.children():  # klein's pipeline calls the decoder inside, as does Z-Image's
                part.register_forward_pre_hook(lambda *_, name=name: calls.append(name))
    return calls


def paint(painter: Painter, prompt: str, **options: Any) -> bytes:
    request = ImageRequest(prompt, size=f"{SIDE}x{SIDE}", num_inference_steps=2, **options)
    return painted(painter, painter.spec.plan(request, 7))


def painted(painter: Painter, work: Painting) -> bytes:
    listener = Listener()
    painter.paint(work, listener)
    return listener.pictures[0]


@pytest.mark.parametrize("family", ["sd15", "sdxl", "sd3", "flux", "klein", "zimage", "qwen-image"])
def test_the_same_words_are_encoded_once_and_give_the_same_picture(family: str) -> None:
    painter = painter_of(family)
    calls = encodings(painter)
    first = paint(painter, "a red boat")
    encoded = len(calls)
    assert encoded > 0
    assert paint(painter, "a red boat") == first
    paint(painter, "a red boat", seed=8)
    assert len(calls) == encoded
    paint(painter, "a red boats")
    assert len(calls) > encoded
    painter.pipelines.embeddings = Embeddings()
    assert paint(painter, "a red boat") == first


@pytest.mark.parametrize("family", ["sd15", "sdxl"])
def test_long_prompts_are_remembered_too(family: str) -> None:
    painter = painter_of(family)
    calls = encodings(painter)
    first = paint(painter, LONG)
    encoded = len(calls)
    assert paint(painter, LONG) == first
    assert len(calls) == encoded


@pytest.mark.parametrize(
    "options", [{"negative_prompt": "night"}, {"guidance_scale": 1.0}, {"n": 2}], ids=["negative", "guidance", "number"]
)
@pytest.mark.parametrize("prompt", ["a boat", LONG], ids=["short", "long"])
def test_whatever_changes_the_embeddings_asks_anew(prompt: str, options: dict[str, Any]) -> None:
    painter, fresh = painter_of("sdxl"), painter_of("sdxl")
    paint(painter, prompt)
    assert paint(painter, prompt, **options) == paint(fresh, prompt, **options)


def test_an_answer_is_a_copy_each_time() -> None:
    embeddings = Embeddings()
    fresh = torch.arange(4.0)
    given = embeddings.recall(("boat",), lambda: (fresh, None, [fresh + 1]))
    given[0].zero_()
    again = embeddings.recall(("boat",), lambda: pytest.fail("encoded again"))
    again[2][0].zero_()
    third = embeddings.recall(("boat",), lambda: pytest.fail("encoded again"))
    assert third[0].tolist() == [0, 1, 2, 3]
    assert third[2][0].tolist() == [1, 2, 3, 4]
    assert third[1] is None


def test_a_question_that_holds_tensors_is_never_remembered() -> None:
    embeddings = Embeddings()
    asked = ("boat", {"prompt_embeds": torch.ones(1)})
    assert [embeddings.recall(asked, iter([n]).__next__) for n in (1, 2)] == [1, 2]


def test_the_least_recently_used_go_first_and_no_words_are_kept() -> None:
    embeddings = Embeddings(max_bytes=32)

    encoded: list[str] = []

    def recall(words: str) -> None:
        def encode() -> torch.Tensor:
            encoded.append(words)
            return torch.ones(4)

        embeddings.recall((words,), encode)

    for words in ("boat", "fox", "boat", "cat", "boat", "fox"):
        recall(words)
    assert encoded == ["boat", "fox", "cat", "fox"]
    assert embeddings.recall(("large",), lambda: torch.ones(100)).nbytes > 32
    recall("fox")
    assert encoded == ["boat", "fox", "cat", "fox"]
    assert all(words not in repr(embeddings._kept) for words in ("boat", "fox"))


def test_klein_s_text_encoder_runs_no_further_than_it_is_read() -> None:
    pipeline = tiny.klein()
    encoder = Qwen3ForCausalLM(tiny.qwen_config(layers=32)).eval()
    pipeline.register_modules(text_encoder=encoder)
    painter = Painter(pipeline, replace(painter_spec_of(pipeline, "klein", None), smallest=SIDE), provenance=False)
    ran: list[int] = []
    for number, layer in enumerate(encoder.model.layers, 1):
        layer.register_forward_hook(lambda *_, number=number: ran.append(number))
    whole = painter.pipeline.encode_prompt("a red boat", num_images_per_prompt=1)[0]
    assert max(ran) == 32
    ran.clear()
    work = painter.spec.plan(ImageRequest("a red boat", size=f"{SIDE}x{SIDE}", num_inference_steps=2), 7)
    read = painter.pipelines.of(work).encode_prompt("a red boat", num_images_per_prompt=1)[0]
    assert torch.equal(read, whole)
    assert max(ran) == 28, "the layers 9, 18 and 27 are read; the next one keeps the norm off the last of them"
    assert len(encoder.model.layers) == 32 and encoder.lm_head.weight.shape[0] == encoder.config.vocab_size
