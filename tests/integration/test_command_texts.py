"""What Discord is told of the commands: names, descriptions and choices in Chinese, all within its limits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import pytest
from discord.app_commands import Choice, TranslationContextLocation

from bot.ui.command_translator import name_key
from bot.ui.i18n import SOURCE, text, texts
from tests.integration.conftest import World

SLASH, SUBCOMMANDS = 1, (1, 2)
NAME = re.compile(r"[-_\w]{1,32}")


def synced(world: World) -> list[dict[str, Any]]:
    (body,) = [r.json for r in world.env.backend.http_requests if r.method == "PUT" and r.path.endswith("/commands")]
    return list(body)


def walk(options: list[dict[str, Any]], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each command, subcommand and option with the words that lead to it."""
    for option in options:
        yield f"{path} {option['name']}".strip(), option
        yield from walk(option.get("options") or [], f"{path} {option['name']}".strip())


def slug(name: str) -> str:
    return name.lower().replace(" ", "-").replace("_", "-")


@pytest.mark.parametrize("locale", ["zh-CN", "zh-TW"])
async def test_every_name_and_description_is_in_chinese(world: World, locale: str) -> None:
    seen = dict(walk(synced(world)))
    assert {"imagine", "imagine prompt", "my", "my usage", "help"} <= set(seen)
    for path, option in seen.items():
        name = option["name_localizations"][locale]
        if "description" not in option:  # a context menu
            assert 1 <= len(name) <= 32, path
            continue
        assert NAME.fullmatch(name), (path, name)
        assert name == name.lower(), (path, name)
        described = option["description_localizations"][locale]
        for description in (option["description"], described):
            assert 1 <= len(description) <= 100, (path, description)
        assert described != option["description"], path
        for choice in option.get("choices") or []:
            assert 1 <= len(choice["name_localizations"][locale]) <= 100, (path, choice)


async def test_chinese_sentences_name_commands_as_they_are_called_in_chinese(world: World) -> None:
    """On Discord; the host's terminal and /help have the English names too."""
    names = {f"/{name}" for name in chinese_paths(synced(world))}
    folder = files("bot.ui").joinpath("locales", "zh-CN")
    host = ("start", "doctor", "init", "cli", "agents", "help")
    told = [
        line
        for file in folder.iterdir()
        if file.name.removesuffix(".ftl") not in host
        for line in file.read_text("utf-8").splitlines()
        if line[:1] != "#"
    ]
    named = {
        found
        for line in told
        for found in re.findall(r"(?<![\w<}/.])/(?:[a-z]{2,}|[\u4e00-\u9fff]+)(?: [\u4e00-\u9fff]+)*", line)
    }
    assert {"/画", "/管理 恢复"} <= named
    for name in named:
        assert any(name == known or name.startswith(f"{known} ") for known in names), name


def chinese_paths(options: list[dict[str, Any]], path: str = "") -> Iterator[str]:
    """Yield each command's and subcommand's whole name in Chinese."""
    for option in options:
        if option.get("type", SLASH) in SUBCOMMANDS:
            name = f"{path} {option['name_localizations']['zh-CN']}".strip()
            yield name
            yield from chinese_paths(option.get("options") or [], name)


async def test_names_are_unique_where_they_stand(world: World) -> None:
    commands = [command for command in synced(world) if command.get("type", SLASH) == SLASH]
    for level in (commands, *(option["options"] for _, option in walk(commands) if option.get("options"))):
        for name in ([o["name"] for o in level], [o["name_localizations"]["zh-CN"] for o in level]):
            assert len(name) == len(set(name)), name


async def test_locales_without_texts_see_the_english_ones(world: World) -> None:
    for path, option in walk(synced(world)):
        for names in (option["name_localizations"], option.get("description_localizations", {})):
            assert set(names) <= {"zh-CN", "zh-TW"}, path


async def test_the_english_names_are_those_in_the_code_and_none_is_left_over(world: World) -> None:
    named = {}
    for path, entry in walk(synced(world)):
        if "description" not in entry:
            named[f"menu-{slug(path)}-name"] = entry["name"]
        elif entry["type"] in SUBCOMMANDS:
            named[f"command-{slug(path)}-name"] = entry["name"]
        else:
            named[f"option-{slug(entry['name'])}-name"] = entry["name"]
    known = [key for key in texts(SOURCE).keys if re.fullmatch(r"(command|option|menu)-.+-name", key)]
    assert {key: text(SOURCE, key) for key in known} == named


async def test_what_was_not_written_for_translation_is_told() -> None:
    with pytest.raises(KeyError, match="localised"):
        name_key(TranslationContextLocation.choice_name, Choice(name="wide", value="wide"))
