"""Messages in channels: sent, edited, answered and deleted; read only as far as intents and permissions reach."""

from __future__ import annotations

import io
from typing import Any

import aiohttp
import discord
import pytest

from bot.sandbox.guild import MODERATORS
from tests.sandbox.stage import (
    ADA,
    ADA_DM,
    BACK_ROOM,
    BEN,
    BOT,
    DRAWING,
    GUILD,
    PNG,
    READ_ONLY,
    TinyBot,
    picture,
    plain_intents,
    stage,
)

SEND = f"/channels/{DRAWING}/messages"


async def test_edits_keep_and_drop_files() -> None:
    async with stage() as on:
        message = await on.drawing.send("two", files=[picture("a.png", "first"), picture("b c.png")])
        first, second = message.attachments
        assert (first.description, first.width, first.height, first.size) == ("first", 3, 2, len(PNG))
        assert (second.filename, second.content_type) == ("b_c.png", "image/png")
        assert await first.read() == PNG
        message = await message.edit(attachments=[second, picture("c.png")])
        assert [file.filename for file in message.attachments] == ["b_c.png", "c.png"]
        message = await message.edit(content="words alone")
        assert len(message.attachments) == 2
        message = await message.edit(attachments=[])
        assert message.attachments == []
        assert (await on.drawing.fetch_message(message.id)).content == "words alone"


async def test_embeds_show_files_of_their_message() -> None:
    async with stage() as on:
        embed = (
            discord.Embed(title="Chart", description="x")
            .set_image(url="attachment://chart.png")
            .add_field(name="n", value="v")
        )
        message = await on.drawing.send(embed=embed, file=picture("chart.png"))
        assert str(message.embeds[0].image.url).startswith(on.sandbox.url)
        assert message.attachments == []


async def test_every_place_of_an_embed_takes_a_file() -> None:
    async with stage() as on:
        embed = discord.Embed(title="Picture 1").set_thumbnail(url="attachment://a.png")
        embed.set_author(name="Ada", icon_url="attachment://b.png").set_footer(text="1", icon_url="attachment://c.png")
        files = [picture("a.png", "a boat"), picture("b.png"), picture("c.png"), picture("d.png")]
        message = await on.drawing.send(embed=embed, files=files)
        [shown] = message.embeds
        for url in (shown.thumbnail.url, shown.author.icon_url, shown.footer.icon_url):
            assert str(url).startswith(on.sandbox.url)
        assert (shown.thumbnail.width, shown.thumbnail.height) == (3, 2)
        assert [file.filename for file in message.attachments] == ["d.png"]
        [state] = await on.seen()
        assert state["embeds"][0]["thumbnail"]["description"] == "a boat"
        with pytest.raises(discord.HTTPException) as refused:
            await on.drawing.send(embed=discord.Embed(title="x").set_author(name="x" * 257))
        assert refused.value.code == 50035


async def test_history_and_typing_and_deleting() -> None:
    async with stage() as on:
        sent = [await on.drawing.send(str(n)) for n in range(5)]
        await on.drawing.typing()
        assert [m.content async for m in on.drawing.history(limit=2)] == ["4", "3"]
        assert [m.content async for m in on.drawing.history(before=sent[2])] == ["1", "0"]
        assert [m.content async for m in on.drawing.history(after=sent[2])] == ["3", "4"]
        assert [m.content async for m in on.drawing.history(around=sent[2], limit=3)] == ["3", "2", "1"]
        await sent[0].delete()
        with pytest.raises(discord.NotFound) as gone:
            await sent[0].edit(content="x")
        assert gone.value.code == 10008
        await on.until(lambda: f"deleted: {sent[0].id}" in on.bot.log)


async def test_a_repeated_nonce_is_one_message() -> None:
    async with stage() as on:
        body = {"content": "once", "nonce": "77", "enforce_nonce": True}
        _, first = await on.rest("POST", SEND, json=body)
        _, second = await on.rest("POST", SEND, json=body)
        assert first["id"] == second["id"]
        assert first["nonce"] == "77"
        assert await on.texts() == ["once"]
        await on.rest("POST", SEND, json={"content": "other", "nonce": "77"})
        assert len(await on.seen()) == 2


@pytest.mark.parametrize(
    ("allowed", "users", "roles", "everyone"),
    [
        (None, [ADA, BEN], [MODERATORS], True),
        ({"parse": []}, [], [], False),
        ({"parse": ["roles"], "users": [str(BEN)]}, [BEN], [MODERATORS], False),
    ],
)
async def test_allowed_mentions(allowed: Any, users: list[int], roles: list[int], everyone: bool) -> None:
    async with stage() as on:
        body = {"content": f"<@{ADA}> <@!{BEN}> <@&{MODERATORS}> @everyone", "allowed_mentions": allowed}
        _, message = await on.rest("POST", SEND, json={key: value for key, value in body.items() if value is not None})
        assert [int(user["id"]) for user in message["mentions"]] == users
        assert [int(role) for role in message["mention_roles"]] == roles
        assert message["mention_everyone"] is everyone


