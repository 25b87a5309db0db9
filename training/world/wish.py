"""What somebody asked for, and the scene and PromptSpec that follow from it."""

from dataclasses import dataclass
from random import Random
from typing import Final, TypedDict

from engine.starter.lexicon.captions import SKIES_AT
from engine.starter.lexicon.language import Language
from training.world.captions import detailed
from training.world.scene import Scene, sample_color
from training.world.vocabulary import NONE, PLACES, POSITIONS, STYLES, TIMES, USUAL_COLORS, USUAL_PLACE

_TIME_OF_SKY: Final = {"moon": "night", "stars": "night"}
_PLACE_OF_LANDSCAPES: Final = "lake"


class Spec(TypedDict):
    """The planner's answer; its keys are written in this order."""

    understood: str
    keywords: list[str]
    prompt: str
    negative: str


@dataclass(frozen=True, slots=True)
class Wish:
    """Only what was said; None is "not said".

    `also` is a second subject, `without` a subject or sky that must not be there.
    """

    place: str | None = None
    time: str | None = None
    subject: str | None = None
    color: str | None = None
    also: str | None = None
    sky: str | None = None
    style: str | None = None
    position: str | None = None
    without: str | None = None

    @property
    def keywords(self) -> list[str]:
        said = (self.color, self.subject, self.also, self.position, self.place, self.time, self.sky, self.style)
        return [word for word in said if word is not None]


def complete(wish: Wish, random: Random | None = None) -> Scene:
    """Fill in what was not said: the usual choices, or any plausible ones where randomness is given."""
    subject = wish.subject or NONE
    place = wish.place or USUAL_PLACE.get(subject, _PLACE_OF_LANDSCAPES)
    time = wish.time or _TIME_OF_SKY.get(wish.sky or "", "day")
    color = wish.color or (USUAL_COLORS[subject][0] if subject in USUAL_COLORS else NONE)
    style = wish.style or STYLES[0]
    if random is not None:
        place = wish.place or random.choice(PLACES)
        time = wish.time or random.choice([name for name in TIMES if not wish.sky or wish.sky in SKIES_AT[name]])
        color = wish.color or sample_color(subject, random)
        style = wish.style or random.choice(STYLES)
    possible = [sky for sky in SKIES_AT[time] if sky != wish.without]
    sky = wish.sky or (possible[0] if random is None else random.choice(possible))
    position = NONE if subject == NONE else wish.position or POSITIONS[0]
    return Scene(place, time, subject, color, sky, style, position)


def spec(wish: Wish, scene: Scene, language: Language) -> Spec:
    """The PromptSpec for a wish and the scene that it was completed to."""
    return {
        "understood": understood(wish, language),
        "keywords": wish.keywords,
        "prompt": detailed(scene, also=wish.also),
        "negative": wish.without or "",
    }


def understood(wish: Wish, language: Language) -> str:
    """One line in the language that restates what was said, and nothing else."""
    slots = {}
    if wish.subject is not None:
        slots["np"] = language.with_article(language.subjects[wish.subject][0], wish.color, None)
        if wish.also is not None:
            other = language.with_article(language.subjects[wish.also][0], None, None)
            slots["np"] += language.conjunction + other
    if wish.place is not None:
        slots["at"] = language.places[wish.place].placed[0]
    if wish.time is not None:
        slots["when"] = language.times[wish.time].placed[0]
    pattern = language.understood[" ".join(slots)]
    line = pattern.format(**slots, place=language.places[wish.place].bare[0] if wish.place else "")
    if wish.sky is not None:
        line += language.understood_sky.format(sky=language.skies[wish.sky][0])
    if wish.style is not None:
        line += language.understood_style.format(style=language.styles[wish.style][0])
    if wish.position is not None:
        line += language.understood_position.format(position=language.positions[wish.position].placed[0])
    if wish.without is not None:
        line += language.understood_without.format(old=name_of(wish.without, language))
    return line


def name_of(thing: str, language: Language, random: Random | None = None) -> str:
    """A subject or sky by a bare name, the canonical one where there is no randomness."""
    if thing in language.subjects:
        nouns = language.subjects[thing]
        return (nouns[0] if random is None else random.choice(nouns)).text
    return language.skies[thing][0] if random is None else random.choice(language.skies[thing])
