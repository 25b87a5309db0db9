"""Styles: named looks, each a template for the painter's prompt, found by any word that people use for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from bot.domain.folding import fold

PLACE = "{prompt}"
"""Where the template takes what was asked for."""


@dataclass(frozen=True, slots=True)
class Style:
    """`prompt` holds PLACE exactly once. Texts are by locale; the empty locale serves every one.

    `aliases` are further words for the style. `things` are such words that also name what can be in a picture, so that
    a change of a picture does not mean the style by them. `shape` is empty or one of SHAPES.
    """

    key: str
    names: Mapping[str, str]
    descriptions: Mapping[str, str] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    prompt: str = PLACE
    negative: str = ""
    shape: str = ""
    notes: Mapping[str, str] = field(default_factory=dict)
    things: tuple[str, ...] = ()

    def name(self, locale: str) -> str:
        return _in(self.names, locale) or self.key

    def description(self, locale: str) -> str:
        return _in(self.descriptions, locale)

    def note(self, locale: str) -> str:
        """Return the line that belongs under a picture of this style; mostly empty."""
        return _in(self.notes, locale)

    def apply(self, prompt: str) -> str:
        """Return the painter's prompt for what was asked for."""
        return self.prompt.replace(PLACE, prompt, 1)

    @property
    def words(self) -> tuple[str, ...]:
        """Every word for the style, folded, the key first, each once."""
        return tuple(dict.fromkeys(map(fold, (self.key, *self.names.values(), *self.aliases, *self.things))))


class Styles:
    """Styles by key, in order; of two with one key the later counts, at the earlier one's place."""

    def __init__(self, styles: Iterable[Style]) -> None:
        self._by_key = {style.key: style for style in styles}

    def __iter__(self) -> Iterator[Style]:
        return iter(self._by_key.values())

    def __len__(self) -> int:
        return len(self._by_key)

    def get(self, key: str) -> Style | None:
        return self._by_key.get(key)

    def find(self, text: str) -> Style | None:
        """Return the style with this key, name or alias, whatever its case, accents and hyphens."""
        return self._by_word.get(fold(text))

    def matching(
        self, typed: str, locale: str, limit: int = 25, known: Callable[[Style], bool] = lambda _: True
    ) -> list[Style]:
        """Return what completes the typed text: by name, then by the start of any word, then by any part of one.

        The `known` ones come before all others.
        """
        part = fold(typed)
        ranked = [(rank, style) for style in self if (rank := self._rank(style, part, locale)) is not None]
        ranked.sort(key=lambda pair: (not known(pair[1]), pair[0]))
        return [style for _, style in ranked][:limit]

    def named_by(self, keywords: Iterable[str]) -> Style | None:
        """Return the style that one of a language model's keywords names; what also names a thing does not."""
        things = {fold(word) for style in self for word in style.things}
        return next((found for word in keywords if fold(word) not in things and (found := self.find(word))), None)

    def _rank(self, style: Style, part: str, locale: str) -> int | None:
        """How well a style completes the folded text: less is better, None is not at all."""
        words = self._words[style.key]
        if fold(style.name(locale)).startswith(part):
            return 0
        if any(word.startswith(part) for word in words):
            return 1
        return 2 if any(part in word for word in words) else None

    @cached_property
    def _words(self) -> dict[str, tuple[str, ...]]:
        return {style.key: style.words for style in self}

    @cached_property
    def _by_word(self) -> dict[str, Style]:
        """A later style's words win, but for the keys: those are nobody else's."""
        words = {word: style for style in self for word in self._words[style.key]}
        return words | {fold(style.key): style for style in self}


def _in(texts: Mapping[str, str], locale: str) -> str:
    """Return the text of the locale, of its language, in English, or for every locale, in this order."""
    language = locale.partition("-")[0]
    near = next((key for key in texts if key.partition("-")[0] == language), "en")
    return texts.get(locale) or texts.get(near) or texts.get("en") or texts.get("", "")
