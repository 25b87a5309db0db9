"""The queue's order, whatever comes and goes."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.jobs.queue import Full, JobQueue


@dataclass(eq=False)
class Ticket:
    user: str
    number: int = 0
    lane: str = "images"
    cost: float = 1.0
    passed: int = 0


def queue_of(tickets: list[Ticket]) -> JobQueue[Ticket]:
    queue: JobQueue[Ticket] = JobQueue("chat", "images", capacity=100)
    for ticket in tickets:
        queue.push(ticket)
    return queue


tickets = st.lists(st.sampled_from("abc"), max_size=30).map(
    lambda users: [Ticket(user, number) for number, user in enumerate(users)]
)


@given(tickets)
def test_each_users_own_jobs_keep_their_order(waiting: list[Ticket]) -> None:
    order = queue_of(waiting).order("images")
    assert sorted(ticket.number for ticket in order) == list(range(len(waiting)))
    for user in "abc":
        own = [ticket.number for ticket in order if ticket.user == user]
        assert own == sorted(own)


@given(tickets)
def test_nobody_gets_two_turns_before_another_who_waits_gets_one(waiting: list[Ticket]) -> None:
    order = queue_of(waiting).order("images")
    for index, ticket in enumerate(order):
        left = {other.user for other in order[index + 1 :]}
        later = [other.user for other in order[index + 1 :]]
        if ticket.user in later:
            between = set(later[: later.index(ticket.user)])
            assert left - {ticket.user} <= between


@given(tickets)
def test_jobs_come_out_in_the_order_that_was_told(waiting: list[Ticket]) -> None:
    queue = queue_of(waiting)
    told = queue.order("images")
    assert [queue.pop() for _ in waiting] == told


@given(tickets, st.data())
def test_removing_changes_nothing_for_the_others(waiting: list[Ticket], data: st.DataObject) -> None:
    queue = queue_of(waiting)
    gone = data.draw(st.sets(st.sampled_from(waiting))) if waiting else set()
    assert all(queue.remove(ticket) for ticket in gone)
    assert not any(queue.remove(ticket) for ticket in gone)
    left = queue.order("images")
    assert set(left) == set(waiting) - gone
    for user in "abc":
        own = [ticket.number for ticket in left if ticket.user == user]
        assert own == sorted(own)


def test_a_newcomer_waits_one_turn_behind_someone_with_a_long_list() -> None:
    queue = queue_of([Ticket("a", number) for number in range(10)])
    queue.pop()
    newcomer = Ticket("b")
    queue.push(newcomer)
    assert queue.order("images").index(newcomer) == 1


def test_one_user_s_flood_of_chats_lets_every_other_user_s_chat_go_next() -> None:
    queue = queue_of([Ticket("mallory", number, "chat") for number in range(50)])
    queue.pop()
    others = [Ticket(user, lane="chat") for user in ("ada", "ben")]
    for ticket in others:
        queue.push(ticket)
    assert set(queue.order("chat")[:3]) >= set(others)


def test_chat_goes_first() -> None:
    queue = queue_of([Ticket("a")])
    chat = Ticket("z", lane="chat")
    queue.push(chat)
    assert queue.pop() is chat


def test_the_capacity_holds_for_each_lane() -> None:
    queue: JobQueue[Ticket] = JobQueue("chat", "images", capacity=2)
    for _ in range(2):
        queue.push(Ticket("a"))
    with pytest.raises(Full):
        queue.push(Ticket("a"))
    queue.push(Ticket("a", lane="chat"))


def test_a_full_lane_takes_one_of_each_who_has_none_there() -> None:
    queue: JobQueue[Ticket] = JobQueue("chat", "images", capacity=2)
    for _ in range(2):
        queue.push(Ticket("a"))
    for user in "bcdefg":
        queue.push(Ticket(user))
        with pytest.raises(Full):
            queue.push(Ticket(user))
    with pytest.raises(Full):
        queue.push(Ticket("h"))  # eight are four times the capacity


def test_a_job_without_a_name_has_no_place_beyond_the_capacity() -> None:
    queue: JobQueue[Ticket] = JobQueue("images", capacity=1)
    queue.push(Ticket("a"))
    with pytest.raises(Full):
        queue.push(Ticket(""))


def test_closing_wakes_the_one_who_waits() -> None:
    queue = queue_of([])
    got: list[Ticket | None] = [Ticket("nobody")]
    thread = threading.Thread(target=lambda: got.append(queue.pop()))
    thread.start()
    queue.close()
    thread.join(5)
    assert got[-1] is None
