"""English plurals, as captions write them."""

from typing import Final

_VOWELS: Final = "aeiouáéíóúàèìòù"

IRREGULAR: Final = {
    "sheep": "sheep", "deer": "deer", "fish": "fish", "tropical fish": "tropical fish", "mouse": "mice",
    "wolf": "wolves", "blowfish": "blowfish", "jellyfish": "jellyfish", "bison": "bison", "ox": "oxen",
    "fly": "flies", "die": "dice", "squid": "squid", "shrimp": "shrimp", "grapes": "grapes", "cherries": "cherries",
    "glasses": "glasses", "scissors": "scissors", "skis": "skis", "fries": "fries", "headphones": "headphones",
    "books": "books", "tomato": "tomatoes", "potato": "potatoes", "mango": "mangoes", "superhero": "superheroes",
    "volcano": "volcanoes", "crossed swords": "crossed swords",
}  # fmt: skip
"""Words that the rules of English get wrong."""

UNCOUNTED: Final = frozenset(
    {"broccoli", "popcorn", "corn", "garlic", "bread", "sushi", "coral", "yarn", "honey", "tennis", "bowling"}
)
"""English words that have neither article nor plural."""


def plural(word: str) -> str:
    """The English plural: "dragons", "foxes", "cherries"."""
    if word in UNCOUNTED:
        return word
    if word in IRREGULAR:
        return IRREGULAR[word]
    if word.endswith(("s", "x", "ch", "sh")):
        return word + "es"
    if word.endswith("y") and word[-2] not in _VOWELS:
        return word[:-1] + "ies"
    return word + "s"
