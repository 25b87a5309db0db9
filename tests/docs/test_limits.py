"""The documents' rows on limits do what they say with the settings that a host starts with: each is typed and tried."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import discord
import pytest

from bot.domain.expiry import parse_expiry
from bot.domain.quota import WINDOWS
from bot.services.orders import Rules
from bot.settings import read
from tests.docs.reading import ROOT, tables
from tests.integration import conftest
from tests.integration.conftest import World
from tests.integration.test_models import offering

HOST = read({"DISCORD_TOKEN": "a host's"}).host
DEFAULT = {limit.per: limit.images for limit in HOST.limits}
PAGES = ("docs/moderators.md", "docs/moderators.zh-CN.md")
HEADS = ("you want", "你想要")


@dataclass(frozen=True)
class Row:
    """A row of a page: what it promises, and the orders that one types for it, each a verb and options."""

    page: str
    promise: str
    orders: tuple[tuple[str, dict[str, str]], ...]


def rows() -> list[Row]:
    return [
        Row(page, cells[0], tuple(orders(cells[1])))
        for page in PAGES
        for table in tables(ROOT / page)
        if table[0][0] in HEADS
        for cells in table[1:]
    ]


def orders(cell: str) -> list[tuple[str, dict[str, str]]]:
    """Return a cell's orders; one without a command is the one before with other options."""
    found: list[tuple[str, dict[str, str]]] = []
    for typed in re.findall(r"`([^`]+)`", cell):
        words = typed.split()
        given = dict(word.split(":", 1) for word in words if ":" in word)
        if typed.startswith("/limits "):
            found.append((words[1], given))
        elif found:
            found.append((found[-1][0], found[-1][1] | given))
        else:  # "add at_once:1", to any rule
            found.append(("set", {"target": "@ada", "images": "5", "per": "hour"} | given))
    return found


@pytest.fixture(autouse=True)
def as_a_host_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    made = Rules(HOST.limits, HOST.at_once, ceiling=HOST.ceiling, understandings_per_minute=None)
    monkeypatch.setattr(conftest, "RULES", made)


