"""The step loop and its forecast, with pipelines of a few lines that stop at a gate as real ones do; virtual time."""

from __future__ import annotations

from concurrent.futures import Future

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.api.errors import BadRequest, Cancelled
from engine.batching.eta import PlannedJob, forecast
from engine.batching.policy import MAX_PICTURES
from engine.jobs.job import Job, Lane
from engine.jobs.queue import owner_of
from tests.engine.step_world import DECODE_S, World, step_seconds


def test_a_short_job_passes_a_long_one_at_the_next_step() -> None:
    world = World(cap=1)
    world.ask("long", 40)
    for _ in range(3):
        world.step()
    began = world.clock.now
    world.ask("short", 4)
    world.until("short", "long")
    assert world.gate.groups[3:7] == [["short"]] * 4
    assert world.ended["short"] - began == pytest.approx(4 + DECODE_S)


def test_who_is_nearly_done_is_not_passed() -> None:
    world = World(cap=1)
    world.ask("long", 40)
    for _ in range(38):
        world.step()
    world.ask("short", 4)
    world.until("short", "long")
    assert world.ended["long"] < world.ended["short"]


def test_equals_come_one_after_the_other() -> None:
    world = World(cap=2)
    for name in "abcd":
        world.ask(name, 6, user=name)
    world.until(*"abcd")
    assert world.gate.groups == [["a", "b"]] * 6 + [["c", "d"]] * 6


@pytest.mark.parametrize("side", [8, 16])
def test_no_job_starves_behind_short_ones(side: int) -> None:
    """Each of the two users gets as much of the models as the long job needs, then it comes before all who are new."""
    world = World(cap=1)
    long = world.ask("long", 40, user="ada", side=side)
    if side == 8:
        world.step()  # it has begun; else it must come out of the queue
    number = 0
    while "long" not in world.ended:
        while len(world.queue.order(Lane.IMAGES)) < 3:
            number += 1
            assert number < 200
            world.ask(f"short {number}", 4, user="ben")
        world.step()
    work = sum((16 if group == ["long"] and side == 16 else 8) ** 2 for group in world.gate.groups)
    assert number > 5
    assert 2 * long.cost < work <= 3 * long.cost + 10 * 4 * 64  # and those who were there already


def test_steps_are_shared_up_to_the_cap_by_those_of_one_key() -> None:
    world = World(cap=4)
    world.ask("a", 4, n=2)
    world.ask("other size", 4, side=16)
    world.ask("b", 4)
    world.ask("c", 4, n=2)
    world.until("a", "b", "c", "other size")
    assert world.gate.groups[0] == ["b", "a"]  # and not c, which has no room
    assert all(len(group) == 1 for group in world.gate.groups if "other size" in group)
    assert all(step.rows <= 4 for step in world.steps)


def test_one_that_is_larger_than_the_cap_runs_alone() -> None:
    world = World(cap=2)
    world.ask("large", 3, n=4)
    world.ask("small", 3)
    world.until("large", "small")
    assert sorted(map(tuple, world.gate.groups)) == [("large",)] * 3 + [("small",)] * 3


def test_a_chat_takes_turns_of_equal_time_with_a_picture() -> None:
    world = World()
    world.ask("picture", 40)
    world.step()
    world.step()
    began = world.clock.now
    world.chat(30)  # 3 s
    world.until("chat")
    assert world.clock.now - began == pytest.approx(6, abs=2.1)
    assert "picture" not in world.ended
    world.until("picture")


def flooded(world: World, user: str) -> None:
    """Let this user always have ten chats waiting, and take one step."""
    while len(world.queue.order(Lane.CHAT)) < 10:
        world.chat(30, user)
    world.step()


def test_a_flood_of_chats_delays_nobody_else_s_picture() -> None:
    """It takes a quarter of the time at most, but for the first chat."""
    world = World()
    world.ask("picture", 100, user="ada")
    while "picture" not in world.ended:
        flooded(world, "mallory")
    assert world.ended["picture"] < 1.5 * (100 + DECODE_S)
    assert world.ended_chats["mallory"] > 8


@pytest.mark.parametrize("step", range(1, 30, 4))
def test_a_flood_of_chats_delays_nobody_else_s_chat(step: int) -> None:
    """The other one's chat begins when the present one has ended, or at once."""
    world = World()
    world.ask("picture", 400, user="ada")
    for _ in range(step):
        flooded(world, "mallory")
    present = {task.job for task in world.loop._tasks if not task.is_picture}
    chat, came = world.chat(30, "ben"), world.clock.now
    while "ben" not in world.ended_chats:
        flooded(world, "mallory")
        assert {task.job for task in world.loop._tasks if not task.is_picture} <= {*present, chat}
    assert world.clock.now - came < 2 * 2 * 3 + 6  # two chats, taking turns with the picture


