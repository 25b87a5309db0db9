"""Colours in five languages, in each of their forms."""

from __future__ import annotations

from functools import cache
from typing import Final

from engine.starter.lexicon.tables import color_names
from engine.starter.reader.words.things import LANGUAGES

_ROWS: Final = (
    # en | zh | es | ja | de (stems, which take endings)
    "red, crimson, scarlet | 大红色, 红色, 红 | rojo, roja, rojos, rojas | 赤い, 赤色, 赤, 紅 | rot",
    "orange | 橙色, 橘色, 橘黄色, 橙, 橘 | naranja, anaranjado | オレンジ色, オレンジ | orange",
    "yellow, golden yellow | 黄色, 黄 | amarillo, amarilla, amarillos, amarillas | 黄色い, 黄色 | gelb",
    "green | 绿色, 绿 | verde, verdes | 緑色, 緑 | grün",
    "blue | 蓝色, 蓝 | azul, azules | 青い, 青色, 青 | blau",
    "purple, violet | 紫色, 紫 | morado, morada, púrpura, violeta | 紫色, 紫 | lila, violett",
    "pink | 粉红色, 粉色, 粉红, 粉 | rosado, rosada | ピンク色, ピンク | rosa",
    "brown | 棕色, 褐色 | marrón, marrones | 茶色い, 茶色 | braun",
    "white | 白色, 白 | blanco, blanca, blancos, blancas | 白い, 白色, 白 | weiß, weiss",
    "black | 黑色, 黑 | negro, negra, negros, negras | 黒い, 黒色, 黒 | schwarz",
    "gray, grey | 灰色, 灰 | gris, grises | 灰色, グレー | grau",
    "gold, golden | 金色 | dorado, dorada | 金色 | golden",
    "silver | 银色 | plateado, plateada | 銀色 | silbern",
    "teal, turquoise | 青绿色 | turquesa | 青緑 | türkis",
)
_GERMAN_ENDINGS: Final = ("", "e", "en", "er", "es", "em")


@cache
def colors(language: str) -> dict[str, tuple[str, ...]]:
    """Return each word for a colour, in lower case, with the English spellings of that colour."""
    found: dict[str, tuple[str, ...]] = {}
    for row in _ROWS:
        columns = [tuple(word.strip() for word in column.split(",")) for column in row.split(" | ")]
        endings = _GERMAN_ENDINGS if language == "de" else ("",)
        for word in columns[LANGUAGES.index(language)]:
            own = (word,) if language == "en" else ()
            found |= {word + ending: tuple(dict.fromkeys((*own, *columns[0]))) for ending in endings}
    english = {row.partition(",")[0].partition(" | ")[0]: row for row in _ROWS}
    for word, color in color_names(language).items():
        spelled = english[color].partition(" | ")[0].split(", ")
        found.setdefault(word.lower(), tuple(spelled))
    if language == "ja":  # before a verb: 赤くして
        found |= {word[:-1] + "く": spelled for word, spelled in found.items() if word.endswith("い")}
    return found
