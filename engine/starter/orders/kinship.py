"""Of what family a name is that no list has: by the noun that it ends in, or by its last letters."""

from __future__ import annotations

from typing import Final

from engine.starter.lexicon.families import families_of
from engine.starter.lexicon.tongue import UNSPACED
from engine.starter.orders.spelling import keys
from engine.starter.orders.word_kinds import Kind
from engine.starter.orders.words import Words

_HEAD_FIRST: Final = ("es", "fr", "it", "pt", "pl")
"""Languages whose names of several words begin with what it is."""
_SIGNS: Final = (*UNSPACED, "ko")
"""Languages where one sign may be a noun."""
_SHORTEST: Final = 4
"""Letters of a noun that is looked for at the end of a longer word."""
_ENDS: Final = {
    "saurus": "reptile", "saurier": "reptile", "spielerin": "person", "spieler": "person", "ista": "person",
    "fisch": "swimmer", "fish": "swimmer", "vogel": "bird", "bird": "bird", "blume": "flower", "flower": "flower",
    "baum": "tree", "boom": "tree", "mobile": "vehicle", "wagen": "vehicle", "haus": "building", "huis": "building",
    "house": "building", "boot": "boat", "boat": "boat", "schiff": "boat", "man": "person", "mann": "person",
    "woman": "person", "frau": "person", "鸟": "bird", "鱼": "swimmer", "虫": "bug", "车": "vehicle", "船": "boat",
    "花": "flower", "树": "tree", "果": "fruit", "菜": "vegetable", "琴": "music", "人": "person", "家": "person",
    "师": "person", "员": "person", "楼": "building", "馆": "building", "店": "building", "屋": "building",
    "杯": "drink",
    "鳥": "bird", "魚": "swimmer", "車": "vehicle", "木": "tree", "者": "person", "師": "person", "員": "person",
    "酒": "drink", "饼": "sweet", "帽": "worn", "鞋": "worn", "服": "worn", "새": "bird", "나무": "tree",
    "꽃": "flower",
    "사람": "person", "차": "vehicle", "집": "building",
}  # fmt: skip
"""Of what family a name is by its end."""


def family_of(name: str, words: Words) -> str:
    """Return the family of a name; none where nothing tells it."""
    parts = next(iter(keys(name)))
    head = parts[:1] if words.code in _HEAD_FIRST else parts[-1:]
    whole = "".join(parts if words.code in UNSPACED else head)
    shortest = 1 if words.code in _SIGNS else _SHORTEST
    for at in range(len(whole) - shortest + 1):
        for key in ((whole[at:],), tuple(whole[at:])):
            for meaning in words.meanings(key):
                if meaning.kind == Kind.UNKNOWN and meaning.value:
                    return meaning.value
                if meaning.kind == Kind.THING and (families := sorted(families_of(meaning.value))):
                    return families[0]
    return next((family for end, family in _ENDS.items() if whole.endswith(end)), "")
