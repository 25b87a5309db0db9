"""What people and attackers write, in pieces that parsers treat apart; together they meet more than plain text does."""

from __future__ import annotations

from hypothesis import strategies as st

PIECES = (
    "a ", "cat ", "no ", "without ", "two ", "red ", "not ", "night ", "in ",
    "to ", "instead ", "change ", "add ", "or ", "nor ",
    "no wait ", "actually ", "style of ", "twenty-", "hundred ",
    "Anna Maria ", "'s ", "ein ", "ohne ", "keine ", "sin ", "de ",
    "一个", "人", "都不要", "不要", "猫", "红", "的", "把", "换成", "两只", "三匹",
    "百", "名字叫", "の", "ー", "カ", "ない", "消して",
    "<@1>", "<@&1>", "<:a:1>", "<:", ":1>", "</a:1>", "</", "<t:1:R>", "https://x.y/", "discord.gg/a",
    "@everyone", "@",
    "a@b.cc ", "+49 ", "12345", "1", "0", "sk-", "Bearer ", "eyJ", "tel ",
    "(", ")", "[", "]", "-", ".", ",", "_", "|", "*", "`", "#",
    '"', "'", "“", "”", "「", "」", "，", "\n", "\r", "\0", "\x1b[31m", "\\", "{", "}", '{"',
    "x\u0301", "\u0335", "\u200b", "\u200d", "\u202e", "\u2060", "\ufeff", "\U000e0041",
    "🐱", "👨\u200d👩\u200d👧", "🏳️\u200d🌈",
    "İ", "ß", "ﬁ", "ｆ", "А", "f.u.c.k", "\ud800", "\U0010ffff", " ", "",
)  # fmt: skip

words = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=60).map("".join),
    st.text(max_size=200),
    st.text(st.characters(), max_size=200),
)
units = st.lists(st.sampled_from(PIECES), min_size=1, max_size=3).map("".join)
"""What a text repeats to be as slow as it can."""
