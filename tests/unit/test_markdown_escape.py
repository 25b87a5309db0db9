"""Someone's words shown to others take no effect."""

from __future__ import annotations

import re
import unicodedata

import discord
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ui.markdown_escape import plain

LIVE = {
    "mention": r"(?<!\\)<(?:@[!&]?|#|:|a:|t:|/|id:)|@(?:everyone|here)",
    "link": r"\w+://\S|discord\.gg|\b\w+\.(?:com|gg|org|example)\b",
    "markup": r"(?<!\\)(?:\\\\)*[*_~`|\[\]()<>#-]|^\d+\. ",
    "hidden": "[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2061-\u2069\ufeff\U000e0000-\U000e007f]",
    "line": r"[\n\r\u2028\u2029\x0b\x0c\x85]",
    "flood": r"[\u0300-\u036f]{4}",
}
"""What Discord's clients act upon, and what hides or spoils its neighbours."""

HOSTILE = [
    "<@1> <@!1> <@&1> <#1> @everyone @here </imagine:1> <id:guide>",
    "[free nitro](https://evil.example) <https://evil.example> https://evil.example",
    "evil.example discord.gg/a DISCORD.GG/x",
    "<a:party:1> <:pepe:1> <t:1:R>",
    "# big", "- item", "* item", "1. item", "> quote", ">>> quote", "-# small",
    "||spoiler|| **bold** __under__ ~~gone~~ `code` ```block```",
    "be\u200bach\u202etxt\u2066a\u2069\ufeff \U000e0041\U000e0042", "z" + "\u0335\u0321" * 40 + "algo",
    "a\nb\u2028c\x0bd",
    "x" * 5_000,
]  # fmt: skip
PIECES = st.sampled_from(
    [*"\\*_~`|<>#[]()-@:/.&!\n1a", "@everyone", "://", ".gg/", "<@", "\u200b", "\u202e", "\u0301", "a.b"]
)


def broken(shown: str) -> list[str]:
    return [name for name, pattern in LIVE.items() if re.search(pattern, shown, re.IGNORECASE)]


@pytest.mark.parametrize("words", HOSTILE)
def test_nothing_hostile_is_live(words: str) -> None:
    assert broken(words) or len(words) > 200
    assert broken(plain(words)) == []
    assert len(plain(words)) <= 2 * 200 + 50


@given(st.one_of(st.text(max_size=400), st.lists(PIECES, max_size=60).map("".join)))
def test_nothing_in_any_words_is_live(words: str) -> None:
    shown = plain(words)
    assert broken(shown) == []
    kept = {
        unicodedata.category(char) for char in shown.replace("\u2060", "").replace("\u200d", "").replace("\u200c", "")
    }
    assert not kept & {"Cc", "Cf", "Co", "Cs", "Cn"}


@given(st.text(alphabet="abc *_.@<>/:", max_size=40))
def test_who_reads_it_reads_the_words(words: str) -> None:
    read = re.sub(r"\\(.)", r"\1", plain(words)).replace("\u2060", "")
    assert read == " ".join(words.split())


def test_ordinary_words_stay_readable() -> None:
    assert plain("夕阳下的海滩, with a boat!") == "夕阳下的海滩, with a boat!"
    assert plain("👩‍🚀 in a field") == "👩\u200d🚀 in a field"
    assert plain("می‌خواهم") == "می\u200cخواهم"
    assert plain("3.5 km, at 10:30") == "3.5 km, at 10:30"
    assert discord.utils.remove_markdown(plain("a_b *c*")) is not None


def test_long_words_are_shortened_visibly() -> None:
    assert plain("a" * 300, 10) == "a" * 9 + "…"
