"""What a word of an order says: a thing, how many, a colour, where, or what is to become of it."""

from enum import StrEnum, auto
from typing import Final


class Kind(StrEnum):
    """What a word says."""

    THING = auto()
    COUNT = auto()
    COLOR = auto()
    SIZE = auto()
    PLACE = auto()
    TIME = auto()
    SKY = auto()
    STYLE = auto()
    SIDE = auto()
    AND = auto()
    FRONT = auto()
    BEHIND = auto()
    LEFT_OF = auto()
    RIGHT_OF = auto()
    ADD = auto()
    PUT = auto()
    REMOVE = auto()
    REPLACE = auto()
    INSTEAD = auto()
    SET = auto()
    UNDO = auto()
    CHAT = auto()
    ALL = auto()
    EXCEPT = auto()
    QUALITY = auto()
    FILLER = auto()
    UNKNOWN = auto()
    BREAK = auto()


class Role(StrEnum):
    """What fillers say of the thing behind them; they are the tables of `Hearing` with these names."""

    BEARING = auto()
    HAVING = auto()
    PLACING = auto()


class Shade(StrEnum):
    """What a word for a setting says beside it; of fillers what they say that no picture shows."""

    NEAREST = auto()
    """It means another, of all that can be shown this is the nearest."""

    LYING = auto()
    """The snow that falls lies, too."""

    SWAPPING = auto()
    """It replaces a thing, and without one lets both of a picture change places."""

    FEWER = auto()
    """It takes one of several away, or as many as are said."""

    DOING = auto()
    """What a thing does, which no picture shows. This and those below are the tables `Hearing.deeds` by these names."""

    FLYING = auto()
    """It is shown of what is drawn in the air."""

    SWIMMING = auto()
    """It is shown of what is drawn in the water."""

    OVER = auto()
    """One thing is over another, which is shown of what is drawn in the air."""

    TOGETHER = auto()
    """One thing is on, in or under another."""

    USING = auto()
    """It drives or uses another thing; without one the word means something else, or is shown: a car drives."""


SETTINGS: Final = {Kind.PLACE: "place", Kind.TIME: "time", Kind.SKY: "sky", Kind.STYLE: "style"}
DEEDS: Final = (Shade.DOING, Shade.FLYING, Shade.SWIMMING, Shade.OVER, Shade.TOGETHER, Shade.USING)
PLACED: Final = (Shade.OVER, Shade.TOGETHER)
RELATIONS: Final = (Kind.FRONT, Kind.BEHIND, Kind.LEFT_OF, Kind.RIGHT_OF)
SWAPS: Final = (Kind.REPLACE, Kind.INSTEAD)
CUES: Final = (Kind.ADD, Kind.PUT, Kind.REMOVE, Kind.REPLACE, Kind.INSTEAD, Kind.SET)
