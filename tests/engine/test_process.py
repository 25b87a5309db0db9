"""How an engine starts, refuses to start, and ends: real processes, most of which never load a model."""

from __future__ import annotations

import asyncio
import signal
import socket
import stat
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest

from engine.__main__ import main
from engine.api.address import Address, socket_path
from engine.api.client import EngineClient
from engine.api.errors import ModelLoading, Unavailable
from engine.api.messages import Completed, ImageEvent, ImageRequest
from tests.engine.conftest import KEY, EngineProcess

FAKE = "tests.engine.fake_process"


@pytest.fixture
def launched(tmp_path: Path) -> Iterator[list[EngineProcess]]:
    """Return a list; what is put there is killed at the end."""
    processes: list[EngineProcess] = []
    yield processes
    for engine in processes:
        if engine.process.poll() is None:
            engine.process.kill()
        engine.process.wait()


def ends(engine: EngineProcess, status: int, *sentences: str, seconds: float = 30) -> None:
    """Check that it ends with this status, with these sentences, and without a traceback."""
    assert engine.process.wait(seconds) == status, engine.stderr
    assert "Traceback" not in engine.stderr
    for sentence in sentences:
        assert sentence in engine.stderr


def test_every_mistake_is_told_at_once(tmp_path: Path, launched: list[EngineProcess]) -> None:
    engine = EngineProcess(
        tmp_path,
        ["--host", "127.0.0.1", "--port", "0"],
        LIMNER_LOG="loud",
        LIMNER_MODEL="no such",
        LIMNER_PLANNER="x",
        LIMNER_GRACE_SECONDS="soon",
    )
    launched.append(engine)
    ends(
        engine,
        2,
        "LIMNER_LOG: loud",
        "ENGINE_API_KEY",
        "LIMNER_MODEL: no such",
        "LIMNER_PLANNER: x",
        "LIMNER_GRACE_SECONDS: soon",
    )
    assert len(engine.stderr.splitlines()) == 5


@pytest.mark.parametrize(
    "arguments",
    [
        ["--host", "127.0.0.1"],
        ["--port", "1"],
        ["--host", "::1", "--port", "99999"],
        ["--host", "::1", "--port", "1", "--socket", "s"],
        ["--nonsense"],
    ],
)
def test_wrong_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code == 2
    assert "usage: limner engine" in capsys.readouterr().err


def test_env_files_count_and_the_environment_wins(tmp_path: Path, launched: list[EngineProcess]) -> None:
    (tmp_path / ".env").write_text("LIMNER_LOG=loud\nLIMNER_MODEL='no such'\n")
    launched.append(EngineProcess(tmp_path))
    ends(launched[0], 2, "LIMNER_MODEL: no such")
    assert "LIMNER_LOG" not in launched[0].stderr


