"""docs/budgets.md: what each thing that a member can do may cost, held to what it costs; none is without a row."""

from __future__ import annotations

import json
import re
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import discord
import pytest
from discord import app_commands

from bot.assembly import Adapters
from bot.cogs.double_press import SAME_S
from bot.domain.quota import Limit
from bot.host.agent_wire import Change, Draw, LookUp
from bot.services.gallery import PER_PAGE
from bot.services.orders import Rules
from bot.storage.database import Database
from bot.ui.button_items import JobButton
from bot.ui.i18n import text
from bot.workers.picture_decoder import CLEAN_BYTES
from engine.api.messages import Model, ModelFacts, UpscalerFacts
from tests.docs.reading import ROOT, table
from tests.fakes import PNG, SPEC, FakeCharts, FakePixels
from tests.integration import conftest
from tests.integration.conftest import World, adapters, under_more
from tests.integration.test_moderation import moderator

HEAD = "what a member does"
COLUMNS = ("posts", "commits", "bytes", "database_ms", "understandings", "pictures", "processes")
CROWDED = 10.0
"""A test's machine may be so many times slower than the quiet one that the milliseconds are for."""


@dataclass
class Spent:
    """What was spent since the last look."""

    posts: int = 0
    commits: int = 0
    bytes: int = 0
    database_ms: float = 0.0
    understandings: int = 0
    pictures: int = 0
    processes: int = 0


@pytest.fixture(autouse=True)
def generous(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conftest, "RULES", Rules((Limit(20, "hour"),), at_once=9))


@pytest.fixture
def spent(monkeypatch: pytest.MonkeyPatch) -> Spent:
    """Count commits, the work on the database's thread, and child processes of the bot under test."""
    counted = Spent()
    write = Database.write

    async def counting(self: Database, work: Callable[[sqlite3.Connection], Any], *more: Any, **named: Any) -> Any:
        def timed(connection: sqlite3.Connection) -> Any:
            began = time.thread_time()
            try:
                return work(connection)
            finally:
                counted.database_ms += (time.thread_time() - began) * 1_000

        result = await write(self, timed, *more, **named)
        counted.commits += 1
        return result

    class Pixels(FakePixels):
        async def fit(self, data: bytes, limit: int) -> bytes:
            counted.processes += len(data) > limit
            return await super().fit(data, limit)

    def in_a_process(name: str) -> Callable[..., Awaitable[Any]]:
        async def done(self: Pixels, *given: Any) -> Any:
            counted.processes += 1
            return await getattr(FakePixels, name)(self, *given)

        return done

    for name in ("clean", "keep", "mask", "grid", "cells", "surround"):
        setattr(Pixels, name, in_a_process(name))

    class Charts(FakeCharts):
        async def draw(self, *arguments: Any) -> bytes:
            counted.processes += 1
            return await super().draw(*arguments)

    def counted_adapters(*arguments: Any) -> Adapters:
        made = adapters(*arguments)
        values = {name: getattr(made, name) for name in made.__dataclass_fields__}
        return Adapters(**{**values, "pixels": Pixels(), "charts": Charts()})

    monkeypatch.setattr(Database, "write", counting)
    monkeypatch.setattr(conftest, "adapters", counted_adapters)
    return counted


async def size(world: World) -> int:
    """Return how many bytes stand in the rows of all tables."""

    def work(connection: sqlite3.Connection) -> int:
        total = 0
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            columns = [row[1] for row in connection.execute(f"PRAGMA table_info({name})")]
            lengths = " + ".join(f"coalesce(length(CAST({column} AS BLOB)), 0)" for column in columns)
            total += connection.execute(f"SELECT coalesce(sum({lengths}), 0) FROM {name}").fetchone()[0]
        return total

    return await world.database.read(work)


def outside(world: World) -> tuple[int, int, int]:
    """Return how many messages the bot has posted, how often the model read, and how often it painted."""
    posts = [one for one in world.env.backend.http_requests if one.method == "POST" and one.path.endswith("/messages")]
    return len(posts), len(world.engine.chats), sum(request.n for request, _ in world.engine.painted)


@asynccontextmanager
async def measured(world: World, spent: Spent) -> AsyncIterator[Spent]:
    await world.env.settle()
    before, bytes_before = outside(world), await size(world)
    spent.commits, spent.database_ms, spent.processes = 0, 0.0, 0
    yield spent
    await world.env.settle()
    after = outside(world)
    spent.posts, spent.understandings, spent.pictures = (b - a for a, b in zip(before, after, strict=True))
    spent.bytes = await size(world) - bytes_before


