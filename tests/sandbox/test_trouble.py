"""A hostile wire: what a test orders is met by the calls that it names, and by those alone."""

from __future__ import annotations

import time

import aiohttp
import discord
import pytest

from tests.sandbox.stage import ADA, PNG, Stage, picture, stage


async def order(on: Stage, kind: str, **more: object) -> None:
    async with on.session.post("/page/trouble", json={"kind": kind, **more}) as answer:
        assert answer.status == 200, await answer.text()


async def left(on: Stage) -> int:
    async with on.session.delete("/page/trouble") as answer:
        found: int = (await answer.json())["left"]
        return found


async def test_a_rate_limit_is_waited_out_by_the_client() -> None:
    async with stage() as on:
        message = await on.drawing.send("0%")
        await order(on, "429", path="^PATCH /channels/", times=2, seconds=1.0)
        begun = time.monotonic()
        await on.drawing.send("not delayed")
        assert time.monotonic() - begun < 1.0
        await message.edit(content="50%", attachments=[picture()])
        assert time.monotonic() - begun >= 2.0
        edited = (await on.seen())[0]
        assert (edited["content"], edited["attachments"][0]["size"]) == ("50%", len(PNG))
        assert await left(on) == 0


async def test_the_answer_to_a_limited_call_is_discord_s() -> None:
    async with stage() as on:
        await order(on, "429", seconds=1.5)
        headers = {"Authorization": f"Bot {on.sandbox.token}"}
        async with on.session.get("/api/v10/users/@me", headers=headers) as answer:
            assert answer.status == 429
            assert await answer.json() == {
                "message": "You are being rate limited.",
                "code": 0,
                "retry_after": 1.5,
                "global": False,
            }
            assert (answer.headers["Retry-After"], answer.headers["X-RateLimit-Remaining"]) == ("2", "0")
            assert answer.headers["Via"]
        async with on.session.get("/api/v10/users/@me", headers=headers) as answer:
            assert answer.status == 200


async def test_slow_calls_are_done_in_the_end() -> None:
    async with stage() as on:
        await order(on, "slow", path="^POST .*/messages$", seconds=0.3)
        begun = time.monotonic()
        await on.drawing.send("at last")
        assert time.monotonic() - begun >= 0.3
        assert await on.texts() == ["at last"]


async def test_errors_carry_discord_s_code() -> None:
    async with stage() as on:
        user = await on.bot.fetch_user(ADA)
        await order(on, "403", path="^POST /channels/.*/messages$", code=50007)
        with pytest.raises(discord.Forbidden) as closed:
            await user.send("psst")
        assert closed.value.code == 50007
        await order(on, "503", path="^POST")
        with pytest.raises(discord.DiscordServerError):
            await on.drawing.send("hello")
        assert await on.texts() == []


async def test_a_cut_call_did_nothing_and_a_lost_one_did_all() -> None:
    async with stage() as on:
        await order(on, "cut", path="^POST")
        with pytest.raises(aiohttp.ClientError):
            await on.drawing.send("cut")
        assert await on.texts() == []
        await order(on, "lost", path="^POST")
        with pytest.raises(aiohttp.ClientError):
            await on.drawing.send("lost")
        assert await on.texts() == ["lost"]


async def test_troubles_are_checked_and_can_be_ended() -> None:
    async with stage() as on:
        for wrong in ({"kind": "fire"}, {"kind": "slow", "path": "("}, {"kind": "slow", "times": "many"}):
            async with on.session.post("/page/trouble", json=wrong) as answer:
                assert answer.status == 400
        await order(on, "503", times=3)
        assert await left(on) == 3
        await on.drawing.send("all is well")
