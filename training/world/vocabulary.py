"""What the starter can draw: the attributes of a scene and their values, each named by its English word in prompts."""

from typing import Final

from engine.starter.lexicon import order

NONE: Final = order.NONE

PLACES: Final = ("beach", "lake", "forest", "mountains", "desert", "city", "meadow", "snow")
TIMES: Final = ("dawn", "day", "sunset", "dusk", "night")
SUBJECTS: Final = (
    "house", "lighthouse", "boat", "balloon", "tree", "castle", "cat", "campfire",
    "windmill", "snowman", "mushroom", "rocket",
)  # fmt: skip
STYLES: Final = ("flat", "watercolor", "ink", "pastel")
SKIES: Final = ("sun", "moon", "clouds", "stars", "clear", "storm")
POSITIONS: Final = ("center", "left", "right")

COLORS: Final[dict[str, tuple[int, int, int]]] = {
    "red": (222, 54, 50),
    "orange": (242, 138, 40),
    "yellow": (252, 206, 62),
    "green": (72, 166, 88),
    "blue": (52, 112, 222),
    "pink": (246, 146, 182),
    "white": (248, 245, 238),
    "black": (46, 44, 56),
}

USUAL_COLORS: Final[dict[str, tuple[str, ...]]] = {
    "house": ("red", "blue", "yellow", "white"),
    "lighthouse": ("red", "blue"),
    "boat": ("red", "blue", "yellow", "white"),
    "balloon": ("red", "blue", "yellow", "pink"),
    "tree": ("green", "orange", "pink"),
    "cat": ("orange", "black", "white"),
    "windmill": ("white", "red", "blue"),
    "mushroom": ("red", "orange", "pink", "blue"),
    "rocket": ("white", "red", "blue", "yellow"),
}
"""Colours that a subject mostly has, the default first; castles are grey stone, campfires fire, snowmen snow."""

USUAL_PLACE: Final[dict[str, str]] = {
    "house": "meadow",
    "lighthouse": "beach",
    "boat": "lake",
    "balloon": "mountains",
    "tree": "meadow",
    "castle": "mountains",
    "cat": "meadow",
    "campfire": "forest",
    "windmill": "meadow",
    "snowman": "snow",
    "mushroom": "forest",
    "rocket": "desert",
}
"""Where a subject stands when no place was asked for."""

ATTRIBUTES: Final[dict[str, tuple[str, ...]]] = {
    "place": PLACES,
    "time": TIMES,
    "style": STYLES,
    "subject": (NONE, *SUBJECTS),
    "color": (NONE, *COLORS),
    "sky": SKIES,
    "position": (NONE, *POSITIONS),
}


def held_out(place: str, time: str, subject: str) -> bool:
    """Whether a triple is kept from all training, about one in eleven: the figures speak of combinations never seen."""
    if subject == NONE:
        return False
    return (PLACES.index(place) * 7 + TIMES.index(time) * 3 + SUBJECTS.index(subject) * 5) % 11 == 0
