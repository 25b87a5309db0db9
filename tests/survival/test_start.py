"""A Discord that is unwell while the bot comes: it is waited for, and what does not pass is one sentence."""

from __future__ import annotations

import pytest

from bot.discord_connection import LOGIN_ATTEMPTS
from bot.operator_errors import CannotStart
from bot.sandbox.gateway import BAD_TOKEN
from tests.survival.conftest import Wire

ME, CONNECT = "^GET /users/@me$", "^CONNECT /gateway$"


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        pytest.param("503", ME, id="503 at login"),
        pytest.param("banned", ME, id="429 without Via at login"),
        pytest.param("cut", ME, id="connection reset at login"),
        pytest.param("503", "^PUT /applications/.*/commands$", id="503 for the commands"),
        pytest.param("cut", CONNECT, id="first handshake cut"),
        pytest.param("503", CONNECT, id="first handshake refused"),
    ],
)
async def test_it_comes_in_the_end(bare: Wire, kind: str, path: str) -> None:
    await bare.trouble(kind, path, times=2)
    bare.begin()
    await bare.ready()
    assert await bare.untroubled() == 0
    assert (await bare.imagine())["outcome"] == "message"
    await bare.drawn_once()


async def test_a_discord_that_never_answers_is_told_in_one_sentence(bare: Wire) -> None:
    await bare.trouble("503", ME, times=LOGIN_ATTEMPTS + 1)
    with pytest.raises(CannotStart, match="start-discord-unreachable"):
        await bare.begin()
    assert await bare.untroubled() == 1


async def test_a_wrong_token_is_told_at_once(bare: Wire) -> None:
    bare.connection = bare.stay("no token")
    with pytest.raises(CannotStart, match="start-token-refused"):
        await bare.begin()
    assert len(bare.clients) == 1


async def test_a_token_that_is_withdrawn_is_told(wire: Wire) -> None:
    (connection,) = wire.sandbox.gateway.connections
    await connection.socket.close(code=BAD_TOKEN)
    assert wire.running
    with pytest.raises(CannotStart, match="start-token-refused"):
        await wire.running


async def test_what_never_ends_is_waited_for_once_it_was_well(wire: Wire) -> None:
    await wire.trouble("503", ME, times=LOGIN_ATTEMPTS + 2)
    (connection,) = wire.sandbox.gateway.connections
    await connection.socket.close(code=4012)  # discord.py's client ends by that
    await wire.until(lambda: len(wire.clients) > LOGIN_ATTEMPTS + 2, "so many attempts")
    await wire.ready()
    await wire.imagine()
    await wire.drawn_once()
