"""Our texts say what Project Fluent's own runtime makes of the same files, with Unicode's plurals."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import pytest
from babel import Locale
from fluent.runtime import FluentBundle
from fluent.syntax import FluentParser, ast
from fluent.syntax.visitor import Visitor

from bot.ui.fluent_texts import Argument, FluentTexts
from bot.ui.i18n import LOCALES, PLURALS, texts

NUMBERS: tuple[Argument, ...] = (0, 1, 2, 5, 21, -3, 1_234_567, 1.0, 0.25, 1.5, 12_345.678)


class Needed(Visitor):
    """The variables of a text, and the words that its choices know, plurals aside: fluent.runtime takes them for 0."""

    def __init__(self) -> None:
        self.variables: set[str] = set()
        self.words: set[str] = {"words"}

    def visit_VariableReference(self, node: ast.VariableReference) -> None:
        self.variables.add(node.id.name)

    def visit_Variant(self, node: ast.Variant) -> None:
        if isinstance(node.key, ast.Identifier) and node.key.name not in ("one", "other"):
            self.words.add(node.key.name)
        self.generic_visit(node)


@cache
def reference(locale: str) -> FluentBundle:
    bundle = FluentBundle([locale], use_isolating=False)
    for file in files("bot.ui").joinpath("locales", locale).iterdir():
        bundle.add_resource(FluentParser().parse(file.read_text("utf-8")))
    return bundle


@pytest.mark.parametrize("locale", LOCALES)
def test_every_text_is_what_fluent_itself_makes_of_it(locale: str) -> None:
    bundle, ours = reference(locale), texts(locale)
    assert set(ours.keys) == set(bundle._messages)
    for key, message in bundle._messages.items():
        needed = Needed()
        needed.visit(message)
        for value in (*NUMBERS, *needed.words) if needed.variables else ("",):
            arguments = dict.fromkeys(needed.variables, value)
            said, errors = bundle.format_pattern(bundle.get_message(key).value, arguments)
            assert (ours.format(key, arguments), errors) == (said, []), (key, arguments)


@pytest.mark.parametrize("locale", LOCALES)
def test_plurals_are_those_of_unicode(locale: str) -> None:
    rule = Locale.parse(locale, sep="-").plural_form
    numbers = [*range(-3, 1_200), 0.0, 0.5, 1.0, 1.5, 2.0, 21.0]
    assert [PLURALS[locale](number) for number in numbers] == [rule(number) for number in numbers]


def test_a_choice_takes_the_first_variant_that_fits_and_else_the_default() -> None:
    source = (
        'n =\n  { $n ->\n    [0] none\n    [one] one\n    [1] never\n   *[other] { $n } of\n      them{ "  " }\n  }.\n'
    )
    chosen = FluentTexts([source], PLURALS["en"])
    assert [chosen.format("n", {"n": n}) for n in (0, 1, 2, "one", "0")] == [
        "none.", "one.", "2 of\nthem  .", "one.", "0 of\nthem  .",
    ]  # fmt: skip


def test_what_is_missing_is_named() -> None:
    own = FluentTexts(["# said = no\nsaid = { $who } drew { $what }\n"], PLURALS["en"])
    with pytest.raises(KeyError, match="said needs 'what'"):
        own.format("said", {"who": "Ada"})
    with pytest.raises(KeyError, match="unknown"):
        own.format("unknown", {})


def test_what_of_fluent_no_text_uses_is_refused() -> None:
    own = FluentTexts(["-name = Limner\nsaid = by { -name }\n"], PLURALS["en"])
    assert set(own.keys) == {"said"}
    with pytest.raises(ValueError, match="no TermReference"):
        own.format("said", {})