def test_who_paints_alone_may_chat_without_a_pause() -> None:
    world = World()
    world.ask("picture", 400, user="ada")
    world.step()
    for _ in range(20):
        chat = world.chat(3, "ada")
        world.step()
        assert chat not in world.queue.order(Lane.CHAT)
        world.until("chat")
        world.ended.clear()


def test_one_chat_runs_at_a_time() -> None:
    world = World()
    world.chat(3)
    second = world.chat(3)
    world.step()
    assert world.queue.order(Lane.CHAT) in ([second], [])
    assert sum(not task.is_picture for task in world.loop._tasks) <= 1


def test_chats_go_on_side_by_side_and_share_the_time() -> None:
    world = World()
    world.loop.chat_slots = lambda: 4
    for user in "abcde":
        world.chat(30, user)
    for _ in range(5):
        world.step()
    assert len(world.loop._chats) == 4
    world.until("chat")
    while len(world.ended_chats) < 5:
        world.step()
    assert world.clock.now == pytest.approx(2 * 3.0, abs=0.5)  # four together, then the fifth


def test_many_chats_take_turns_of_equal_time_with_a_picture() -> None:
    world = World()
    world.loop.chat_slots = lambda: 8
    world.ask("picture", 40)
    world.step()
    world.step()
    began = world.clock.now
    for _ in range(8):
        world.chat(30)  # 3 s together
    while world.ended_chats[""] < 8:
        world.step()
    assert world.clock.now - began == pytest.approx(6, abs=2.1)
    assert "picture" not in world.ended
    world.until("picture")


def test_chats_of_one_time_owe_equally() -> None:
    world = World()
    world.loop.chat_slots = lambda: 4
    world.ask("picture", 40, user="ada")
    world.step()
    for user in "bcde":
        world.chat(30, user)
    debts: dict[object, float] = {}
    while len(debts) < 4:
        world.step()
        debts = {**world.loop._chat_debts, **debts}
    assert list(debts.values()) == pytest.approx([2 * 3.0 / 4] * 4, abs=0.6)


def test_while_others_paint_a_user_has_one_chat_at_a_time() -> None:
    world = World()
    world.loop.chat_slots = lambda: 4
    world.ask("picture", 400, user="ada")
    world.step()
    for _ in range(20):
        flooded(world, "mallory")
        assert sum(not task.is_picture for task in world.loop._tasks) <= 1
    world.chat(30, "ben")
    flooded(world, "mallory")
    assert {owner_of(task.job) for task in world.loop._chats} == {"mallory", "ben"}
    world.chat(300, "ada")
    world.chat(300, "ada")  # it is her own picture that waits
    world.step()
    assert [owner_of(task.job) for task in world.loop._chats].count("ada") == 2


def test_a_fault_and_a_cancel_touch_nobody_else() -> None:
    world = World(cap=4)
    jobs = {name: world.ask(name, 6) for name in ("good", "bad", "gone", "fine")}
    world.step()
    world.gate.faults.add("bad")
    jobs["gone"].cancelled = True
    world.until(*jobs)
    assert isinstance(world.errors["bad"], BadRequest)
    assert isinstance(world.errors["gone"], Cancelled)
    assert world.errors["good"] is world.errors["fine"] is None
    assert sum("gone" in group for group in world.gate.groups) == 1
    assert sum("bad" in group for group in world.gate.groups) == 2


def test_runs_that_are_stopped_hold_nothing() -> None:
    world = World(cap=4)
    world.ask("a", 6)
    world.ask("b", 6)
    world.step()
    world.loop.stop()
    assert {type(task.error) for task in world.loop.take_ended()} == {Cancelled}
    assert len(world.loop) == 0


Request = tuple[int, int, int, str]
"""Steps, side in pixels, number of pictures, user."""
requests = st.lists(
    st.tuples(st.integers(1, 12), st.sampled_from([8, 16, 24]), st.integers(1, 3), st.sampled_from(["", "ada", "ben"])),
    max_size=8,
)
caps = st.fixed_dictionaries({f"{side}x{side}": st.integers(1, 8) for side in (8, 16, 24)})
SIX = [(12, 8, 1, "a"), (30, 8, 1, "b"), (4, 16, 1, "c"), (7, 8, 2, "d"), (7, 16, 1, "e"), (2, 8, 1, "f")]


def planned(job: Job, world: World, steps_done: int = 0) -> PlannedJob:
    work = job.painting
    return PlannedJob(
        work.size,
        work.width * work.height,
        len(work.seeds),
        work.steps - steps_done,
        work.step_cost,
        DECODE_S,
        world.batches,
        owner_of(job),
        job.passed,
    )


