"""Someone's words shown to others take no effect."""

from __future__ import annotations

import re

import discord
from hypothesis import given
from hypothesis import strategies as st

from bot.ui.plain import plain


@given(st.text(max_size=400))
def test_nothing_in_the_words_is_live(words: str) -> None:
    shown = plain(words)
    assert "\n" not in shown
    assert not re.search(r"@(everyone|here)", shown)
    assert not re.search(r"(?<!\\)<[@#:/t]", shown)
    assert "://" not in shown
    assert not re.search(r"[\u202a-\u202e\u2066-\u2069\u200b\ufeff]", shown)
    assert not re.search(r"(?<!\\)(?:\\\\)*[*_~`|]", shown)


def test_ordinary_words_stay_readable() -> None:
    assert plain("夕阳下的海滩, with a boat!") == "夕阳下的海滩, with a boat!"
    assert plain("👩‍🚀 in a field") == "👩\u200d🚀 in a field"
    assert discord.utils.remove_markdown(plain("a_b *c*")) is not None


def test_long_words_are_shortened_visibly() -> None:
    assert plain("a" * 300, 10) == "a" * 9 + "…"
