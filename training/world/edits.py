"""Changes to a picture ("make it night", "去掉船"): the old PromptSpec, the words, and the new PromptSpec."""

from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Final, NamedTuple

from engine.starter.lexicon.captions import SKIES_AT
from engine.starter.lexicon.language import Language, pick
from training.world.requests import Example, dress, sample_language, sample_wish
from training.world.scene import Scene, sample_color, sample_scene
from training.world.vocabulary import (
    COLORS,
    NONE,
    PLACES,
    POSITIONS,
    SKIES,
    STYLES,
    SUBJECTS,
    TIMES,
    USUAL_COLORS,
)
from training.world.wish import Wish, complete, name_of, spec

SAME_LANGUAGE_SHARE = 0.75
TWO_CHANGES_SHARE = 0.15
USUAL_SHARE = 0.6


class State(NamedTuple):
    """What was said and what is shown."""

    wish: Wish
    scene: Scene


class Change(NamedTuple):
    words: str
    state: State


def sample_edit(random: Random, *, held_out: bool = False, unseen: bool = False) -> Example:
    """An edit whose result is in the training set, or in the held-out one; in seen phrasings, or in unseen ones."""
    while True:
        language = sample_language(random, unseen=unseen)
        wish = sample_wish(sample_scene(random, held_out=random.random() < 0.5 and held_out), random)
        scene = complete(wish, None if random.random() < USUAL_SHARE else random)
        state, words, seen = State(wish, scene), [], set()
        edit_language = language if random.random() < SAME_LANGUAGE_SHARE else sample_language(random, unseen=unseen)
        for _ in range(2 if random.random() < TWO_CHANGES_SHARE else 1):
            kind = random.choice([name for name in _CHANGES if name not in seen])
            change = _CHANGES[kind](state, edit_language, random)
            if change is None:
                break
            seen |= {kind} | (
                {"add", "replace", "remove", "color"} if kind in ("add", "replace", "remove", "color") else set()
            )
            words.append(change.words)
            state = change.state
        if words and state.scene.held_out == held_out and (held_out or not scene.held_out):
            break
    text = dress(random.choice(edit_language.join).join(words), edit_language, random)
    answer = spec(state.wish, state.scene, edit_language)
    return Example(edit_language.code, text, answer, state.wish, old=spec(wish, scene, language))


def _time(state: State, language: Language, random: Random) -> Change | None:
    wish, scene = state
    time = random.choice([name for name in TIMES if name != scene.time])
    setting = language.times[time]
    words = _say("time", language, random, time=pick(setting.bare, random), when=pick(setting.placed, random))
    fits = [sky for sky in SKIES_AT[time] if sky != wish.without]
    sky = scene.sky if scene.sky in SKIES_AT[time] else fits[0]
    kept = wish.sky if wish.sky == sky else None
    return Change(words, State(replace(wish, time=time, sky=kept), replace(scene, time=time, sky=sky)))


def _place(state: State, language: Language, random: Random) -> Change | None:
    place = random.choice([name for name in PLACES if name != state.scene.place])
    setting = language.places[place]
    words = _say("place", language, random, place=pick(setting.bare, random), at=pick(setting.placed, random))
    return Change(words, State(replace(state.wish, place=place), replace(state.scene, place=place)))


def _sky(state: State, language: Language, random: Random) -> Change | None:
    wish, scene = state
    sky = random.choice([name for name in SKIES_AT[scene.time] if name != scene.sky or wish.sky is None])
    time = scene.time
    if random.random() < 0.2:
        sky = random.choice([name for name in SKIES if name != scene.sky])
        if wish.time is None and sky not in SKIES_AT[time]:
            time = complete(Wish(sky=sky)).time
    words = _say("sky", language, random, sky=pick(language.skies[sky], random))
    without = None if wish.without == sky else wish.without
    return Change(words, State(replace(wish, sky=sky, without=without), replace(scene, sky=sky, time=time)))


def _style(state: State, language: Language, random: Random) -> Change | None:
    style = random.choice([name for name in STYLES if name != state.scene.style])
    words = _say("style", language, random, style=pick(language.styles[style], random))
    return Change(words, State(replace(state.wish, style=style), replace(state.scene, style=style)))


