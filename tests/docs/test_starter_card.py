"""The starter's card says what the pair in its folder knows: its things, their colours, its languages and its sizes."""

from __future__ import annotations

import json
import re
from typing import Any

from engine.starter.lexicon.things import read_things
from tests.docs.reading import ROOT

CARD = (ROOT / "engine" / "starter" / "README.md").read_text("utf-8")
MODELS = ROOT / "engine" / "starter" / "models"
LANGUAGES = {
    "en": "English", "zh": "Chinese", "es": "Spanish", "ja": "Japanese", "de": "German", "fr": "French",
    "it": "Italian", "pt": "Portuguese", "ru": "Russian", "ko": "Korean", "pl": "Polish", "nl": "Dutch",
}  # fmt: skip


def facts(role: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((MODELS / role / "limner.json").read_text("utf-8"))
    return found


def after(words: str) -> str:
    """Return the card's paragraph or list that begins so, on one line."""
    text = re.split(r"\n\n(?!- )", CARD[CARD.index(words) :])[0]
    return " ".join(text.split())


def test_the_things_and_which_of_them_take_a_colour() -> None:
    told = after("**132 things.**").partition("drawing. - ")[2].rstrip(".")
    groups = [group.partition(": ")[2].rstrip(".").split(", ") for group in told.split(" - ")]
    listed = [name for group in groups for name in group]
    things = read_things(MODELS / "planner")
    assert len(listed) == len(things) == 132
    assert {name.removesuffix("\\*"): name.endswith("\\*") for name in listed} == {
        thing.word: thing.recolors for thing in things
    }


def test_the_languages() -> None:
    told = after("**Languages**: ").partition(": ")[2].partition(";")[0]
    assert re.split(r", | and ", told) == [LANGUAGES[code] for code in facts("planner")["languages"]]


def test_the_sizes_and_the_steps() -> None:
    painter = facts("painter")
    shapes, sizes = re.findall(r"\*\*Shapes\*\*: ([\w, ]+): (.+) pixels, in \d+ steps", after("**Shapes**: "))[0]
    told = dict(zip(shapes.split(", "), re.split(r", | or ", sizes.replace("×", "x")), strict=True))
    assert told == painter["sizes"]
    assert painter["enlarge"] == 1
    assert f"pixels, in {painter['steps']} steps" in CARD
