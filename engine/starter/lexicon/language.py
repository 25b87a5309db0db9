"""How a language names the things of a scene and asks for them: tables and patterns, so that new words are new data.

Slots in patterns: {np} a subject with its article, {n} without; {place} bare, {at} located; {time} bare, {when} as an
adverb; {sky}, {style}, {color}; {side} bare ("left"), {position} as an adverb ("on the left"); {old} what goes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from random import Random
from typing import TypeAlias

HELD_OUT_EVERY = 6
"""Every sixth pattern of a table is kept from training: the figures speak of phrasings never seen."""

Forms: TypeAlias = tuple[str, ...]
"""Ways to say one thing; the first is the one used in `understood`."""


@dataclass(frozen=True, slots=True)
class Noun:
    """A subject's word; `kind` selects its article and its colours' endings (gender, or measure word)."""

    text: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Setting:
    """A place or time: bare ("beach") and as part of a sentence ("on the beach")."""

    bare: Forms
    placed: Forms


@dataclass(frozen=True, slots=True)
class Language:
    """One language. `cores` and `understood` are keyed by the slots they fill: "np", "at", "when" in this order."""

    code: str
    spaced: bool
    """Whether words are parted by spaces."""

    subjects: Mapping[str, tuple[Noun, ...]]
    places: Mapping[str, Setting]
    times: Mapping[str, Setting]
    skies: Mapping[str, Forms]
    styles: Mapping[str, Forms]
    positions: Mapping[str, Setting]
    colors: Mapping[str, Mapping[str, Forms]]
    """Colour → noun kind ("" for any other kind) → forms."""

    articles: Mapping[str, Forms]
    noun_phrase: str
    """Where the colour stands: a pattern of {color} and {noun}."""

    cores: Mapping[str, Forms]
    conjunction: str
    """Between two subjects."""

    noun_position: str
    """A subject with its position: a pattern of {np} and {side} or {position}."""

    with_position: Forms
    with_sky: Forms
    with_style: Forms
    without: Forms
    """Patterns of {old}: something that must not be there."""

    before: Forms
    after: Forms
    understood: Mapping[str, str]
    understood_sky: str
    understood_style: str
    understood_position: str
    understood_without: str
    edits: Mapping[str, Forms]
    """By what changes: place, time, sky, style, color, position, add, replace, remove."""

    join: Forms
    """Between two edits in one message."""

    ends: Forms
    """Punctuation at the end."""

    extra_words: Forms = field(default=())
    """Words that people put around a request, beyond those in the patterns."""

    def phrased(self, *, unseen: bool) -> "Language":
        """The language with the patterns that training uses, or with those kept from it where there are six or more."""

        def chosen(table: Mapping[str, Forms]) -> dict[str, Forms]:
            kept = {key: forms[HELD_OUT_EVERY - 1 :: HELD_OUT_EVERY] for key, forms in table.items()}
            if unseen:
                return {key: kept[key] or forms for key, forms in table.items()}
            return {key: tuple(form for form in forms if form not in kept[key]) for key, forms in table.items()}

        return replace(self, cores=chosen(self.cores), edits=chosen(self.edits))

    def color_form(self, color: str, kind: str, random: Random | None) -> str:
        forms = self.colors[color].get(kind) or self.colors[color][""]
        return pick(forms, random)

    def noun(self, noun: Noun, color: str | None, random: Random | None) -> str:
        """The subject without an article: "red house"."""
        if color is None:
            return noun.text
        return self.noun_phrase.format(color=self.color_form(color, noun.kind, random), noun=noun.text)

    def with_article(self, noun: Noun, color: str | None, random: Random | None) -> str:
        """The subject with its article: "a red house". Articles and colours at the same place in their tables agree."""
        articles = self.articles.get(noun.kind) or self.articles[""]
        index = 0 if random is None else random.randrange(len(articles))
        phrase = noun.text
        if color is not None:
            forms = self.colors[color].get(noun.kind) or self.colors[color][""]
            form = forms[index] if len(forms) == len(articles) else pick(forms, random)
            phrase = self.noun_phrase.format(color=form, noun=noun.text)
        article = articles[index]
        if self.code == "en" and article == "a" and phrase[0] in "aeiou":
            article = "an"
        return f"{article}{' ' if article and self.spaced else ''}{phrase}"


def pick(forms: Forms, random: Random | None) -> str:
    """One of the forms, or the canonical one where there is no randomness; the first ones come more often."""
    if random is None:
        return forms[0]
    return forms[int(random.random() ** 1.4 * len(forms))]