def _color(state: State, language: Language, random: Random) -> Change | None:
    wish, scene = state
    if wish.subject is None or wish.subject not in USUAL_COLORS:
        return None
    color = random.choice([name for name in COLORS if name != scene.color])
    noun = random.choice(language.subjects[wish.subject])
    form = language.color_form(color, noun.kind, random)
    words = _say("color", language, random, color=form, old=noun.text)
    return Change(words, State(replace(wish, color=color), replace(scene, color=color)))


def _position(state: State, language: Language, random: Random) -> Change | None:
    wish, scene = state
    if wish.subject is None:
        return None
    position = random.choice([name for name in POSITIONS if name != scene.position])
    setting, old = language.positions[position], name_of(wish.subject, language, random)
    sides = {"side": pick(setting.bare, random), "position": pick(setting.placed, random)}
    words = _say("position", language, random, old=old, **sides)
    return Change(words, State(replace(wish, position=position), replace(scene, position=position)))


def _add(state: State, language: Language, random: Random) -> Change | None:
    wish, scene = state
    if wish.also is not None:
        return None
    subject = random.choice([name for name in SUBJECTS if name != wish.subject])
    without = None if wish.without == subject else wish.without
    if wish.subject is not None:
        words = _say_subject("add", subject, None, language, random)
        return Change(words, State(replace(wish, also=subject, without=without), scene))
    color = sample_color(subject, random) if random.random() < 0.5 else NONE
    words = _say_subject("add", subject, color, language, random)
    return Change(words, _with_subject(replace(wish, without=without), scene, subject, color))


def _replace(state: State, language: Language, random: Random) -> Change | None:
    wish, scene = state
    if wish.subject is None:
        return None
    subject = random.choice([name for name in SUBJECTS if name not in (wish.subject, wish.also)])
    color = sample_color(subject, random) if random.random() < 0.5 else NONE
    words = _say_subject("replace", subject, color, language, random, old=name_of(wish.subject, language, random))
    if wish.also is not None and name_of(wish.subject, language) not in words:
        return None
    return Change(words, _with_subject(wish, scene, subject, color))


def _remove(state: State, language: Language, random: Random) -> Change | None:
    wish, scene = state
    gone = random.choice([thing for thing in (wish.subject, wish.also, scene.sky) if thing is not None])
    words = _say("remove", language, random, old=name_of(gone, language, random))
    if gone == wish.also:
        return Change(words, State(replace(wish, also=None), scene))
    if gone == wish.subject:
        unsaid = replace(wish, subject=None, color=None, position=None, also=None)
        bare = State(unsaid, replace(scene, subject=NONE, color=NONE, position=NONE))
        return Change(words, bare if wish.also is None else _with_subject(bare.wish, bare.scene, wish.also, NONE))
    left = [sky for sky in SKIES_AT[scene.time] if sky != gone]
    return Change(words, State(replace(wish, sky=None, without=gone), replace(scene, sky=left[0])))


def _with_subject(wish: Wish, scene: Scene, subject: str, color: str) -> State:
    """The subject in a colour, or in its usual one where none was said."""
    usual = USUAL_COLORS[subject][0] if subject in USUAL_COLORS else NONE
    said = replace(wish, subject=subject, color=None if color == NONE else color)
    position = wish.position or POSITIONS[0]
    return State(said, replace(scene, subject=subject, color=usual if color == NONE else color, position=position))


def _say(kind: str, language: Language, random: Random, **slots: str) -> str:
    return pick(language.edits[kind], random).format(**slots)


def _say_subject(kind: str, subject: str, color: str | None, language: Language, random: Random, old: str = "") -> str:
    noun = random.choice(language.subjects[subject])
    said = None if color in (None, NONE) else color
    phrase, bare = language.with_article(noun, said, random), language.noun(noun, said, random)
    return _say(kind, language, random, np=phrase, n=bare, old=old)


_CHANGES: Final[dict[str, Callable[[State, Language, Random], Change | None]]] = {
    "time": _time,
    "place": _place,
    "sky": _sky,
    "style": _style,
    "color": _color,
    "position": _position,
    "add": _add,
    "replace": _replace,
    "remove": _remove,
}
