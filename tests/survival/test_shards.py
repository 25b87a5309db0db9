"""Four hundred servers on four shards: all are served, and neither a lost gateway nor a stop costs a picture."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from bot.domain.shards import shard_of
from bot.sandbox.guild import ADA, BOT, GUILD
from bot.ui import sharded_client
from harness.many_servers import many_servers
from tests.survival.conftest import Wire

SERVERS, SOME, SHARDS = 400, 40, 4
CONNECT = "^CONNECT /gateway$"
REQUEST_MEMBERS = 8
ADA_DM = ADA + 30


class Sharded:
    """The bot in many servers; `places` are channels, the first of shard 0, the next of shard 1 and so on."""

    def __init__(self, wire: Wire, places: list[int], servers: int) -> None:
        self.wire, self.servers = wire, servers
        self.gateway = wire.sandbox.gateway
        self.places = sorted(places[:SHARDS], key=lambda place: shard_of(place, SHARDS))
        self.asked_of_gateway: list[int] = []
        self.called: list[str] = []
        self._note()

    def _note(self) -> None:
        """Note each REST call, and the kind of each payload that a shard sends."""
        troubles, receive = self.wire.sandbox.troubles, self.gateway._receive
        meet = troubles.meet

        async def called(call: str, request: Any, handler: Any) -> Any:
            self.called.append(call)
            return await meet(call, request, handler)

        def received(connection: Any, session: Any, text: str) -> Any:
            self.asked_of_gateway.append(json.loads(text)["op"])
            return receive(connection, session, text)

        troubles.meet = called  # type: ignore[method-assign]
        self.gateway._receive = received  # type: ignore[method-assign]

    async def begin(self) -> None:
        self.wire.begin()
        await self.wire.ready()
        await self.wire.until(lambda: len(self.client.guilds) == self.servers + 1, "the servers")

    @property
    def client(self) -> Any:
        return self.wire.clients[-1]

    async def ask(self, place: int, words: str = "a red boat") -> None:
        await self.wire.act("message", channel_id=str(place), content=f"<@{BOT}> {words}")

    async def drawn(self, counts: dict[int, int]) -> None:
        """Wait for so many pictures in each place, each in a message of its own."""
        await self.wire.settled(*[("done", "spent")] * sum(counts.values()))
        for place, count in counts.items():
            mine = [post for post in await self.wire.seen("Ada", place) if post["author"]["id"] == str(BOT)]
            assert [len(post["attachments"]) for post in mine] == [1] * count, (place, mine)


@pytest_asyncio.fixture
async def off(bare: Wire, request: pytest.FixtureRequest) -> AsyncIterator[Sharded]:
    """Lend the servers before the bot is there, SOME unless a test says how many."""
    servers = getattr(request, "param", SOME)
    with many_servers(bare.sandbox.world, servers) as places:
        bare.sandbox.gateway.shards = bare.sandbox.gateway.max_concurrency = SHARDS
        yield Sharded(bare, places, servers)
        await bare.end()


@pytest_asyncio.fixture
async def on(off: Sharded) -> Sharded:
    await off.begin()
    return off


@pytest.mark.parametrize("off", [SERVERS], indirect=True)
async def test_each_shard_has_its_servers_and_a_start_asks_nothing_for_each(on: Sharded) -> None:
    assert on.client.shard_count == SHARDS
    assert sorted(session.shard for session in on.gateway.sessions.values()) == [(n, SHARDS) for n in range(SHARDS)]
    assert [shard_of(place, SHARDS) for place in on.places] == [0, 1, 2, 3]
    asked = [call for call in on.called if call != "CONNECT /gateway"]
    assert len(asked) == len(set(asked)) <= 6, "whatever the number of servers and shards"
    assert not [call for call in on.called if "/guilds/" in call]
    assert REQUEST_MEMBERS not in on.asked_of_gateway
    for guild in on.client.guilds:
        unread = (*guild.emojis, *guild.stickers, *guild.soundboard_sounds, *guild.scheduled_events)
        assert not unread, "what is not read is not kept"
        assert len(guild.members) == 1, "the bot itself"
        assert not any(channel.topic for channel in guild.text_channels)
        assert guild.id == GUILD or len(guild.threads) > 1 < len(guild.roles), "what permissions need is"


async def test_every_shard_draws_and_direct_messages_are_the_first_ones(on: Sharded) -> None:
    for place in (*on.places, ADA_DM):
        await on.ask(place)
    await on.drawn(dict.fromkeys((*on.places, ADA_DM), 1))


async def test_a_dropped_gateway_costs_nothing_and_concerns_no_other_shard(on: Sharded) -> None:
    painted = asyncio.Event()
    on.wire.engine.hold = painted.wait
    for place in on.places:
        await on.ask(place)
    await on.wire.until(lambda: len(on.wire.engine.painted) == SHARDS, "the paintings")
    before = {session.shard[0]: (session.id, session.connection) for session in on.gateway.sessions.values()}
    await on.wire.act("cut", shard=2)
    await on.ask(on.places[2], "while away")
    await on.ask(on.places[1], "meanwhile")
    await on.wire.until(lambda: on.gateway.sessions[before[2][0]].connection not in (None, before[2][1]), "the shard")
    after = {session.shard[0]: (session.id, session.connection) for session in on.gateway.sessions.values()}
    assert {n for n in before if before[n] != after[n]} == {2}
    assert before[2][0] == after[2][0], "it resumed"
    painted.set()
    await on.drawn({on.places[0]: 1, on.places[1]: 2, on.places[2]: 2, on.places[3]: 1})


async def test_a_shard_whose_first_attempts_to_come_back_fail_resumes_all_the_same(
    on: Sharded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("discord.backoff.ExponentialBackoff.delay", lambda _: 0.05)
    [session] = [session for session in on.gateway.sessions.values() if session.shard[0] == 3]
    await on.wire.trouble("503", CONNECT, times=2)
    await on.wire.act("cut", shard=3)
    await on.ask(on.places[3], "while away")
    await on.drawn({on.places[3]: 1})
    assert on.gateway.sessions[session.id].connection, "no new session began"
    assert await on.wire.untroubled() == 0
    assert len(on.wire.clients) == 1


async def test_a_stop_costs_no_shard_a_picture_and_none_waits_for_the_others(
    on: Sharded, monkeypatch: pytest.MonkeyPatch
) -> None:
    on.wire.engine.hold = asyncio.Event().wait
    for place in on.places:
        await on.ask(place)
    await on.wire.until(lambda: len(on.wire.engine.painted) == SHARDS, "the paintings")
    await on.wire.end()
    on.wire.engine.hold = None
    on.gateway.max_concurrency = 1
    monkeypatch.setattr(sharded_client, "IDENTIFY_S", 1.0)
    on.wire.connection = on.wire.stay(on.wire.sandbox.token)
    on.wire.begin()

    async def first() -> bool:
        return ("done", "spent") in await on.wire.ends()

    await on.wire.till(first, "a picture")
    assert 3 not in on.client.ready_shards, "the last shard is not there yet"
    await on.drawn(dict.fromkeys(on.places, 1))


async def test_shards_identify_no_faster_than_discord_allows(off: Sharded, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharded_client, "IDENTIFY_S", 0.3)
    off.gateway.max_concurrency, identify = 2, off.gateway._identify
    at: list[tuple[int, float]] = []

    def noted(connection: Any, data: Any) -> Any:
        at.append((data["shard"][0], asyncio.get_running_loop().time()))
        return identify(connection, data)

    monkeypatch.setattr(off.gateway, "_identify", noted)
    await off.begin()
    assert [number for number, _ in at] == [0, 1, 2, 3]
    times = dict(at)
    assert times[2] - times[0] > 0.29
    assert times[3] - times[1] > 0.29
    assert times[1] - times[0] < 0.29, "two may identify at once"


async def test_what_status_and_the_figures_tell_of_shards(on: Sharded) -> None:
    states = on.client.shard_states()
    assert [(state.number, state.is_up) for state in states] == [(n, True) for n in range(SHARDS)]
    await on.wire.trouble("503", CONNECT, times=99)
    await on.wire.act("cut", shard=1)
    await on.wire.until(lambda: not on.client.shard_states()[1].is_up, "the loss")
    await on.wire.act("command", channel_id=str(on.places[0]), name="status", options={})

    async def told() -> bool:
        return "Connections to Discord: 3 of 4" in str(await on.wire.seen("Ada", on.places[0]))

    await on.wire.till(told, "the answer")


async def test_a_day_without_starts_left_is_waited_for(off: Sharded, monkeypatch: pytest.MonkeyPatch) -> None:
    """Discord takes the token away from a bot that identifies more often than it may."""
    monkeypatch.setattr("bot.sandbox.rest.SESSION_STARTS", {"total": 1000, "remaining": 3, "reset_after": 400})
    began = asyncio.get_running_loop().time()
    await off.begin()
    assert asyncio.get_running_loop().time() - began > 0.4


async def test_a_shard_that_cannot_be_launched_keeps_no_other_from_it(
    off: Sharded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sharded_client, "FIRST_PAUSE_S", 0.05)
    launch = sharded_client.ShardedClient.launch_shard
    refused: list[int] = []

    async def refusing(self: Any, gateway: Any, shard_id: int, *, initial: bool = False) -> None:
        if shard_id == 1 and len(refused) < 2:
            refused.append(shard_id)
            raise aiohttp.ClientError
        await launch(self, gateway, shard_id, initial=initial)

    monkeypatch.setattr(sharded_client.ShardedClient, "launch_shard", refusing)
    await off.begin()
    assert refused == [1, 1]
    await off.ask(off.places[1])
    await off.drawn({off.places[1]: 1})
