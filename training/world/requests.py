"""First requests as people type them, each with the PromptSpec that answers it."""

import unicodedata
from dataclasses import dataclass
from random import Random
from typing import Final

from engine.starter.lexicon.language import Language, pick
from training.world.lexicon import SHARES, TRAINED, UNSEEN
from training.world.scene import Scene, sample_scene
from training.world.vocabulary import NONE, SKIES, SUBJECTS
from training.world.wish import Spec, Wish, complete, name_of, spec

SAID: Final = {"place": 0.85, "time": 0.7, "subject": 0.85, "color": 0.6, "sky": 0.2, "style": 0.2, "position": 0.25}
"""How often each attribute is said."""

SHORT_SHARE = 0.2
"""Requests for one thing alone."""

EMPTY_SHARE = 0.02
"""Requests for nothing that it knows."""

SECOND_SUBJECT_SHARE = 0.15
WITHOUT_SHARE = 0.05
NOUN_POSITION_SHARE = 0.5
"""Positions said with the subject; the others stand at the end."""

STRANGER_SHARE = 0.25
STRANGERS: Final = {
    "en": ("dragon", "car", "robot", "horse", "dog", "spaceship", "unicorn", "bicycle", "elephant", "pizza", "queen"),
    "zh": ("龙", "汽车", "机器人", "马", "狗", "飞船", "大象", "自行车", "公主", "熊猫", "披萨"),
    "es": ("dragón", "coche", "robot", "caballo", "perro", "elefante", "bicicleta"),
    "ja": ("ドラゴン", "車", "ロボット", "馬", "犬", "象", "自転車"),
    "de": ("Drache", "Auto", "Roboter", "Pferd", "Hund", "Elefant", "Fahrrad"),
}
"""Things that it cannot draw, named in some requests that have no subject: it learns to leave them out."""


@dataclass(frozen=True, slots=True)
class Example:
    """One training example; `old` is the PromptSpec that an edit starts from."""

    language: str
    text: str
    answer: Spec
    wish: Wish
    old: Spec | None = None


def sample_language(random: Random, *, unseen: bool = False) -> Language:
    """A language with the phrasings that training uses, or with those kept from it."""
    return random.choices(UNSEEN if unseen else TRAINED, SHARES)[0]


def sample_request(random: Random, *, held_out: bool = False, unseen: bool = False) -> Example:
    """A request for a scene of the training set, or of the held-out one; in seen phrasings, or in unseen ones."""
    language = sample_language(random, unseen=unseen)
    while True:
        wish = sample_wish(sample_scene(random, held_out=held_out), random)
        scene = complete(wish)
        if scene.held_out == held_out:
            break
    if random.random() < STRANGER_SHARE and wish.subject is None and not held_out:
        text = write(wish, language, random, stranger=random.choice(STRANGERS[language.code]))
    else:
        text = write(wish, language, random)
    return Example(language.code, text, spec(wish, scene, language), wish)


def sample_wish(scene: Scene, random: Random) -> Wish:
    """Say some of what a scene shows; rarely nothing."""
    said = {
        name: getattr(scene, name)
        for name, share in SAID.items()
        if getattr(scene, name) != NONE and random.random() < share
    }
    kind = random.random()
    if kind < EMPTY_SHARE:
        return Wish()
    if kind < EMPTY_SHARE + SHORT_SHARE:
        kept = random.choice([name for name in SAID if name not in ("color", "position") and name in said] or ["place"])
        said = {name: getattr(scene, name) for name in said if name in (kept, "color")}
    if not said.keys() - {"color", "position"}:
        said = {"place": scene.place}
    if "subject" not in said:
        said.pop("color", None)
        said.pop("position", None)
    elif random.random() < SECOND_SUBJECT_SHARE:
        said["also"] = random.choice([name for name in SUBJECTS if name != scene.subject])
    if random.random() < WITHOUT_SHARE:
        absent = [name for name in (*SUBJECTS, *SKIES) if name not in said.values()]
        said["without"] = random.choice(absent)
    return Wish(**said)


def write(wish: Wish, language: Language, random: Random, stranger: str = "") -> str:
    """Put a wish into words; a stranger is something that the starter does not know, named as the subject."""
    slots: list[str] = []
    values: dict[str, str] = {}
    if wish.subject is not None or stranger:
        slots.append("np")
        unknown = {"np": stranger, "n": stranger}
        values |= _subject_slots(wish.subject, wish, language, random) if wish.subject else unknown
    if wish.place is not None:
        slots.append("at")
        setting = language.places[wish.place]
        values |= {"place": pick(setting.bare, random), "at": pick(setting.placed, random)}
    if wish.time is not None:
        slots.append("when")
        setting = language.times[wish.time]
        values |= {"time": pick(setting.bare, random), "when": pick(setting.placed, random)}
    extras = []
    if wish.position is not None:
        setting = language.positions[wish.position]
        sides = {"side": pick(setting.bare, random), "position": pick(setting.placed, random)}
        if random.random() < NOUN_POSITION_SHARE:
            values |= {name: language.noun_position.format(np=values[name], **sides) for name in ("np", "n")}
        else:
            extras.append(pick(language.with_position, random).format(**sides))
    text = pick(language.cores[" ".join(slots)], random).format(**values)
    if wish.sky is not None:
        extras.append(pick(language.with_sky, random).format(sky=pick(language.skies[wish.sky], random)))
    if wish.style is not None:
        extras.append(pick(language.with_style, random).format(style=pick(language.styles[wish.style], random)))
    if wish.without is not None:
        extras.append(pick(language.without, random).format(old=name_of(wish.without, language, random)))
    random.shuffle(extras)
    text = random.choice(language.before) + text + "".join(extras) + random.choice(language.after)
    return dress(text, language, random)


def _subject_slots(subject: str, wish: Wish, language: Language, random: Random) -> dict[str, str]:
    noun = random.choice(language.subjects[subject])
    with_article, bare = language.with_article(noun, wish.color, random), language.noun(noun, wish.color, random)
    if wish.also is not None:
        other = random.choice(language.subjects[wish.also])
        with_article += language.conjunction + language.with_article(other, None, random)
        bare += language.conjunction + language.noun(other, None, random)
    return {"np": with_article, "n": bare}


def dress(text: str, language: Language, random: Random) -> str:
    """Case, punctuation and missing accents, as people type."""
    text = text.strip(" ，、,") + random.choice(language.ends)
    kind = random.random()
    if kind < 0.4:
        text = text.lower()
    elif kind < 0.7:
        text = text[:1].upper() + text[1:]
    elif kind < 0.72:
        text = text.upper()
    if language.code == "es" and random.random() < 0.2:
        marks = unicodedata.normalize("NFD", text)
        text = unicodedata.normalize("NFC", "".join(c for c in marks if unicodedata.category(c) != "Mn"))
    return text.strip()
