"""What the starter can draw: the attributes of a scene and their values, each named by its English word in prompts."""

from typing import Final

NONE: Final = "none"

PLACES: Final = ("beach", "lake", "forest", "mountains", "desert", "city", "snow")
TIMES: Final = ("dawn", "day", "sunset", "dusk", "night")
SUBJECTS: Final = ("house", "lighthouse", "boat", "balloon", "tree", "castle", "cat", "campfire")
STYLES: Final = ("flat", "watercolor", "ink")
SKIES: Final = ("sun", "moon", "clouds", "stars")

COLORS: Final[dict[str, tuple[int, int, int]]] = {
    "red": (218, 52, 48),
    "orange": (240, 134, 40),
    "yellow": (250, 202, 58),
    "green": (72, 160, 84),
    "blue": (52, 108, 218),
    "pink": (244, 146, 178),
    "white": (246, 243, 236),
    "black": (44, 42, 52),
}

SKIES_AT: Final[dict[str, tuple[str, ...]]] = {
    "dawn": ("sun", "clouds"),
    "day": ("sun", "clouds"),
    "sunset": ("sun", "clouds"),
    "dusk": ("moon", "clouds"),
    "night": ("moon", "stars"),
}
"""The skies that each time of day may have; the first is taken when none was asked for."""

USUAL_COLORS: Final[dict[str, tuple[str, ...]]] = {
    "house": ("red", "blue", "yellow", "white"),
    "lighthouse": ("red", "blue"),
    "boat": ("red", "blue", "yellow", "white"),
    "balloon": ("red", "blue", "yellow", "pink"),
    "tree": ("green", "orange", "pink"),
    "cat": ("orange", "black", "white"),
}
"""Colours that a subject mostly has, the default first; a castle is grey stone and a campfire is fire."""

USUAL_PLACE: Final[dict[str, str]] = {
    "house": "mountains",
    "lighthouse": "beach",
    "boat": "lake",
    "balloon": "mountains",
    "tree": "mountains",
    "castle": "mountains",
    "cat": "mountains",
    "campfire": "forest",
}
"""Where a subject stands when no place was asked for."""

ATTRIBUTES: Final[dict[str, tuple[str, ...]]] = {
    "place": PLACES,
    "time": TIMES,
    "style": STYLES,
    "subject": (NONE, *SUBJECTS),
    "color": (NONE, *COLORS),
    "sky": SKIES,
}


def held_out(place: str, time: str, subject: str) -> bool:
    """Whether a triple is kept from all training, about one in eleven: the figures speak of combinations never seen."""
    if subject == NONE:
        return False
    return (PLACES.index(place) * 7 + TIMES.index(time) * 3 + SUBJECTS.index(subject) * 5) % 11 == 0
