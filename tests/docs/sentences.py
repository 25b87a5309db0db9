"""Limner's own sentences as the documents show them: a value that is filled in stands as ‹its name›."""

from __future__ import annotations

import re
from importlib.resources import files

from fluent.syntax import FluentParser, ast

from bot.ui.i18n import text
from tests.unit.test_texts import Variables


def keys(locale: str, file: str) -> dict[str, set[str]]:
    """Return the texts of a locale's file in their order, each with the names of its variables."""
    source = files("bot.ui").joinpath("locales", locale, file).read_text("utf-8")
    found = {}
    for entry in FluentParser().parse(source).body:
        if isinstance(entry, ast.Message):
            variables = Variables()
            variables.visit(entry)
            found[entry.id.name] = variables.found
    return found


def sentence(locale: str, key: str, variables: set[str]) -> str:
    """Return a text as it stands in a table's cell."""
    told = text(locale, key, **{name: f"‹{name}›" for name in variables})
    return re.sub(r"\s+", " ", told).strip()


def remedies(locale: str) -> dict[tuple[str, str], str]:
    """Return what each of the doctor's remedies is for, by the check and the fact."""
    found = {}
    known = keys(locale, "doctor.ftl")
    for key in known:
        if (remedy := f"{key}-remedy") in known:
            told = sentence(locale, key, known[key])
            found[key.split("-")[1], told] = sentence(locale, remedy, known[remedy])
    return found


def failures(locale: str) -> list[str]:
    """Return the sentences that end a request without a picture."""
    return [sentence(locale, key, names) for key, names in keys(locale, "failures.ftl").items() if key != "failed"]


def refusals_to_start(locale: str) -> list[str]:
    """Return the sentences that Limner ends with where it cannot start."""
    known = keys(locale, "start.ftl")
    return [sentence(locale, key, names) for key, names in known.items() if not key.startswith("start-sandbox")]
