"""A conversation survives a restart: in the database, sealed where that is, erased with the rest, in bounds."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from bot.cli.sandbox_run import sandbox_token
from bot.sandbox.guild import ADA, BEN, BOT, CHANNELS, DRAWING
from bot.sandbox.message import EPHEMERAL, Message
from bot.sandbox.server import API, Sandbox
from bot.services.ports.storage import StoreUnavailable
from bot.settings import Settings
from bot.storage import sandbox_messages
from bot.storage.database import Database
from bot.storage.personal_data import Records
from bot.storage.retention import Retention
from bot.storage.sandbox_messages import SandboxMessages
from bot.storage.sealed_file import check_seal
from bot.storage.sealing import Seal
from tests.sandbox.stage import ADA_DM, PNG

MARK = "zebrafinch"


class Run:
    """One run of the sandbox; members act over HTTP, and so does the bot, by hand."""

    def __init__(self, sandbox: Sandbox, session: aiohttp.ClientSession) -> None:
        self.sandbox, self.session = sandbox, session

    async def says(self, who: str, words: str, channel: int = DRAWING, **more: Any) -> Any:
        body = {"as": who, "channel_id": str(channel), "content": words, **more}
        async with self.session.post("/page/message", json=body) as response:
            assert response.status == 200, await response.text()
            return await response.json()

    async def deletes(self, who: str, message: Any) -> None:
        body = {"as": who, "channel_id": str(DRAWING), "message_id": message["id"]}
        async with self.session.post("/page/delete", json=body) as response:
            assert response.status == 200

    async def kept(self) -> None:
        """Write now what would be written within a second."""
        assert self.sandbox._keeper
        await self.sandbox._keeper.flush()

    async def uploads(self, who: str, name: str) -> str:
        async with self.session.post(f"/page/upload?as={who}&name={name}", data=PNG) as response:
            return str((await response.json())["id"])

    async def bot(self, method: str, path: str, **body: Any) -> Any:
        headers = {"Authorization": f"Bot {self.sandbox.token}"}
        async with self.session.request(method, API + path, json=body, headers=headers) as response:
            assert response.status < 300, await response.text()
            return await response.json()

    async def sees(self, who: str = "Ada") -> list[Any]:
        async with self.session.get("/page/state", params={"as": who}) as response:
            messages: list[Any] = (await response.json())["messages"]
            return messages

    async def texts(self, who: str = "Ada") -> list[str]:
        return [message["content"] for message in await self.sees(who)]


@pytest_asyncio.fixture(params=[b"", bytes(range(32))], ids=["plain", "sealed"])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    opened = await Database.open(tmp_path / "x.sqlite3", Seal(request.param), b"secret")
    await check_seal(opened)
    yield opened
    await opened.close()


@asynccontextmanager
async def run(database: Database) -> AsyncIterator[Run]:
    store = SandboxMessages(database)
    async with Sandbox(0, store=store) as sandbox, aiohttp.ClientSession(sandbox.url) as session:
        yield Run(sandbox, session)


def on_disk(folder: Path) -> bool:
    return any(MARK.encode() in file.read_bytes() or PNG in file.read_bytes() for file in folder.iterdir())


async def test_what_was_said_and_shown_is_there_again(database: Database, tmp_path: Path) -> None:
    async with run(database) as first:
        photo = await first.uploads("Ada", f"{MARK}.png")
        asked = await first.says("Ada", f"a {MARK} boat", attachments=[photo])
        answer: dict[str, Any] = {"content": "Queued", "message_reference": {"message_id": asked["id"]}}
        answer |= {"nonce": "n", "enforce_nonce": True}
        post = await first.bot("POST", f"/channels/{DRAWING}/messages", **answer)
        button = {"type": 2, "style": 2, "label": "Again", "custom_id": "again"}
        rows = [{"type": 1, "components": [button]}]
        await first.bot("PATCH", f"/channels/{DRAWING}/messages/{post['id']}", content="Done", components=rows)
        gone = await first.says("Ben", "never mind")
        await first.deletes("Ben", gone)
        await first.says("Ada", "between us", ADA_DM)
        before = await first.sees()
    assert on_disk(tmp_path) is not database.seal.on, "the database holds it, and sealed no word of it"
    async with run(database) as second:
        after = await second.sees()
        assert [one["content"] for one in after] == [f"a {MARK} boat", "Done", "between us"]
        same = str(after).replace(second.sandbox.url, "") == str(before).replace(first.sandbox.url, "")
        assert same, "all but the address"
        async with second.session.get(after[0]["attachments"][0]["url"]) as response:
            assert await response.read() == PNG
        edited = await second.bot("PATCH", f"/channels/{DRAWING}/messages/{post['id']}", content="Done again")
        assert edited["referenced_message"]["id"] == asked["id"]
        twin = await second.bot("POST", f"/channels/{DRAWING}/messages", **answer)
        assert twin["id"] == post["id"], "asked for again after the restart, it is posted once"
        later = await second.says("Ben", "nice", reply_to=post["id"])
        assert int(later["id"]) > int(post["id"])
    async with run(database) as third:
        assert await third.texts("Ben") == [f"a {MARK} boat", "Done again", "nice"]


async def test_what_one_member_alone_sees_is_not_kept(database: Database) -> None:
    async with run(database) as first:
        world, place = first.sandbox.world, CHANNELS[DRAWING]
        world.post(Message(place, BOT, flags=EPHEMERAL, seen_by=ADA), {"content": "psst"}, {})
        world.post(Message(place, BOT), {"content": "for all"}, {})
        assert await first.texts() == ["psst", "for all"]
    async with run(database) as second:
        assert await second.texts() == ["for all"]


async def test_an_erase_takes_what_someone_wrote_and_was_answered(database: Database, tmp_path: Path) -> None:
    async with run(database) as on:
        photo = await on.uploads("Ada", f"{MARK}.png")
        asked = await on.says("Ada", f"a {MARK} boat", attachments=[photo])
        answer = {"content": "Which boat?", "message_reference": {"message_id": asked["id"]}}
        await on.bot("POST", f"/channels/{DRAWING}/messages", **answer)
        await on.bot("POST", f"/channels/{DRAWING}/messages", content=f"<@{ADA}> · {MARK}")
        await on.says("Ben", "hello")
        await on.says("Ada", f"psst, {MARK}", ADA_DM)
        await on.bot("POST", f"/channels/{ADA_DM}/messages", content=f"Your data: {MARK}")
        await on.kept()
        kept = await Records(database).kept(ADA, 0.0)
        assert [each["words"] for each in kept["sandbox"]] == [f"a {MARK} boat", f"psst, {MARK}"]
        records = Records(database)
        assert (await records.erase(ADA, time.time())).whole
        await records.tidy()
        assert await on.texts() == ["hello"], "the page shows it no more"
        assert await on.texts("Ben") == ["hello"]
        await on.says("Ben", "and goes on")
    assert not on_disk(tmp_path)
    async with run(database) as again:
        assert await again.texts("Ben") == ["hello", "and goes on"]
    assert (await Records(database).kept(ADA, 0.0))["sandbox"] == []
    assert [each["words"] for each in (await Records(database).kept(BEN, 0.0))["sandbox"]] == ["hello", "and goes on"]


async def test_limner_s_own_sandbox_keeps_them(database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    texts: list[list[str]] = []
    for words in ("hello", "again"):
        async with sandbox_token(Settings(sandbox_port=0), database, has_engine=False):
            url = re.search(r"http://[\d.:]+", capsys.readouterr().err)
            assert url
            body = {"as": "Ada", "channel_id": str(DRAWING), "content": words}
            async with aiohttp.ClientSession(url[0]) as session:
                async with session.post("/page/message", json=body) as response:
                    assert response.status == 200
                async with session.get("/page/state?as=Ben") as response:
                    texts.append([message["content"] for message in (await response.json())["messages"]])
    assert texts == [["hello"], ["hello", "again"]]


async def test_a_damaged_message_keeps_nothing_from_starting(database: Database) -> None:
    async with run(database) as first:
        await first.says("Ada", "whole")
        await first.says("Ada", "damaged")

    def damage(connection: sqlite3.Connection, body: str) -> None:
        newest = "(SELECT max(id) FROM sandbox_messages)"
        connection.execute(f"UPDATE sandbox_messages SET sealed = 0, body = ? WHERE id = {newest}", (body,))

    for body in ("[" * 9, "{}", '{"author": 1}', "a boat"):
        await database.write(partial(damage, body=body))
        async with run(database) as second:
            assert await second.texts() == ["whole"]
        assert [each["words"] for each in (await Records(database).kept(ADA, 0.0))["sandbox"]] == ["whole"]


async def test_old_words_go_with_the_others(database: Database) -> None:
    async with run(database) as first:
        said = await first.says("Ada", "long ago")
    now = (await SandboxMessages(database).load())[0].made_at
    await Retention(database).purge_words(now, now)
    assert [str(kept.id) for kept in await SandboxMessages(database).load()] == [said["id"]]
    await Retention(database).purge_words(now + 1, now + 1)
    async with run(database) as second:
        assert await second.texts() == []


@pytest.mark.parametrize("budget", ["MOST_MESSAGES", "MOST_BYTES"])
async def test_the_oldest_go_when_there_is_too_much(
    database: Database, budget: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox_messages, budget, {"MOST_MESSAGES": 3, "MOST_BYTES": 4_000}[budget])
    async with run(database) as first:
        for number in range(20):
            photo = await first.uploads("Ada", "a.png")
            await first.says("Ada", f"line {number}", attachments=[photo])
        assert len(await first.texts()) == 20, "what the page shows meanwhile stays"
    kept = await SandboxMessages(database).load()
    assert 1 < len(kept) < 6
    async with run(database) as second:
        assert await second.texts() == [f"line {number}" for number in range(20 - len(kept), 20)]
    files = "SELECT count(*) FROM sandbox_files"
    assert await database.read(lambda connection: connection.execute(files).fetchone()[0]) == len(kept)


async def test_a_full_disk_loses_nothing(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    async def full(*_: object, **__: object) -> None:
        raise StoreUnavailable("database or disk is full")

    async with run(database) as first:
        await first.says("Ada", "early")
        gone = await first.says("Ada", "gone")
        with monkeypatch.context() as patched:
            patched.setattr(SandboxMessages, "keep", full)
            await first.kept()
        await first.deletes("Ada", gone)
        await first.says("Ada", "late")
    async with run(database) as second:
        assert await second.texts() == ["early", "late"]
