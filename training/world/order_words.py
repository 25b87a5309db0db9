"""What a planner of a gallery's things can be asked for, and every word that it understands."""

import re
from typing import Final

from engine.starter.lexicon.tongue import Table, Tongue, tongue
from training.world.lexicon import common_words
from training.world.orders import Orders

NAMES: Final = {
    "en": "English", "zh": "中文", "es": "español", "ja": "日本語", "de": "Deutsch", "fr": "français", "it": "italiano",
    "pt": "português", "ru": "русский", "ko": "한국어", "pl": "polski", "nl": "Nederlands",
}  # fmt: skip
"""Each language by its own name."""

_SLOT: Final = re.compile(r"\{\w+\}")
_MARK: Final = re.compile(r"[^\w'\- ]+", re.UNICODE)


def card(orders: Orders) -> dict[str, object]:
    """What the planner's limner.json says of what it reads."""
    return {
        "languages": {code: NAMES[code] for code in orders.languages},
        "knows": {code: knows(orders, code) for code in orders.languages},
        "words": words(orders),
        "common": common_words(),
    }


def knows(orders: Orders, code: str) -> list[str]:
    """What can be drawn, in the language's own words; in English styles by their names, by which the bot tells them."""
    spoken = tongue(code)
    tables = (spoken.places, spoken.times, spoken.skies, spoken.colors, spoken.sides)
    things = [orders.names[thing][code].label for thing in orders.stock.things]
    styles = [style if code == "en" else forms[0] for style, forms in spoken.styles.items()]
    return list(dict.fromkeys(things + styles + [forms[0] for table in tables for forms in table.values()]))


def words(orders: Orders) -> list[str]:
    """Every word and phrase of every name, table and pattern, in lower case; languages with spaces give both."""
    found: set[str] = set()
    for code in orders.languages:
        for text in _texts(orders, code):
            for piece in _SLOT.split(text.lower()):
                for phrase in _MARK.split(piece):
                    single = phrase.split()
                    found |= {" ".join(single), *single}
    found |= {word.replace("ß", "ss") for word in found}  # as capitals have it
    return sorted(found - {""})


def _texts(orders: Orders, code: str) -> list[str]:
    spoken: Tongue = tongue(code)
    tables: tuple[Table, ...] = (
        spoken.counts, spoken.sizes, spoken.colors, spoken.places, spoken.times, spoken.skies, spoken.styles,
        spoken.sides, spoken.changes,
    )  # fmt: skip
    lists = (spoken.one, spoken.joint, spoken.front, spoken.before, spoken.after, spoken.undo, spoken.chat)
    names = [orders.names[thing][code] for thing in orders.stock.things]
    return [
        *(text for name in names for text in (name.label, *name.plurals, *name.synonyms)),
        *(text for table in tables for forms in table.values() for text in forms),
        *(text for texts in lists for text in texts),
    ]
