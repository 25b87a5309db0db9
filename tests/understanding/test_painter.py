"""What the loaded painter takes reaches the language model: from a real pipeline to the words of the instructions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
import torch

from bot.services.draw import read_facts
from bot.understanding.conversation import Painter as Told
from bot.understanding.conversation import Request, chat_request
from engine.api.messages import Model, ModelFacts
from engine.painting.capabilities import painter_spec_of
from engine.painting.painter import Painter
from harness import tiny_pipelines as tiny

SHORT, POSITIVE = "reads about", "cannot be told what to leave out"


@pytest.fixture(scope="module", autouse=True)
def no_gradients() -> Iterator[None]:
    torch.set_grad_enabled(False)
    yield
    torch.set_grad_enabled(True)


def told(painter: Told) -> str:
    return chat_request(Request("a boat", painter=painter)).messages[0].text


@pytest.mark.parametrize(
    ("family", "name", "short", "positive"),
    [
        ("sd15", "sd15", True, False),
        ("sdxl", "sdxl", True, False),
        ("sd3", "sd3", True, False),
        ("klein", "FLUX.2-klein-4B", False, True),
        ("zimage", "Z-Image", False, False),
        ("zimage", "Z-Image-Turbo", False, True),
    ],
)
def test_the_instructions_say_what_the_loaded_painter_takes(
    family: str, name: str, short: bool, positive: bool
) -> None:
    pipeline = (tiny.FAMILIES | tiny.MORE)[family]()
    spec = Painter(pipeline, painter_spec_of(pipeline, name, None), provenance=False).spec
    facts = ModelFacts("painter", reads=spec.reads, guidance=spec.guidance, lacks=list(spec.lacks))
    text = told(read_facts([Model(name, limner=facts)]).painter)
    assert (SHORT in text, POSITIVE in text) == (short, positive)


def test_77_tokens_are_about_50_words() -> None:
    facts = ModelFacts("painter", reads=75)
    assert "reads about 50 words" in told(read_facts([Model("m", limner=facts)]).painter)


def test_a_painter_that_tells_nothing_changes_nothing() -> None:
    plain = told(Told())
    assert SHORT not in plain
    assert POSITIVE not in plain
    assert told(read_facts([]).painter) == plain
    assert told(replace(Told(), words=300)) == plain
