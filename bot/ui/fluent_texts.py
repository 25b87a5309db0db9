"""The part of Project Fluent that the files in locales/ use: variables, literals, and choices by plural or by value.

fluent.runtime does all of Fluent; the tables of dates, currencies and places that it loads for that take 8 MB of the
bot's memory. The grammar is Fluent's own parser's, and a test holds every text to what fluent.runtime makes of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from fluent.syntax import FluentParser, ast

Argument: TypeAlias = str | int | float
Plural: TypeAlias = Callable[[float], str]
"""Gives a number's plural category in a language, as Unicode names them: `one`, `few`, `other`."""

_ENTRY = re.compile(r"^(?=[A-Za-z#])", re.MULTILINE)
"""Where a message or a comment begins: what belongs to one is indented."""


@dataclass(frozen=True, slots=True)
class _Variable:
    name: str


@dataclass(frozen=True, slots=True)
class _Choice:
    """The pattern of the first variant that fits a variable, or the default."""

    name: str
    variants: tuple[tuple[str | float, _Pattern], ...]
    default: _Pattern


_Pattern: TypeAlias = "tuple[str | _Variable | _Choice, ...]"


class FluentTexts:
    """The texts of one locale. Each is parsed when it is first asked for: most never are."""

    def __init__(self, sources: Iterable[str], plural: Plural) -> None:
        entries = (entry for source in sources for entry in _ENTRY.split(source) if entry[:1].isalpha())
        self._entries = {entry.partition("=")[0].rstrip(): entry for entry in entries}
        self.keys: Collection[str] = self._entries.keys()
        self._patterns: dict[str, _Pattern] = {}
        self._plural = plural
        # Where in its file each word stood would be most of what a parsed text takes.
        self._parser = FluentParser(with_spans=False)

    def format(self, key: str, arguments: Mapping[str, Argument]) -> str:
        """Return a text with its arguments filled in. Raises KeyError for an unknown key or a missing argument."""
        pattern = self._patterns.get(key)
        if pattern is None:
            pattern = self._patterns[key] = _compiled(self._parser.parse_entry(self._entries[key]).value)
        try:
            return self._said(pattern, arguments)
        except KeyError as error:
            raise KeyError(f"{key} needs {error}") from None

    def _said(self, pattern: _Pattern, arguments: Mapping[str, Argument]) -> str:
        parts = []
        for part in pattern:
            if isinstance(part, str):
                parts.append(part)
            elif isinstance(part, _Variable):
                parts.append(_shown(arguments[part.name]))
            else:
                parts.append(self._said(self._chosen(part, arguments[part.name]), arguments))
        return "".join(parts)

    def _chosen(self, choice: _Choice, value: Argument) -> _Pattern:
        category = value if isinstance(value, str) else self._plural(value)
        return next((pattern for key, pattern in choice.variants if key in (value, category)), choice.default)


def _shown(value: Argument) -> str:
    """Return a number with a comma between thousands and at most three decimals."""
    if isinstance(value, str):
        return value
    return f"{value:,}" if isinstance(value, int) else f"{value:,.3f}".rstrip("0").rstrip(".")


def _compiled(pattern: ast.Pattern) -> _Pattern:
    return tuple(_part(element) for element in pattern.elements)


def _part(element: ast.TextElement | ast.Placeable) -> str | _Variable | _Choice:
    """Raises ValueError for what Fluent knows and no text has needed so far."""
    match element.expression if isinstance(element, ast.Placeable) else element:
        case ast.TextElement(value=words):
            return str(words)
        case ast.StringLiteral() as literal:
            return str(literal.parse()["value"])
        case ast.VariableReference(id=ast.Identifier(name=name)):
            return _Variable(name)
        case ast.SelectExpression(selector=ast.VariableReference(id=ast.Identifier(name=name)), variants=variants):
            default = next(variant for variant in variants if variant.default)
            found = tuple((_key(variant.key), _compiled(variant.value)) for variant in variants)
            return _Choice(name, found, _compiled(default.value))
        case other:
            raise ValueError(f"Texts have variables, literals and choices by a variable, and no {type(other).__name__}")


def _key(key: ast.Identifier | ast.NumberLiteral) -> str | float:
    return float(key.value) if isinstance(key, ast.NumberLiteral) else str(key.name)