async def by_agent(world: World, kind: Any, picture: Any = None, **given: Any) -> None:
    if picture is not None:
        job = await world.jobs.by_message(picture.id)
        assert job
        given["picture"] = job.id
    answer = await world.bot.agents.answer(kind(user_id=world.ada.id, channel_id=world.channel.id, **given))
    assert not answer.refused


Act = Callable[[World, Any], Awaitable[Any]]


async def reply(world: World, picture: Any, words: str) -> None:
    await world.ada.send(world.channel, words, reply_to=picture)


async def vary(world: World, picture: Any) -> None:
    asked = await world.ada.click(picture, label="Vary")
    await world.ada.select(asked.response, values=["strong"])


async def picked(world: World, _: Any) -> None:
    """A set that is there already, whose second picture is wanted."""
    await world.ada.click(world.message, label="2")


async def erase(world: World, _: Any) -> None:
    asked = await world.ada.slash(world.channel, "my data erase")
    await world.ada.click(asked.response, label="Erase everything")


async def cancel(world: World, picture: Any) -> None:
    painted = world.hold()
    await world.ada.click(picture, label="Again")
    await world.ada.click(world.message, label="Cancel")
    painted.set()


async def start_menu(world: World, photo: Any) -> None:
    shown = await world.ada.context_menu(world.channel, "Start from this picture", photo)
    await world.ada.submit_modal(shown, {"words": "as a watercolor"})


async def three(world: World, _: Any) -> None:
    names = ("image", "image2", "image3")
    pictures = {name: (f"{name}.png", PNG + name.encode() + bytes(CLEAN_BYTES - 100)) for name in names}
    await world.ada.slash(world.channel, "imagine", prompt="him with this hat", **pictures)


async def masked(world: World, _: Any) -> None:
    given = {"image": ("a.png", PNG), "mask": ("m.png", PNG + b"mask")}
    await world.ada.slash(world.channel, "imagine", prompt="a hill", **given)


async def region_shown(world: World, picture: Any) -> Any:
    return (await under_more(world.ada, picture, "Edit region")).response


async def region_form(world: World, picture: Any) -> Any:
    shown = await region_shown(world, picture)
    await world.ada.click(shown, label="5")
    return await world.ada.click(shown, label=text("en", "region-words"))


async def zoom_shown(world: World, picture: Any) -> Any:
    return (await under_more(world.ada, picture, "Zoom out")).response


# What comes before an act, and is not counted; it returns what the act is done to.


async def pages(world: World, picture: Any) -> Any:
    for _ in range(PER_PAGE):
        await world.ada.click(picture, label="Again")
        world.env.backend.advance_clock(SAME_S)
    return (await world.ada.slash(world.channel, "my pictures")).response


async def favourite(world: World, picture: Any) -> Any:
    await world.ada.click(picture, label="★")
    return picture


async def running(world: World, picture: Any) -> Any:
    world.hold()
    await world.ada.click(picture, label="Again")
    return world.message


async def asked_which(world: World, picture: Any) -> Any:
    world.engine.answer = json.dumps({**SPEC, "kind": "change", "version": None, "picture": None})
    await reply(world, picture, "make it night")
    return world.message


async def photo(world: World, _: Any) -> Any:
    await world.mo.slash(world.channel, "my settings", photos="yes")
    boss = moderator(world)
    await boss.slash(world.channel, "moderation log-channel", channel=world.env.guild.create_text_channel("log"))
    return await world.mo.send(world.channel, "me", attachments=[("me.png", PNG)])


async def editor(world: World, picture: Any) -> Any:
    facts = ModelFacts("painter", lacks=["strength"], edits_by_instruction=True, references=4)
    world.engine.listed = [Model("klein", limner=facts)]
    await world.bot.services.catalog.refresh()
    return picture


async def held(world: World, picture: Any) -> Any:
    world.engine.listed = [Model("fake", limner=ModelFacts("painter", check="on"))]
    world.engine.scores = [0.9]
    boss = moderator(world)
    await boss.slash(world.channel, "moderation nsfw", policy="hold")
    return boss


async def hold_and_release(world: World, boss: Any) -> None:
    await world.ada.slash(world.channel, "imagine", prompt="a hill", count=1)
    shown = (await boss.slash(world.channel, "moderation review")).response
    await boss.click(shown, label="Release")


async def scales(world: World, picture: Any) -> Any:
    facts = ModelFacts("painter", sizes={"square": "512x512"}, upscaler=UpscalerFacts("x4plus", [2, 4], 6_144))
    world.engine.listed = [Model("fake", limner=facts)]
    await world.bot.services.catalog.refresh()
    return (await world.ada.click(picture, label="Upscale")).response


