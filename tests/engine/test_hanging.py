"""A model thread that hangs is noticed, a slow one is not taken for it: in virtual time, and in a real process."""

from __future__ import annotations

from pathlib import Path

import aiohttp
import pytest

from engine.api.address import socket_path
from engine.batching.watchdog import EXIT_STATUS, Limits, Watchdog, limit_of
from engine.jobs.heartbeat import Activity, Beat, Heartbeat
from tests.engine.conftest import EngineProcess
from tests.engine.step_world import Clock, World

FOREVER = 1e9


class Ended(Exception):
    """Raised amid the work in place of ending the process."""


class Watched:
    """A step loop in virtual time whose watchdog looks each second."""

    def __init__(self, *, batches: bool = True) -> None:
        self.world = World(cap=4, batches=batches)
        self.clock = self.world.clock
        self.watchdog = Watchdog(self.world.heartbeat, Limits(), clock=self.clock, io=lambda: 0)
        self.clock.each_second = self._look
        self.world.heartbeat.start(Activity.IDLE)

    def _look(self) -> None:
        if self.watchdog.hangs():
            raise Ended

    def steps(self, *seconds: float) -> None:
        """The steps take so long, the last of these again and again."""
        left = list(seconds)
        self.world.gate.seconds = lambda rows: left.pop(0) if len(left) > 1 else left[0]

    def until_ended(self, *names: str) -> float:
        """Work until the watchdog ends the process; return the seconds since the last sign of progress."""
        with pytest.raises(Ended):
            self.world.until(*names)
        return self.world.heartbeat.silent_s


@pytest.mark.parametrize("batches", [True, False])
def test_a_first_step_of_five_minutes_is_not_killed(batches: bool) -> None:
    watched = Watched(batches=batches)
    watched.steps(300, 0.5)
    watched.world.ask("first", 20)
    watched.world.until("first")
    watched.world.ask("other size", 20, side=16)
    watched.steps(300, 0.5)
    watched.world.until("other size")


def test_a_slow_device_is_not_killed() -> None:
    """Nor where it gets ten times slower for a while, since others use it too."""
    watched = Watched()
    watched.steps(100, 90, 120, 1000, 80, 110, 900, 100)
    watched.world.decode_s, watched.world.token_s = 400, 40
    for name in ("a", "b"):
        watched.world.ask(name, 8)
        watched.world.chat(4)
        watched.world.until(name, "chat")


@pytest.mark.parametrize("batches", [True, False])
@pytest.mark.parametrize(
    ("steps", "least", "most"),
    [
        ((0.5, FOREVER), 60, 62),  # the second step of the first picture
        ((0.5, 0.5, 0.5, FOREVER), 60, 62),
        ((300, 0.5, 0.5, FOREVER), 60, 62),  # the first one compiled
        ((10, 10, 10, FOREVER), 200, 202),
        ((FOREVER,), 900, 902),
    ],
)
def test_a_step_that_never_returns_is_noticed_in_time(
    batches: bool, steps: tuple[float, ...], least: float, most: float
) -> None:
    watched = Watched(batches=batches)
    watched.steps(*steps)
    watched.world.ask("stuck", 20)
    assert least <= watched.until_ended("stuck") <= most


def test_a_slow_end_after_more_steps_than_were_asked_for_is_not_killed() -> None:
    """As with PNDM: what seems to be the last step is not, and the autoencoder comes later."""
    watched = Watched()
    watched.world.extra_steps = 3
    watched.world.decode_s = 600
    watched.world.ask("slow", 4)
    watched.world.until("slow")
    watched.world.ask("slow too", 4)
    watched.world.until("slow too")


def test_an_end_and_a_token_that_never_return_are_noticed() -> None:
    watched = Watched()
    watched.world.ask("good", 4)
    watched.world.ask("good too", 4)
    watched.world.until("good", "good too")
    watched.world.decode_s = FOREVER
    watched.world.ask("stuck", 4)
    assert 60 <= watched.until_ended("stuck") <= 62
    watched = Watched()
    watched.world.chat(5)
    watched.world.until("chat")
    watched.world.ended.clear()
    watched.world.token_s = FOREVER
    watched.world.chat(5)
    assert 60 <= watched.until_ended("chat") <= 62


def test_a_long_prompt_after_short_ones_is_not_killed() -> None:
    watched = Watched()
    for words, seconds in (("hello", 0.1), ("hello " * 1000, 600)):
        watched.world.token_s = seconds
        watched.world.chat(1, words=words)
        watched.world.until("chat")
        watched.world.ended.clear()


