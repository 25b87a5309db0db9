"""What the starter's painter was shown, by the words of its captions; the first of each row is the one it knows best.

Keys are the world's values. Training writes captions of these words, and the reader writes prompts of them.
"""

from typing import Final

PLACES: Final[dict[str, tuple[str, ...]]] = {
    "beach": ("a sandy beach by the sea", "the beach", "the seaside", "a sea shore", "the ocean"),
    "lake": ("a calm lake", "a lake", "a still lake", "the water of a lake"),
    "forest": ("a pine forest", "a forest", "the woods", "a forest glade"),
    "mountains": ("tall mountains", "the mountains", "mountain peaks", "a mountain landscape"),
    "desert": ("desert dunes with cactus", "the desert", "sand dunes", "a desert"),
    "city": ("a city of tall buildings", "the city", "a city street", "a town with skyscrapers"),
    "meadow": ("a green meadow with flowers", "a meadow", "the meadow", "a field of grass", "grassland"),
    "snow": ("a snowy winter field", "the snow", "a snowy field", "a winter landscape"),
}
"""Phrases for each place; the first of each table is the one in `detailed`, the others people use too."""

TIMES: Final[dict[str, tuple[str, ...]]] = {
    "dawn": ("at dawn", "at sunrise", "in the early morning"),
    "day": ("by day", "on a bright day", "in daylight"),
    "sunset": ("at sunset", "in the evening", "at golden hour"),
    "dusk": ("at dusk", "at twilight", "after sunset at dusk"),
    "night": ("at night", "late at night", "in the dark of night"),
}
SKIES: Final[dict[str, tuple[str, ...]]] = {
    "sun": ("the sun in the sky", "a bright sun", "a round sun"),
    "moon": ("a full moon in the sky", "a bright moon", "the moon"),
    "clouds": ("clouds in the sky", "a cloudy sky", "fluffy clouds"),
    "stars": ("a sky full of stars", "bright stars", "a starry sky"),
    "clear": ("a clear sky", "an empty sky", "a clear cloudless sky"),
    "storm": ("a storm with lightning", "a thunderstorm", "stormy sky with rain", "lightning and dark clouds"),
}
STYLES: Final[dict[str, tuple[str, ...]]] = {
    "flat": ("flat illustration", "flat style", "clean vector art"),
    "watercolor": ("watercolor painting", "soft watercolor", "watercolor on paper"),
    "ink": ("ink drawing", "ink wash", "monochrome ink painting"),
    "pastel": ("soft pastel drawing", "pastel colors", "chalk pastel"),
}
SUBJECTS: Final[dict[str, tuple[str, ...]]] = {
    "house": ("house", "cottage", "home"),
    "lighthouse": ("lighthouse", "striped lighthouse"),
    "boat": ("boat", "sailboat", "ship"),
    "balloon": ("hot air balloon", "balloon"),
    "tree": ("tree", "round tree"),
    "castle": ("stone castle", "castle with towers"),
    "cat": ("sitting cat", "cat", "kitten"),
    "campfire": ("campfire", "glowing campfire", "bonfire"),
    "windmill": ("windmill", "old windmill"),
    "snowman": ("snowman with a hat", "snowman"),
    "mushroom": ("mushroom", "giant mushroom", "toadstool"),
    "rocket": ("rocket", "space rocket"),
}
POSITIONS: Final[dict[str, tuple[str, ...]]] = {
    "left": ("on the left", "at the left side"),
    "center": ("in the center", "in the middle"),
    "right": ("on the right", "at the right side"),
}
STANDS: Final = {"beach": "on", "lake": "by", "mountains": "in front of"}
"""The preposition of a place, where it is not "in"."""

SKIES_AT: Final[dict[str, tuple[str, ...]]] = {
    "dawn": ("sun", "clouds", "clear", "storm"),
    "day": ("sun", "clouds", "clear", "storm"),
    "sunset": ("sun", "clouds", "clear", "storm"),
    "dusk": ("moon", "stars", "clouds", "clear", "storm"),
    "night": ("moon", "stars", "clouds", "clear", "storm"),
}
"""The skies that each time of day may have; the first is taken when none was asked for."""
