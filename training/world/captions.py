"""English captions of scenes. `detailed` is the one that the planner writes; the painter also learns looser ones."""

from random import Random

from engine.starter.lexicon.captions import PLACES, POSITIONS, SKIES, STANDS, STYLES, SUBJECTS, TIMES
from training.world.scene import Scene
from training.world.vocabulary import NONE

DETAILED_SHARE = 0.4
TERSE_SHARE = 0.25
DROP_SHARE = 0.2


def detailed(scene: Scene, also: str | None = None) -> str:
    """The full caption: every attribute by its canonical word, always in the same order; `also` is a second subject."""
    place, time = PLACES[scene.place][0], TIMES[scene.time][0]
    head = f"{place} {time}"
    if scene.subject != NONE:
        subject = _noun(scene, SUBJECTS[scene.subject][0])
        if also is not None:
            subject += f" and a {SUBJECTS[also][0]}"
        if scene.position != NONE:
            subject += f" {POSITIONS[scene.position][0]},"
        head = f"{subject} {_preposition(scene)} {head}"
    return ", ".join((head, SKIES[scene.sky][0], STYLES[scene.style][0]))


def caption(scene: Scene, random: Random) -> str:
    """One caption as people may write it; it may leave things out, never contradicts the scene."""
    kind = random.random()
    if kind < DETAILED_SHARE:
        return detailed(scene)
    return _terse(scene, random) if kind < DETAILED_SHARE + TERSE_SHARE else _sentence(scene, random)


def _noun(scene: Scene, noun: str) -> str:
    words = noun if scene.color == NONE else f"{scene.color} {noun}"
    return f"{'an' if words[0] in 'aeiou' else 'a'} {words}"


def _preposition(scene: Scene) -> str:
    if scene.subject == "balloon":
        return "over"
    if scene.subject == "boat" and scene.place == "lake":
        return "on"
    return STANDS.get(scene.place, "in")


def _says_position(scene: Scene, random: Random) -> bool:
    """Sides are mostly said, the middle seldom: who says nothing gets the middle more often than not."""
    return scene.position != NONE and random.random() < (0.25 if scene.position == "center" else 0.85)


def _terse(scene: Scene, random: Random) -> str:
    """Bare words: "red house snow night"."""
    subject = "" if scene.subject == NONE else random.choice((scene.subject, random.choice(SUBJECTS[scene.subject])))
    if subject and scene.color != NONE:
        subject = f"{scene.color} {subject}"
    words = [subject] if subject else []
    words += [word for word in (scene.place, scene.time) if random.random() > DROP_SHARE or not words]
    if random.random() < 0.5:
        words.append(scene.sky)
    if _says_position(scene, random):
        words.append(random.choice((scene.position, *POSITIONS[scene.position])))
    if random.random() < 0.3:
        random.shuffle(words)
    if scene.style != "flat" or random.random() < 0.2:
        words.append(scene.style)
    return random.choice((" ", " ", ", ")).join(words)


def _sentence(scene: Scene, random: Random) -> str:
    """A phrase with its details in any order; the sky is nearly always said."""
    place, time = random.choice(PLACES[scene.place]), random.choice(TIMES[scene.time])
    setting = place if random.random() < DROP_SHARE / 2 else f"{place} {time}"
    head = setting
    details = [random.choice(SKIES[scene.sky])] if random.random() < 0.95 else []
    if scene.subject != NONE:
        noun = _noun(scene, random.choice(SUBJECTS[scene.subject]))
        if _says_position(scene, random):
            side = random.choice(POSITIONS[scene.position])
            if random.random() < 0.5:
                noun += f" {side}"
            else:
                details.append(side)
        head = random.choice(
            (f"{noun} {_preposition(scene)} {setting}", f"{noun}, {setting}", f"{setting} with {noun}")
        )
    random.shuffle(details)
    if scene.style != "flat" or random.random() < 0.5:
        details.append(random.choice(STYLES[scene.style]))
    return ", ".join((head, *details))
