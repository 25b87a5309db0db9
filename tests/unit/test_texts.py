"""Every text is in every locale, with the same variables, and is used."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

import pytest
from fluent.syntax import FluentParser, ast
from fluent.syntax.visitor import Visitor

from bot.domain.progress import Reason
from bot.ui.i18n import LOCALES, SOURCE, nearest, text

ROOT = Path(__file__).parents[2]
SHARED = [ROOT / "engine" / file for file in ("api/env_settings.py", "settings.py", "models/hub_errors.py")]
"""What names a mistake by its key in the engine, and the bot or the doctor says it."""
PAGE = [*ROOT.joinpath("bot/sandbox/page").glob("*.js"), ROOT / "bot/sandbox/page/index.html"]
"""The sandbox's page, which shows texts of its own."""
CODE = "\n".join(path.read_text("utf-8") for path in [*ROOT.joinpath("bot").rglob("*.py"), *SHARED, *PAGE])


class Variables(Visitor):
    def __init__(self) -> None:
        self.found: set[str] = set()

    def visit_VariableReference(self, node: ast.VariableReference) -> None:
        self.found.add(node.id.name)


def messages(locale: str) -> dict[str, set[str]]:
    found = {}
    folder = files("bot.ui").joinpath("locales", locale)
    source = "\n".join(file.read_text("utf-8") for file in folder.iterdir())
    for entry in FluentParser().parse(source).body:
        assert not isinstance(entry, ast.Junk), entry.content
        if isinstance(entry, ast.Message):
            visitor = Variables()
            visitor.visit(entry)
            assert entry.id.name not in found, f"{entry.id.name} stands twice"
            found[entry.id.name] = visitor.found
    return found


@pytest.mark.parametrize("locale", LOCALES)
def test_each_locale_has_every_text_with_the_same_variables(locale: str) -> None:
    assert messages(locale) == messages(SOURCE)


def test_a_chinese_refusal_names_options_as_discord_shows_them() -> None:
    folder = files("bot.ui").joinpath("locales", "zh-CN")
    lines = "\n".join(file.read_text("utf-8") for file in folder.iterdir())
    named = dict(re.findall(r"^option-(\S+)-name = (\S+)$", lines, re.MULTILINE))
    english = {key.replace("-", "_") for key, name in named.items() if name != key}
    assert {"image", "mask", "at_once"} <= english
    for key, said in re.findall(r"^(refused-\S+|links-unread) = (.*)$", lines, re.MULTILINE):
        words = set(re.findall(r"[a-z_0-9]+", re.sub(r"\{.*?\}", "", said)))
        assert not words & english, key


def test_no_text_is_unused() -> None:
    built = {
        "failed-",
        "zoom-",
        "refused-",
        "permission-",
        "button-",
        "details-",
        "per-",
        "shape-",
        "option-",
        "vary-",
        "unheeded-",
        "cli-",
    }
    built |= {"lack-", "status-", "page-", "log-", "log-value-", "stats-", "stats-why-"}
    built |= {"review-", "nsfw-is-", "nsfw-check-", "nsfw-choice-"}
    built |= {
        "delete-",
        "doctor-models-",
        "models-column-",
        "models-fits-",
        "models-here-",
        "models-page-",
        "export-left-",
        "erase-left-",
        "replies-",
        "replies-mode-",
        "limits-ceiling-",
        "photos-",
        "photos-mode-",
        "setting-photos-",
        "settings-photos-",
        "sandbox-channel-",
        "sandbox-topic-",
        "sandbox-at-least",
        "sandbox-at-most",
        "lora-flaw-",
        "models-",
        "models-kind-",
        "barred-",
    }
    unused = [
        key
        for key in messages(SOURCE)
        if f'"{key.removesuffix("-package").removesuffix("-remedy")}"' not in CODE
        and not re.fullmatch(r"(command|option|menu)-.+-name", key)  # found by the translator
        and not any(key.startswith(prefix) and f'"{prefix}{{' in CODE for prefix in built)
        and not re.search(rf"""["']{re.escape(key)}["']|{{{{{re.escape(key)}}}}}""", CODE)
    ]
    assert unused == []


def test_the_page_names_no_text_that_there_is_not() -> None:
    source = "\n".join(path.read_text("utf-8") for path in [*ROOT.joinpath("bot/sandbox").glob("*.py"), *PAGE])
    named = set(re.findall(r"""["'{](sandbox-[a-z-]+)["'}]""", source))
    assert len(named) > 80
    assert named - set(messages(SOURCE)) == set()


def test_every_reason_has_its_sentence() -> None:
    for reason in Reason:
        assert text(SOURCE, f"failed-{reason.value}", detail="x", where="x")


def test_locales_of_discord_find_theirs() -> None:
    assert [nearest(locale) for locale in ("en-GB", "zh-TW", "zh-CN", "de", "")] == ["en", "zh-CN", "zh-CN", "en", "en"]


def test_a_missing_argument_is_a_fault_and_not_shown() -> None:
    with pytest.raises(KeyError):
        text(SOURCE, "words", who="x")