def test_what_failed_is_no_measure_of_what_works() -> None:
    """A chat was refused at once and a picture cancelled, so the next ones may compile."""
    watched = Watched()
    watched.world.refuses_chats = True
    watched.world.chat(4)
    watched.world.until("chat")
    watched.world.ended.clear()
    watched.world.refuses_chats, watched.world.token_s = False, 300
    watched.world.chat(4)
    watched.world.until("chat")
    watched.world.ask("gone", 4).cancelled = True
    watched.world.until("gone")
    watched.steps(300, 300, 0.5)
    watched.world.gate.faults.add("bad")
    watched.world.ask("bad", 4)
    watched.world.until("bad")
    watched.world.ask("good", 4)
    watched.world.until("good")


def test_an_idle_engine_and_one_that_was_stopped_live_on() -> None:
    clock = Clock()
    heartbeat = Heartbeat(clock)
    watchdog = Watchdog(heartbeat, Limits(), clock=clock, io=lambda: 0)
    heartbeat.start(Activity.IDLE)
    for _ in range(100_000):
        clock.now += 1
        assert not watchdog.hangs()
    assert heartbeat.silent_s == 0
    heartbeat.start(Activity.PAINTING, "step")
    heartbeat.complete("step")
    heartbeat.start(Activity.PAINTING, "step")
    for hour in range(1, 10):
        assert not watchdog.hangs()
        clock.now += 3600 * hour  # SIGSTOP, or a machine that sleeps
    assert not watchdog.hangs()


@pytest.mark.parametrize(("blocks_a_second", "limit"), [(0, 900), (1, 900), (200, None)])
def test_loading_may_take_as_long_as_data_flows(blocks_a_second: int, limit: float | None) -> None:
    clock = Clock()
    watchdog = Watchdog(
        Heartbeat(clock), Limits(), clock=clock, io=lambda: int(clock.now) * blocks_a_second, end=lambda: None
    )
    for _ in range(36_000):
        clock.now += 1
        if watchdog.hangs():
            break
    assert (clock.now < 36_000) == (limit is not None)
    if limit is not None:
        assert limit <= clock.now <= limit + 2


@pytest.mark.parametrize(
    ("beat", "limit"),
    [
        (Beat(Activity.IDLE, 0), None),
        (Beat(Activity.LOADING, 0), 900),
        (Beat(Activity.PAINTING, 0, 0, 0.0), 900),
        (Beat(Activity.PAINTING, 0, 1, 1.0), 60),
        (Beat(Activity.PAINTING, 0, 1, 300.0), 900),  # it may have compiled
        (Beat(Activity.PAINTING, 0, 2, 300.0), 6000),
        (Beat(Activity.CHATTING, 0, 9, 4.0), 80),
    ],
)
def test_limits(beat: Beat, limit: float | None) -> None:
    assert limit_of(beat, Limits()) == limit


async def test_a_real_engine_whose_model_thread_hangs_says_so_and_ends(tmp_path: Path, models: Path) -> None:
    engine = EngineProcess(
        tmp_path,
        module="tests.engine.hanging_process",
        LIMNER_MODEL=str(models / "painter"),
        LIMNER_PLANNER=str(models / "planner"),
    )
    try:
        engine.wait_for("models.ready", 120)
        connector = aiohttp.UnixConnector(str(socket_path(engine.home)))
        async with aiohttp.ClientSession("http://engine", connector=connector) as session:
            body = {"prompt": "a boat", "num_inference_steps": 6, "size": "64x64", "stream": True, "x_progress": True}
            comments: list[str] = []
            silent: list[float] = []
            with pytest.raises(aiohttp.ClientError):
                async with session.post("/v1/images/generations", json=body) as response:
                    async for line in response.content:
                        if line.startswith(b": painting"):
                            comments.append(line.decode())
                            async with session.get("/readyz") as ready:
                                silent.append((await ready.json())["silent_s"])
        status = engine.process.wait(60)
        assert status == EXIT_STATUS, engine.stderr
        (event,) = engine.events("engine.hangs")
        assert event["activity"] == "painting"
        assert 2 <= event["seconds"] < 30
        assert len(comments) >= 2
        assert silent == sorted(silent)
        assert silent[-1] >= 1
    finally:
        engine.process.kill()
        engine.process.wait()