async def test_text_reaches_a_bot_without_the_intent_only_where_discord_lets_it() -> None:
    async with stage() as on:
        own = await on.drawing.send("a picture", file=picture())
        said: list[dict[str, Any]] = [
            {"content": "to nobody"},
            {"content": f"<@{BOT}> look"},
            {"content": "with the ping", "reply_to": str(own.id)},
            {"content": "without the ping", "reply_to": str(own.id), "ping": False},
        ]
        for body in said:
            await on.act("message", **body)
        await on.act("message", channel=ADA_DM, content="in private")
        await on.until(lambda: len(on.bot.messages) == 6)
        heard = [message.content for message in on.bot.messages[1:]]
        assert heard == ["", f"<@{BOT}> look", "with the ping", "", "in private"]
        reply = on.bot.messages[3]
        assert reply.reference is not None
        assert isinstance(reply.reference.resolved, discord.Message)
        assert reply.reference.resolved.attachments[0].filename == "a.png"
        assert on.bot.user in reply.mentions
        assert on.bot.user not in on.bot.messages[4].mentions
        assert isinstance(on.bot.messages[5].channel, discord.DMChannel)
        assert (await on.drawing.fetch_message(on.bot.messages[1].id)).content == ""


async def test_a_reply_to_an_answer_is_withheld_and_one_to_a_message_is_not() -> None:
    def define(bot: TinyBot) -> None:
        @bot.tree.command(description="Go")
        async def go(interaction: discord.Interaction) -> None:
            await interaction.response.send_message("an answer")

    async with stage(define) as on:
        answer = await on.command("go")
        await on.act("message", content="unheard", reply_to=answer["message_id"])
        await on.until(lambda: len(on.bot.messages) == 2)
        assert on.bot.messages[1].content == ""


async def test_text_reaches_a_bot_with_the_intent() -> None:
    intents = plain_intents()
    intents.message_content = True
    async with stage(intents=intents) as on:
        await on.act("message", content="hello")
        await on.until(lambda: bool(on.bot.messages))
        assert on.bot.messages[0].content == "hello"
        assert (await on.bot.application_info()).flags.gateway_message_content_limited


async def test_a_bot_hears_only_what_it_asked_for() -> None:
    async with stage(intents=discord.Intents(guilds=True, dm_messages=True)) as on:
        await on.act("message", content=f"<@{BOT}>")
        await on.act("message", channel=ADA_DM, content="psst")
        await on.until(lambda: bool(on.bot.messages))
        assert [message.content for message in on.bot.messages] == ["psst"]


async def test_replies_name_their_message() -> None:
    async with stage() as on:
        asked = await on.act("message", content="draw")
        await on.until(lambda: bool(on.bot.messages))
        reply = await on.bot.messages[0].reply("here", mention_author=False)
        seen = (await on.seen())[-1]
        assert seen["referenced_message"]["id"] == asked["id"]
        assert seen["mentions"] == []
        await on.act("delete", message_id=asked["id"])
        assert (await on.seen())[-1]["referenced_message"] is None
        status, _ = await on.try_to("delete", "Ben", message_id=str(reply.id))
        assert status == 403
        await on.act("delete", "Mo", message_id=str(reply.id))
        await on.until(lambda: len(on.bot.log) == 2)
        unknown = {"content": "x", "message_reference": {"message_id": "5"}}
        status, body = await on.rest("POST", SEND, json=unknown)
        assert (status, body["code"]) == (400, 50035)
        unknown["message_reference"] = {"message_id": "5", "fail_if_not_exists": False}
        assert (await on.rest("POST", SEND, json=unknown))[0] == 200


async def test_direct_messages_go_to_their_member_alone() -> None:
    async with stage() as on:
        user = await on.bot.fetch_user(ADA)
        await user.send("your data", file=picture())
        assert await on.texts("Ada") == ["your data"]
        assert await on.texts("Ben") == []
        status, body = await on.rest("POST", "/users/@me/channels", json={"recipient_id": str(BOT)})
        assert (status, body["code"]) == (400, 50033)