async def small_world(world: World, _: Any) -> Any:
    facts = ModelFacts("planner", knows={"en": ["ink"]}, words=["ink"])
    world.engine.listed = [Model("fake", limner=ModelFacts("painter")), Model("small", limner=facts)]
    await world.bot.services.catalog.refresh()


async def doubted(world: World, picture: Any) -> Any:
    await small_world(world, picture)
    return await unknown_style(world, picture)


async def small_reader(world: World, picture: Any) -> Any:
    await small_world(world, picture)
    world.engine.answer = json.dumps({**SPEC, "kind": "new", "unknown_thing": "hill", "near": ["boat"]})


async def unknown_style(world: World, _: Any) -> Any:
    return (await world.ada.slash(world.channel, "imagine", prompt="a hill", style="pixel-art", count=1)).response


BEFORE: dict[str, Act] = {
    "a style that is unknown": small_world,
    "a thing that is unknown": small_reader,
    "a thing that is unknown, under a mention": small_reader,
    "drawn anyway": doubted,
    "a size chosen": scales,
    "a page turned": pages,
    "a button of my pictures": pages,
    "/imagine with favourite": favourite,
    "/my pictures search": favourite,
    "a favourite completed": favourite,
    "Cancel": running,
    "a number after a reply to a set": asked_which,
    "Start from this picture": photo,
    "/imagine with three images": editor,
    "a cell chosen": region_shown,
    "words for a region": region_shown,
    "a region's form sent": region_form,
    "a zoom chosen": zoom_shown,
    "/imagine, held and released": held,
}
ACTS: dict[str, Act] = {
    "a page turned": lambda w, page: w.ada.click(page, label=text("en", "page-pictures-on")),
    "Cancel": lambda w, post: w.ada.click(post, label="Cancel"),
    "a number after a reply to a set": lambda w, asked: w.ada.click(asked, label="2"),
    "Start from this picture": start_menu,
    "Refine picture": lambda w, picture: w.ada.context_menu(w.channel, "Refine picture", picture),
    "/imagine with three images": three,
    "/imagine, held and released": hold_and_release,
    "/imagine": lambda w, _: w.ada.slash(w.channel, "imagine", prompt="a hill", count=1),
    "/imagine with image": lambda w, _: w.ada.slash(w.channel, "imagine", prompt="a hill", image=("a.png", PNG)),
    "an agent draws": lambda w, _: by_agent(w, Draw, words="a hill"),
    "an agent changes a picture": lambda w, picture: by_agent(w, Change, picture, words="make it blue"),
    "an agent looks something up": lambda w, picture: by_agent(w, LookUp, picture),
    "/help": lambda w, _: w.ada.slash(w.channel, "help"),
    "/styles": lambda w, _: w.ada.slash(w.channel, "styles"),
    "/status": lambda w, _: w.ada.slash(w.channel, "status"),
    "/my usage": lambda w, _: w.ada.slash(w.channel, "my usage"),
    "/my pictures": lambda w, _: w.ada.slash(w.channel, "my pictures"),
    "/my pictures search": lambda w, _: w.ada.slash(w.channel, "my pictures", search="boat", favourites=True),
    "a button of my pictures": lambda w, page: w.ada.click(page, label="☆ 1"),
    "Favourite picture": lambda w, picture: w.ada.context_menu(w.channel, "Favourite picture", picture),
    "/imagine with favourite": lambda w, _: w.ada.slash(w.channel, "imagine", prompt="a hill", favourite="boat"),
    "a prompt completed": lambda w, _: w.ada.autocomplete(w.channel, "imagine", "prompt", "boat"),
    "a favourite completed": lambda w, _: w.ada.autocomplete(w.channel, "imagine", "favourite", "boat"),
    "/my settings": lambda w, _: w.ada.slash(w.channel, "my settings", private=True),
    "/my data export": lambda w, _: w.ada.slash(w.channel, "my data export"),
    "/my data erase": lambda w, _: w.ada.slash(w.channel, "my data erase"),
    "reply": lambda w, picture: reply(w, picture, "make it blue"),
    "mention": lambda w, _: w.ada.send(w.channel, f"<@{w.env.bot.user.id}> draw a hill", attachments=[("a.png", PNG)]),
    "refused reply": lambda w, picture: reply(w, picture, f"<@{w.env.bot.user.id}>"),
    "Again": lambda w, picture: w.ada.click(picture, label="Again"),
    "Details": lambda w, picture: under_more(w.ada, picture, "Details"),
    "Delete": lambda w, picture: under_more(w.ada, picture, "Delete"),
    "Vary": lambda w, picture: w.ada.click(picture, label="Vary"),
    "Upscale": lambda w, picture: w.ada.click(picture, label="Upscale"),
    "a strength chosen": vary,
    "a style that is unknown": unknown_style,
    "a thing that is unknown": lambda w, _: w.ada.slash(w.channel, "imagine", prompt="a hill"),
    "a thing that is unknown, under a mention": lambda w, _: w.ada.send(w.channel, f"<@{w.env.bot.user.id}> a hill"),
    "drawn anyway": lambda w, asked: w.ada.click(asked, label="Draw it anyway"),
    "a size chosen": lambda w, asked: w.ada.click(asked, label="×4"),
    "erase confirmed": erase,
    "Again, then Cancel": cancel,
    "Edit region": lambda w, picture: under_more(w.ada, picture, "Edit region"),
    "a cell chosen": lambda w, shown: w.ada.click(shown, label="5"),
    "words for a region": lambda w, shown: w.ada.click(shown, label=text("en", "region-words")),
    "a region's form sent": lambda w, form: w.ada.submit_modal(form, {"words": "a lighthouse"}),
    "Zoom out": lambda w, picture: under_more(w.ada, picture, "Zoom out"),
    "a zoom chosen": lambda w, shown: w.ada.click(shown, label="1.5×"),
    "/imagine with a mask": masked,
    "More": lambda w, picture: w.ada.click(picture, label="More"),
    "Favourite": lambda w, picture: w.ada.click(picture, label="★"),
    "a number under a set": picked,
    "Refine": lambda w, picture: w.ada.click(picture, label="Refine"),
}