@dataclass
class Server:
    world: World
    boss: Any
    supporter: Any
    people: dict[str, Any]

    async def type(self, verb: str, given: dict[str, str]) -> str:
        options: dict[str, Any] = {name: int(value) if value.isdigit() else value for name, value in given.items()}
        options |= {name: self.people[value] for name, value in given.items() if value.startswith("@")}
        answer = await self.boss.slash(self.world.channel, f"limits {verb}", **options)
        return str(answer.response.content)

    async def draws(self, who: Any, count: int = 1, **options: Any) -> bool:
        answer = await who.slash(self.world.channel, "imagine", prompt="a boat", count=count, exact=True, **options)
        return answer.response is None or "n its way" in answer.response.content

    async def exactly(self, who: Any, images: int) -> None:
        """Assert that so many pictures are to be had now, and not one more."""
        for count in [4] * (images // 4) + [1] * (images % 4):
            assert await self.draws(who, count)
        assert not await self.draws(who)

    def wait(self, seconds: float) -> None:
        self.world.clock.at += seconds


@pytest.fixture
def server(world: World) -> Server:
    guild = world.env.guild
    managers = guild.create_role("Managers", permissions=discord.Permissions(manage_guild=True))
    supporters = guild.create_role("Supporters")
    people = {"@everyone": guild.default_role, "@Supporters": supporters, "@ada": world.ada}
    boss = guild.add_member(world.env.create_user("Boss"), roles=[managers])
    return Server(world, boss, guild.add_member(world.env.create_user("Eve"), roles=[supporters]), people)


async def test_everyone(server: Server, row: Row) -> None:
    """Each window holds exactly what the row says: the short ones over and over until the longest is full."""
    for verb, given in row.orders:
        await server.type(verb, given)
    windows = {given["per"]: int(given["images"]) for _, given in row.orders}
    assert all(str(images) in row.promise for images in windows.values())
    shortest, longest = min(windows, key=WINDOWS.__getitem__), max(windows, key=WINDOWS.__getitem__)
    left = windows[longest]
    while left:
        now = min(left, windows[shortest])
        await server.exactly(server.world.ben, now)
        left -= now
        server.wait(WINDOWS[shortest])
    assert not await server.draws(server.world.ben), f"the {longest} is full"


async def test_a_role(server: Server, row: Row) -> None:
    ((verb, given),) = row.orders
    assert int(given["images"]) > DEFAULT[given["per"]], "it says more"
    assert "more" in row.promise or "多" in row.promise
    await server.type(verb, given)
    await server.exactly(server.supporter, int(given["images"]))
    await server.exactly(server.world.ben, DEFAULT["hour"])


async def test_less_for_someone(server: Server, row: Row) -> None:
    ((verb, given),) = row.orders
    assert int(given["images"]) < DEFAULT[given["per"]], "it says less"
    await server.type(verb, given)
    await server.exactly(server.world.ada, int(given["images"]))
    server.wait(parse_expiry(given["expires"], 0.0) + 1.0)
    await server.exactly(server.world.ada, DEFAULT["hour"])


async def test_none_for_someone(server: Server, row: Row) -> None:
    ((verb, given),) = row.orders
    await server.type("grant", {"user": "@ada", "images": "5"})
    await server.type(verb, given)
    assert not await server.draws(server.world.ada)
    assert await server.draws(server.world.ben)


async def test_a_model(server: Server, row: Row) -> None:
    """Each person has so many by that model in its window, which is longer than the default's, and another goes on."""
    (_, everyone), (_, role) = row.orders
    await offering(server.world, "another", everyone["model"])  # the last one paints where none is named
    for verb, given in row.orders:
        await server.type(verb, given)
    for who, given in ((server.world.ada, everyone), (server.supporter, role)):
        assert given["images"] in row.promise
        await server.exactly(who, int(given["images"]))
        server.wait(WINDOWS["hour"])
        assert not await server.draws(who)
        assert await server.draws(who, model="another")


async def test_requests_at_once(server: Server, row: Row) -> None:
    ((verb, given),) = row.orders
    await server.type(verb, given)
    painted = server.world.hold()
    for _ in range(int(given["at_once"])):
        assert await server.draws(server.world.ada)
    assert not await server.draws(server.world.ada)
    painted.set()


async def test_a_grant(server: Server, row: Row) -> None:
    ((verb, given),) = row.orders
    await server.exactly(server.world.ada, DEFAULT["hour"])
    await server.type(verb, given)
    await server.exactly(server.world.ada, int(given["images"]))


async def test_a_reset(server: Server, row: Row) -> None:
    ((verb, given),) = row.orders
    await server.type("set", {"target": "@ada", "images": "1", "per": "hour"})
    await server.type("grant", {"user": "@ada", "images": "5"})
    await server.type(verb, given)
    await server.exactly(server.world.ada, DEFAULT["hour"])


async def test_why(server: Server, row: Row) -> None:
    ((verb, given),) = row.orders
    await server.type("set", {"target": "@ada", "images": "0", "per": "week"})
    assert "0 each week · **this one wins**" in await server.type(verb, given)


async def test_show(server: Server, row: Row) -> None:
    ((verb, given),) = row.orders
    await server.type("set", {"target": "@Supporters", "images": "40", "per": "hour"})
    await server.type("set", {"target": "@ada", "images": "3", "per": "day"})
    told = await server.type(verb, given)
    assert "40 each hour" in told
    assert "3 each day" in told


def of(row: Row) -> str:
    """Return the name of the test for what a row is about."""
    verb, given = row.orders[0]
    if verb != "set":
        return {"grant": "a_grant", "reset": "a_reset", "why": "why", "show": "show"}[verb]
    if "at_once" in given:
        return "requests_at_once"
    if "model" in given:
        return "a_model"
    if given["target"] == "@everyone":
        return "everyone"
    if given["target"] == "@ada":
        return "none_for_someone" if given["images"] == "0" else "less_for_someone"
    return "a_role"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give each test the rows that are about it."""
    if "row" in metafunc.fixturenames:
        mine = [row for row in rows() if f"test_{of(row)}" == metafunc.function.__name__]
        full = {row.page: pytest.mark.full if row.page != PAGES[0] else () for row in mine}
        metafunc.parametrize(
            "row", [pytest.param(row, marks=full[row.page], id=f"{row.page}: {row.promise}") for row in mine]
        )


def test_the_pages_have_such_rows() -> None:
    known = {name.removeprefix("test_") for name in globals() if name.startswith("test_")}
    for page in PAGES:
        assert {"everyone", "a_role", "a_model", "less_for_someone", "none_for_someone", "a_grant", "a_reset"} <= {
            of(row) for row in rows() if row.page == page
        }
    assert {of(row) for row in rows()} <= known


def test_each_language_types_the_same_orders() -> None:
    """So that `make test` needs to try those of one page alone."""
    english, chinese = ([row for row in rows() if row.page == page] for page in PAGES)
    assert [row.orders for row in english] == [row.orders for row in chinese]
    for row in rows():
        if of(row) == "everyone":
            assert all(given["images"] in row.promise for _, given in row.orders)
