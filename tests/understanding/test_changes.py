"""What a refinement changed is told from the keywords of parent and child."""

from __future__ import annotations

import pytest

from bot.domain.changes import Changes, changes
from bot.domain.prompt import PromptSpec


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ((["beach", "sunset"], ""), (["beach", "night", "boat"], ""), (("night", "boat"), ("sunset",))),
        ((["lake"], ""), (["lake"], "clouds"), ((), ("clouds",))),
        ((["lake"], "boat"), (["lake", "boat"], ""), (("boat",), ())),
        ((["lake"], "clouds, fog"), (["lake", "moon"], "fog"), (("moon", "clouds"), ())),
        ((["cat"], ""), (["two cats"], ""), (("two cats",), ("cat",))),
        ((["Cats"], ""), (["cats"], ""), ((), ())),
        ((["red", "Boat", "lake", "sunset"], ""), (["red boat", "lake", "night"], ""), (("night",), ("sunset",))),
        ((["red boat", "lake"], ""), (["red", "boat", "lake", "moon"], ""), (("moon",), ())),
        (
            (["red boat", "blue house"], ""),
            (["blue boat", "red house"], ""),
            (("blue boat", "red house"), ("red boat", "blue house")),
        ),
        ((["red", "house"], ""), (["red boat", "house"], ""), (("red boat",), ("red",))),
        ((["red", "boat"], ""), (["blue boat", "tree"], ""), (("blue boat", "tree"), ("red",))),
        (([], ""), (["cat"], "fog"), ((), ("fog",))),
        (([], ""), ([], ""), ((), ())),
    ],
)
def test_changes_in_a_few_words(
    before: tuple[list[str], str], after: tuple[list[str], str], shown: tuple[tuple[str, ...], tuple[str, ...]]
) -> None:
    specs = [PromptSpec("", keywords, " ".join(keywords) or "a lake", no) for keywords, no in (before, after)]
    assert changes(specs[0], specs[1]) == Changes(*shown)