@settings(max_examples=100, deadline=None)
@given(requests, st.integers(0, 40), requests, caps, st.booleans())
@example(SIX, 0, [], dict.fromkeys(("8x8", "16x16"), 1), True)
@example(SIX, 0, [], dict.fromkeys(("8x8", "16x16"), 3), True)
@example(SIX, 9, SIX, dict.fromkeys(("8x8", "16x16"), 16), True)
@example([(1, 8, 1, "")] * (MAX_PICTURES + 8), 0, [], {"8x8": 64}, True)
def test_the_forecast_is_what_happens(
    early: list[Request], step: int, late: list[Request], caps: dict[str, int], batches: bool
) -> None:
    """Some jobs come, and after so many steps others; from then on each begins and ends when the forecast says."""
    world = World(caps.__getitem__, batches=batches)
    jobs = [world.ask(f"early {n}", *_options(request)) for n, request in enumerate(early)]
    for _ in range(step):
        world.step()
    jobs += [world.ask(f"late {n}", *_options(request)) for n, request in enumerate(late)]
    begun = {task.job: planned(task.job, world, task.steps_done) for task in world.loop._tasks}
    waiting = {job: planned(job, world) for job in world.queue.order(Lane.IMAGES)}
    now = world.clock.now
    forecast(list(begun.values()), list(waiting.values()), caps.__getitem__, lambda job, rows: step_seconds(rows))
    world.until(*(job.painting.prompt for job in jobs))
    ends = {job.painting.prompt: now + plan.end for job, plan in (begun | waiting).items()}
    begins = {job.painting.prompt: now + plan.begin for job, plan in waiting.items()}
    assert ends == pytest.approx({name: world.decoded[name] for name in ends})
    assert begins == pytest.approx({name: world.began[name] for name in begins})


def _options(request: Request) -> tuple[int, str, int, int]:
    steps, side, n, user = request
    return steps, user, side, n


def test_a_late_small_one_is_promised_what_it_gets() -> None:
    world = World(cap=2)
    world.ask("long", 40)
    for _ in range(5):
        world.step()
    began = world.clock.now
    small, rest = PlannedJob("8x8", 64, 1, 4, 64, DECODE_S), PlannedJob("8x8", 64, 1, 35, 64, DECODE_S)
    forecast([rest], [small], lambda size: 2, lambda job, rows: step_seconds(rows))
    world.ask("short", 4)
    world.until("short", "long")
    assert small.end == pytest.approx(world.ended["short"] - began, abs=0.2)
    assert rest.end == pytest.approx(world.ended["long"] - began, abs=0.2)
    assert world.gate.groups[5:9] == [["short", "long"]] * 4


def test_a_step_s_time_is_measured_as_it_is_shared() -> None:
    world = World(cap=2)
    world.ask("a", 5)
    world.ask("b", 5)
    world.until("a", "b")
    assert {(step.rows, step.pictures, step.cap) for step in world.steps} == {(2, 2, 2)}
    assert [step.seconds for step in world.steps] == pytest.approx([1.1] * 5)


def test_while_a_file_is_written_the_others_go_on() -> None:
    world = World(cap=1)
    file = world.files["slow"] = Future[None]()
    world.ask("slow", 2)
    world.ask("other", 3)
    world.until("other")
    world.ask("later", 3)
    world.until("later")
    assert "slow" not in world.ended
    assert [step.seconds for step in world.steps] == pytest.approx([1.0] * 8), "files count to no step"
    file.set_result(None)
    world.until("slow")
    assert world.errors["slow"] is None


def test_who_waits_for_a_file_counts_among_those_who_have_begun() -> None:
    world = World(cap=1)
    for number in range(MAX_PICTURES + 1):
        world.files[f"{number}"] = Future[None]()
        world.ask(f"{number}", 1, user=f"{number}")
    for _ in range(2 * MAX_PICTURES):
        world.step()
    assert len(world.loop) == MAX_PICTURES
    for file in world.files.values():
        file.set_result(None)
    world.until(*world.files)


def test_a_file_that_cannot_be_written_or_is_not_wanted_ends_its_job() -> None:
    world = World(cap=1)
    broken, unwanted = (world.files.setdefault(name, Future[None]()) for name in ("broken", "unwanted"))
    world.ask("broken", 1)
    job = world.ask("unwanted", 1)
    for _ in range(5):
        world.step()
    assert not world.ended
    broken.set_exception(BadRequest("no file"))
    job.cancelled = True
    world.until("broken", "unwanted")
    assert isinstance(world.errors["broken"], BadRequest)
    assert isinstance(world.errors["unwanted"], Cancelled)
    assert not unwanted.done()


def test_a_picture_with_other_loras_is_promised_no_shared_step() -> None:
    def begins(loras: tuple[tuple[str, float], ...]) -> float:
        first, second = (PlannedJob("8x8", 64, 1, 4, 64, 0.0) for _ in range(2))
        second.loras = loras
        forecast([first], [second], lambda size: 2, lambda job, rows: step_seconds(rows))
        return second.begin

    assert begins(()) == 0.0
    assert begins((("ink", 0.8),)) == pytest.approx(4 * step_seconds(1))