def budgets() -> dict[str, list[float]]:
    """Return the table's rows: what is done, and the most that it may cost, a picture's cost being for one picture."""
    return {row[0].strip("`"): [float(cell) for cell in row[1:8]] for row in table(ROOT / "docs" / "budgets.md", HEAD)}


@pytest.mark.parametrize("name", ACTS)
async def test_it_costs_no_more_than_its_budget(spent: Spent, world: World, name: str) -> None:
    count = {"count": 2} if "set" in name else {}
    await world.ada.slash(world.channel, "imagine", prompt="a red boat", seed=7, **count)
    target = picture = world.message
    if name in BEFORE:
        target = await BEFORE[name](world, picture)
    async with measured(world, spent):
        await ACTS[name](world, target)
    budget = dict(zip(COLUMNS, budgets()[name], strict=True))
    budget["database_ms"] *= CROWDED
    over = {column: getattr(spent, column) for column in COLUMNS if getattr(spent, column) > budget[column]}
    assert over == {}, (spent, budget)


def commands(found: Any) -> list[str]:
    """Return the names of the commands that members have; those of moderators ask for a permission."""
    if getattr(found, "default_permissions", None) is not None:
        return []
    if isinstance(found, app_commands.Group):
        return [name for one in found.commands for name in commands(one)]
    return [found.name if isinstance(found, app_commands.ContextMenu) else f"/{found.qualified_name}"]


KINDS = {"StrengthSelect": "a strength chosen", "ScaleButton": "a size chosen",
         "PictureSelect": "a picture chosen", "PageButton": "a page turned",
         "CellButton": "a cell chosen", "RegionWordsButton": "words for a region", "ZoomButton": "a zoom chosen",
         "PickButton": "a number under a set", "WhichButton": "a number after a reply to a set",
         "EraseButton": "erase confirmed", "AnywayButton": "drawn anyway",
         "GalleryButton": "a button of my pictures"}  # fmt: skip
LABELS = {"region": "Edit region", "zoom": "Zoom out"}
MODERATORS = {"ReviewButton"}


def test_nothing_that_a_member_can_do_is_without_a_row(world: World) -> None:
    tree = world.bot.tree
    kinds = [*tree.get_commands(), *tree.get_commands(type=discord.AppCommandType.message)]
    verbs = {name for found in kinds for name in commands(found)}
    items = {kind.__name__ for kind in world.bot._connection._view_store._dynamic_items.values()}
    actions = re.search(r"\(\?P<action>([a-z|]+)\)", JobButton.__discord_ui_compiled_template__.pattern)
    assert actions
    verbs |= {LABELS.get(action, action.capitalize()) for action in actions[1].split("|")}
    verbs |= {KINDS[kind] for kind in items - {"JobButton"} - MODERATORS}
    assert verbs - set(budgets()) == set(), "docs/budgets.md needs a row, and this test the act"
    assert set(ACTS) <= set(budgets())
