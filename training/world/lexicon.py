"""All languages together: what the planner can be asked for, and every word that it understands."""

import re
from typing import Final

from training.world.language import Language, Setting
from training.world.languages.de import GERMAN
from training.world.languages.en import ENGLISH
from training.world.languages.es import SPANISH
from training.world.languages.ja import JAPANESE
from training.world.languages.zh import CHINESE
from training.world.vocabulary import POSITIONS, STYLES

LANGUAGES: Final[tuple[Language, ...]] = (ENGLISH, CHINESE, SPANISH, JAPANESE, GERMAN)
TRAINED: Final = tuple(language.phrased(unseen=False) for language in LANGUAGES)
UNSEEN: Final = tuple(language.phrased(unseen=True) for language in LANGUAGES)
SHARES: Final[tuple[float, ...]] = (0.35, 0.35, 0.1, 0.1, 0.1)
"""How often each language is trained on."""

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
