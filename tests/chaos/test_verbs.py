"""The chaos plays every verb that the bot has: a new command, option of /imagine, button or form fails here first."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from discord import app_commands

from bot.client import LimnerBot
from bot.ui import modals
from harness.processes import ROOT
from tests.chaos.plan import DEEDS, make_plan
from tests.chaos.planner import understood
from tests.chaos.verbs import UNPLAYED, VERBS
from tests.integration.conftest import World

WORDS = {"reply", "mention"}
"""Verbs that are words in the channel."""


def commands_of(bot: LimnerBot) -> Iterator[str]:
    for command in bot.tree.walk_commands():
        if isinstance(command, app_commands.Command):
            yield f"/{command.qualified_name}"
            if command.name == "imagine":
                yield from (f"/imagine {option.name}" for option in command.parameters)
    yield from (menu.name for menu in bot.tree.get_commands() if isinstance(menu, app_commands.ContextMenu))


def buttons_of(bot: LimnerBot) -> Iterator[str]:
    """Return the actions of the buttons and selects that work after a restart, by their ids' templates."""
    for template in bot._connection._view_store._dynamic_items:
        literal, _, rest = template.pattern.removeprefix("limner:").partition("(?P<")
        literal, actions = literal.rstrip(":"), rest.removeprefix("action>").partition(")")[0]
        if not rest.startswith("action>"):
            yield literal
        else:
            yield from (f"{literal}:{action}".lstrip(":") for action in actions.split("|"))


def forms() -> Iterator[str]:
    for name, template in vars(modals).items():
        if name.endswith("_FORM"):
            yield template.pattern.removeprefix("limner:").partition(":")[0]


async def test_each_verb_of_the_bot_is_played_or_there_is_a_reason(world: World) -> None:
    known = {*commands_of(world.bot), *buttons_of(world.bot), *forms(), *WORDS}
    played = {name for verb in VERBS.values() for name in verb.plays}
    assert {"/limits set", "/imagine seed", "Refine picture", "again", "picture:vary", "review:remove"} <= known
    assert known - played - UNPLAYED.keys() == set(), "the chaos does not play these"
    assert played - known == set(), "there are no such verbs"
    assert UNPLAYED.keys() <= known - played, "these need no reason any more"


def test_a_few_seeds_in_a_row_play_each_verb() -> None:
    seeds = range(7, 7 + -(-len(VERBS) // DEEDS))
    assert {deed.verb for seed in seeds for deed in make_plan(seed, own_engine=False).deeds} == set(VERBS)


def test_an_engine_of_its_own_is_asked_for_nothing_that_it_lacks() -> None:
    plans = [make_plan(seed, own_engine=True) for seed in range(20)]
    assert not any(VERBS[deed.verb].needs for plan in plans for deed in plan.deeds)


@pytest.mark.parametrize(
    ("words", "kind"), [("undo", "undo"), ("nice haha", "chat"), ("make it night", "change"), ("a boat", "")]
)
def test_the_scripted_model_understands(words: str, kind: str) -> None:
    assert understood(words).get("kind", "") == kind


@pytest.mark.full
def test_without_faults_each_verb_is_acknowledged() -> None:
    command = [sys.executable, "-m", "tests.chaos", "--runs", "1", "--seed", "1", "--verbs"]
    ran = subprocess.run(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True)
    print(ran.stdout)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "not played" not in ran.stdout
