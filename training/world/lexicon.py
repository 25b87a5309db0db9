"""All languages together: what the planner can be asked for, and every word that it understands."""

import re
import tomllib
from pathlib import Path
from typing import Final

from engine.starter.lexicon.language import Language, Setting
from engine.starter.lexicon.tables import LANGUAGES
from engine.starter.reader.words.colors import colors
from engine.starter.reader.words.fillers import FILLERS
from engine.starter.reader.words.things import things
from training.world.vocabulary import POSITIONS, STYLES

TRAINED: Final = tuple(language.phrased(unseen=False) for language in LANGUAGES)
UNSEEN: Final = tuple(language.phrased(unseen=True) for language in LANGUAGES)
SHARES: Final[tuple[float, ...]] = (0.35, 0.35, 0.1, 0.1, 0.1)
"""How often each language is trained on."""

NAMES: Final = {"en": "English", "zh": "中文", "es": "español", "ja": "日本語", "de": "Deutsch"}
"""Each language by its own name."""

_OTHERS = Path(__file__).with_name("other_languages.toml")
_SLOT = re.compile(r"\{\w+\}")
_MARK = re.compile(r"[^\w'\- ]+", re.UNICODE)


def knows(language: Language) -> list[str]:
    """What it can draw, in the language's own words, for showing to people."""
    subjects = [nouns[0].text for nouns in language.subjects.values()]
    settings = [setting.bare[0] for table in (language.places, language.times) for setting in table.values()]
    skies = [forms[0] for forms in language.skies.values()]
    styles = [language.styles[style][0] for style in STYLES]
    colors = [forms[""][0] for forms in language.colors.values()]
    sides = [language.positions[side].bare[0] for side in POSITIONS]
    return list(dict.fromkeys(subjects + settings + skies + styles + colors + sides))


def words() -> list[str]:
    """Every word and phrase of every table and pattern, lower case. Spaced languages give single words as well."""
    found: set[str] = set()
    for language in LANGUAGES:
        for text in _texts(language):
            for piece in _SLOT.split(text):
                for phrase in _MARK.split(piece.lower()):
                    single = phrase.split()
                    found |= {" ".join(single), *single}
    found |= {word.replace("ß", "ss") for word in found}  # as capitals have it
    return sorted(found - {""})


def card() -> dict[str, object]:
    """What the planner's limner.json says of what it reads; the fields are ModelFacts'."""
    return {
        "languages": {language.code: NAMES[language.code] for language in LANGUAGES},
        "knows": {language.code: knows(language) for language in LANGUAGES},
        "words": words(),
        "common": common_words(),
    }


def common_words() -> dict[str, list[str]]:
    """Everyday words by language: of those that it reads in Latin letters, and of others, so that they can be told."""
    read = {
        code: FILLERS[code] | {word for phrase in (*things(code), *colors(code)) for word in phrase.split()}
        for code in FILLERS
    }
    others = tomllib.loads(_OTHERS.read_text(encoding="utf-8"))
    tables = read | {code: set(some.split()) for code, some in others.items()}
    return {code: sorted(some) for code, some in tables.items()}


def _texts(language: Language) -> list[str]:
    """Every string of a language's tables."""
    settings: list[Setting] = [*language.places.values(), *language.times.values(), *language.positions.values()]
    tables = (language.skies, language.styles, language.cores, language.edits, language.articles)
    return [
        *(noun.text for nouns in language.subjects.values() for noun in nouns),
        *(text for setting in settings for text in setting.bare + setting.placed),
        *(text for table in tables for texts in table.values() for text in texts),
        *(text for kinds in language.colors.values() for texts in kinds.values() for text in texts),
        *(*language.with_sky, *language.with_style, *language.without, *language.with_position, language.conjunction),
        *(*language.before, *language.after, *language.join, *language.extra_words),
        *(*language.understood.values(), language.understood_sky),
        *(language.understood_style, language.understood_position, language.understood_without, language.noun_position),
    ]