LONG = {"title": "x" * 257}


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"content": "x" * 2001}, 400, 50035),
        ({"content": ""}, 400, 50006),
        ({"content": "  \n"}, 400, 50006),
        ({}, 400, 50006),
        ({"embeds": [LONG]}, 400, 50035),
        ({"embeds": [{"description": "x" * 4097}]}, 400, 50035),
        ({"embeds": [{"description": "x" * 4000}, {"description": "x" * 2001}]}, 400, 50035),
        ({"embeds": [{"title": "x"}] * 11}, 400, 50035),
        ({"content": "x", "flags": 1 << 15}, 400, 50035),
        ({"content": "x", "attachments": [{"id": "3"}]}, 400, 50035),
    ],
)
async def test_messages_that_discord_refuses(body: Any, status: int, code: int) -> None:
    async with stage() as on:
        answered, answer = await on.rest("POST", SEND, json=body)
        assert (answered, answer["code"]) == (status, code)
        assert await on.seen() == []


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("POST", f"/channels/{READ_ONLY}/messages", 403, 50013),
        ("POST", f"/channels/{READ_ONLY}/typing", 403, 50013),
        ("POST", f"/channels/{BACK_ROOM}/messages", 403, 50001),
        ("GET", f"/channels/{BACK_ROOM}", 403, 50001),
        ("GET", f"/channels/{BACK_ROOM}/messages", 403, 50001),
        ("GET", "/channels/12345", 404, 10003),
        ("GET", f"/channels/{DRAWING}/messages/12345", 404, 10008),
        ("DELETE", f"/channels/{DRAWING}/messages/12345", 404, 10008),
        ("GET", f"/guilds/{GUILD}/members/12345", 404, 10007),
        ("GET", "/users/12345", 404, 10013),
    ],
)
async def test_places_that_the_bot_does_not_reach(method: str, path: str, status: int, code: int) -> None:
    async with stage() as on:
        body = {"content": "x"} if method == "POST" and path.endswith("messages") else None
        answered, answer = await on.rest(method, path, json=body)
        assert (answered, answer["code"]) == (status, code)


async def test_messages_of_others_are_theirs() -> None:
    async with stage() as on:
        message = await on.act("message", content="mine")
        path = f"{SEND}/{message['id']}"
        status, body = await on.rest("PATCH", path, json={"content": "yours"})
        assert (status, body["code"]) == (403, 50005)
        status, body = await on.rest("DELETE", path)
        assert (status, body["code"]) == (403, 50013)
        private = await on.act("message", channel=ADA_DM, content="mine")
        status, body = await on.rest("DELETE", f"/channels/{ADA_DM}/messages/{private['id']}")
        assert (status, body["code"]) == (403, 50003)


async def test_files_have_a_limit() -> None:
    async with stage() as on:
        most = 10 * 1024 * 1024
        with pytest.raises(discord.HTTPException) as refused:
            await on.drawing.send(file=discord.File(io.BytesIO(bytes(most + 1)), "big.bin"))
        assert (refused.value.status, refused.value.code) == (413, 40005)
        message = await on.drawing.send(file=discord.File(io.BytesIO(bytes(most)), "big.bin"))
        assert message.attachments[0].size == most
        with pytest.raises(discord.HTTPException) as many:
            await message.edit(attachments=[*message.attachments, *(picture() for _ in range(10))])
        assert many.value.code == 50035


async def test_the_rest_needs_the_token() -> None:
    async with stage() as on:
        for header in ({"Authorization": "Bot wrong"}, {"Authorization": on.sandbox.token}):
            status, body = await on.rest("GET", "/users/@me", headers=header)
            assert (status, body) == (401, {"code": 0, "message": "401: Unauthorized"})
        status, body = await on.rest("POST", SEND, data="{", headers={"Content-Type": "application/json"})
        assert (status, body["code"]) == (400, 50109)


async def test_what_is_asked_at_start_is_what_discord_says() -> None:
    async with stage() as on:
        for path in (
            "/users/@me",
            "/users/@me/guilds",
            "/applications/@me",
            "/oauth2/applications/@me",
            "/gateway",
            "/gateway/bot",
            f"/guilds/{GUILD}",
            f"/guilds/{GUILD}/channels",
            f"/guilds/{GUILD}/roles",
            f"/guilds/{GUILD}/members/{BEN}",
            f"/channels/{DRAWING}",
            f"/channels/{ADA_DM}",
        ):
            status, _ = await on.rest("GET", path)
            assert status == 200
        async with aiohttp.ClientSession() as anyone, anyone.get(f"{on.sandbox.url}/api/v10/nowhere") as response:
            assert (response.status, await response.json()) == (404, {"code": 0, "message": "404: Not Found"})


@pytest.mark.parametrize(
    "body", [{"flags": "x"}, {"embeds": "x"}, {"components": [1]}, {"attachments": 5}, {"content": 5}]
)
async def test_bodies_of_a_wrong_shape(body: Any) -> None:
    async with stage() as on:
        status, answer = await on.rest("POST", SEND, json={"content": "x", **body})
        assert (status, answer["code"]) == (400, 50035)