def test_a_taken_port(tmp_path: Path, launched: list[EngineProcess]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        launched.append(EngineProcess(tmp_path, ["--host", "127.0.0.1", "--port", port], ENGINE_API_KEY=KEY))
        ends(launched[0], 1, f"The engine cannot listen on 127.0.0.1 port {port}: the port is taken.")


def test_a_home_that_is_a_file(tmp_path: Path, launched: list[EngineProcess]) -> None:
    (tmp_path / "data").write_text("in the way")
    launched.append(EngineProcess(tmp_path))
    ends(launched[0], 1, "LIMNER_HOME:")


def test_models_that_are_not_there(tmp_path: Path, launched: list[EngineProcess], models: Path) -> None:
    planner = str(models / "planner")
    missing = EngineProcess(tmp_path / "1", LIMNER_MODEL=str(tmp_path / "none"), LIMNER_PLANNER=planner)
    empty = EngineProcess(tmp_path / "2", LIMNER_MODEL=str(tmp_path), LIMNER_PLANNER=planner)
    launched += [missing, empty]
    ends(missing, 1, f"The painter's folder {tmp_path}/none does not exist.")
    ends(empty, 1, f"The painter's folder {tmp_path} holds no model_index.json")
    assert not socket_path(missing.home).exists()


def _accepts(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as trial:
        return trial.connect_ex(str(path)) == 0


async def test_it_answers_at_once_and_is_private(tmp_path: Path, launched: list[EngineProcess], models: Path) -> None:
    began = time.monotonic()
    engine = EngineProcess(tmp_path, LIMNER_MODEL=str(models / "painter"), LIMNER_PLANNER=str(models / "planner"))
    launched.append(engine)
    path = socket_path(engine.home)
    while not (path.exists() and _accepts(path)):  # the file is there a moment before anyone listens
        assert time.monotonic() < began + 20
        await asyncio.sleep(0.01)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(engine.home.stat().st_mode) == 0o700
    async with aiohttp.ClientSession(connector=aiohttp.UnixConnector(str(path))) as session:
        async with session.get("http://engine/healthz") as alive:
            assert alive.status == 200
        async with session.get("http://engine/readyz") as ready:
            assert ready.status == 503
            assert (await ready.json())["error"]["code"] == "model_loading"
    second = EngineProcess(tmp_path / "second", LIMNER_HOME=str(engine.home))
    launched.append(second)
    ends(second, 1, f"Another engine is already listening on {path}.")
    assert engine.process.poll() is None
    assert engine.stop() == 0
    assert not path.exists()


def test_a_stale_socket_is_replaced_and_a_file_is_not(tmp_path: Path, launched: list[EngineProcess]) -> None:
    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(str(path))
    engine = EngineProcess(tmp_path, ["--socket", str(path)])
    launched.append(engine)
    engine.wait_for("engine.listening")
    assert engine.stop() in (0, 1)  # without the starter's weights it may have failed by then
    assert not path.exists()
    path.write_text("precious")
    launched.append(EngineProcess(tmp_path, ["--socket", str(path)]))
    ends(launched[-1], 1, "something that is no socket is there")
    assert path.read_text() == "precious"


def test_a_long_home_has_a_short_socket(tmp_path: Path, launched: list[EngineProcess]) -> None:
    with tempfile.TemporaryDirectory() as short:
        engine = EngineProcess(tmp_path, LIMNER_HOME=str(tmp_path / ("long" * 30)), XDG_RUNTIME_DIR=short)
        launched.append(engine)
        address = engine.wait_for("engine.listening")["address"]
        assert address.startswith(f"unix:{short}/limner-")
        engine.stop()


def test_stdin_that_closes_while_it_loads(tmp_path: Path, launched: list[EngineProcess], models: Path) -> None:
    engine = EngineProcess(
        tmp_path,
        ["--until-stdin-closes"],
        LIMNER_MODEL=str(models / "painter"),
        LIMNER_PLANNER=str(models / "planner"),
    )
    launched.append(engine)
    engine.wait_for("models.loading")
    assert engine.close_stdin() == 0, engine.stderr


async def painting(engine: EngineProcess, client: EngineClient, prompt: str, steps: int) -> AsyncIterator[ImageEvent]:
    """Return the events of a painting that has begun."""
    engine.wait_for("engine.listening")
    while not await client.ready():
        await asyncio.sleep(0.01)
    request = ImageRequest(prompt, num_inference_steps=steps, stream=True, x_progress=True)
    events = client.images(request, key="job")
    assert await anext(events)
    await asyncio.sleep(0.1)
    return events


async def test_it_ends_with_its_stdin_amid_a_painting(tmp_path: Path, launched: list[EngineProcess]) -> None:
    engine = EngineProcess(tmp_path, ["--until-stdin-closes"], module=FAKE)
    launched.append(engine)
    async with EngineClient(Address("http://engine", socket_path(engine.home))) as client:
        events = await painting(engine, client, "slow 0.05", 150)
        began = time.monotonic()
        assert engine.close_stdin() == 0
        assert time.monotonic() - began < 4
        with pytest.raises((ModelLoading, Unavailable)):
            assert [event async for event in events]
    assert not socket_path(engine.home).exists()


async def test_it_ends_even_amid_a_step_that_takes_long(tmp_path: Path, launched: list[EngineProcess]) -> None:
    engine = EngineProcess(tmp_path, ["--until-stdin-closes"], module=FAKE)
    launched.append(engine)
    async with EngineClient(Address("http://engine", socket_path(engine.home))) as client:
        await painting(engine, client, "slow 60", 1)
        began = time.monotonic()
        assert engine.close_stdin() == 0
        assert time.monotonic() - began < 6


async def test_work_that_outlasts_the_grace_is_handed_back(tmp_path: Path, launched: list[EngineProcess]) -> None:
    engine = EngineProcess(tmp_path, module=FAKE, LIMNER_GRACE_SECONDS="1")
    launched.append(engine)
    async with EngineClient(Address("http://engine", socket_path(engine.home))) as client:
        events = await painting(engine, client, "slow 0.1", 150)
        engine.process.terminate()
        with pytest.raises(ModelLoading, match="shutting down"):
            assert [event async for event in events]
        assert engine.process.wait(8) == 0


async def test_a_signal_lets_running_work_end(tmp_path: Path, launched: list[EngineProcess]) -> None:
    engine = EngineProcess(tmp_path, module=FAKE)
    launched.append(engine)
    async with EngineClient(Address("http://engine", socket_path(engine.home))) as client:
        events = await painting(engine, client, "slow 0.1", 10)
        engine.process.terminate()
        engine.wait_for("engine.draining")
        with pytest.raises(ModelLoading, match="shutting down"):
            await anext(client.images(ImageRequest("one more")))
        assert not await client.ready(), "who asks whether to send work is told no"
        assert [event async for event in events if isinstance(event, Completed)]
        assert engine.process.wait(8) == 0
    assert not socket_path(engine.home).exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_second_signal_ends_it_at_once(
    tmp_path: Path, launched: list[EngineProcess], number: signal.Signals
) -> None:
    engine = EngineProcess(tmp_path, module=FAKE)
    launched.append(engine)
    async with EngineClient(Address("http://engine", socket_path(engine.home))) as client:
        await painting(engine, client, "slow 60", 1)
        engine.process.send_signal(number)
        engine.wait_for("engine.draining")
        engine.process.send_signal(number)
        assert engine.process.wait(2) == -number
