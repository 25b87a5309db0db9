"""Which words a model of a small world does not know."""

from __future__ import annotations

from bot.domain.vocabulary import Vocabulary

KNOWN = Vocabulary(
    ["a", "red", "boat", "on", "the", "lake", "hot air balloon", "castle", "夕阳", "夕阳下", "的", "海滩", "画", "一只"]
)


def test_known_words_are_not_named() -> None:
    assert KNOWN.unknown("A RED boat, on the lake!") == []
    assert KNOWN.unknown("夕阳下的海滩") == []
    assert KNOWN.unknown("castles, balloon") == [], "inflections and parts of phrases are known"


def test_unknown_words_are_named_once_in_order() -> None:
    assert KNOWN.unknown("a red dragon on the dragon, with knights") == ["dragon", "with", "knights"]
    assert KNOWN.unknown("画一只龙") == ["龙"]
    assert KNOWN.unknown("海滩上的恐龙 and dinosaurs") == ["上", "恐龙", "and", "dinosaurs"]


def test_at_most_six_are_named() -> None:
    assert KNOWN.unknown("alpha beta gamma delta epsilon zeta eta theta") == [
        "alpha",
        "beta",
        "gamma",
        "delta",
        "epsilon",
        "zeta",
    ]


def test_a_model_of_the_whole_world_knows_everything() -> None:
    assert Vocabulary([]).unknown("dragon 龙") == []
