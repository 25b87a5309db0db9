"""How many CPU threads the models compute with."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from structlog.testing import capture_logs

from engine.api.env_settings import SettingsInvalid
from engine.loading import load
from engine.models import threads
from engine.models.source import Source
from engine.models.threads import NICE, candidates, choose_threads, give_way, set_threads, time_by_threads
from engine.models.tuning import Tuning
from engine.settings import read_settings, sentences


@pytest.fixture(autouse=True)
def threads_as_before() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize(
    ("seconds", "best"),
    [
        ({1: 0.3, 2: 12.0}, 1),
        ({1: 0.42, 2: 0.29}, 2),
        ({1: 0.10, 2: 0.19}, 2),
        ({1: 0.10, 2: 0.21}, 1),
        ({1: 8.0, 2: 4.0, 4: 2.0, 8: 5.0}, 4),
        ({1: 1.0}, 1),
    ],
)
def test_the_most_threads_that_are_not_much_slower_than_the_fastest_are_chosen(
    seconds: dict[int, float], best: int
) -> None:
    assert choose_threads(seconds) == best


def test_powers_of_two_and_all_cores_are_tried() -> None:
    assert [candidates(cores) for cores in (1, 2, 4, 6, 64)] == [
        [1],
        [1, 2],
        [1, 2, 4],
        [1, 2, 4, 6],
        [1, 2, 4, 8, 16, 32, 64],
    ]


@pytest.mark.parametrize(("cores", "alone"), [(2, 0.0003), (2, 0.02), (64, 0.0003), (64, 0.02)])
def test_threads_that_wait_for_each_other_are_seen_within_a_second(cores: int, alone: float) -> None:
    now = 0.0

    def run() -> None:
        nonlocal now
        now += alone / torch.get_num_threads() if torch.get_num_threads() < 8 else 0.012

    seconds = time_by_threads(candidates(cores), run, lambda: now)
    assert now < 1
    assert list(seconds) == candidates(cores)
    for count, taken in seconds.items():
        assert taken == pytest.approx(alone / count if count < 8 else 0.012)


def test_two_cores_are_measured_in_a_fifth_of_a_second() -> None:
    now = 0.0

    def run() -> None:
        nonlocal now
        now += 0.0002

    time_by_threads([1, 2], run, lambda: now)
    assert 0.19 < now < 0.21


def test_the_measurements_best_is_set_and_logged_with_its_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr(threads, "_cores", lambda: 2)
    monkeypatch.setattr(threads, "choose_threads", max)
    torch.set_num_threads(1)
    with capture_logs() as logged:
        set_threads(None, small=True)
    assert torch.get_num_threads() == 2
    [event] = logged
    assert (event["event"], event["threads"]) == ("threads.chosen", 2)
    assert "by threads: 1: 0." in event["why"]


def test_one_core_needs_no_measurement(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr(threads, "_cores", lambda: 1)
    with capture_logs() as logged:
        set_threads(None, small=True)
    assert (logged[0]["threads"], logged[0]["why"]) == (1, "there is one core")


def test_openmps_own_variable_counts_unless_the_setting_says_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    with capture_logs() as logged:
        set_threads(None, small=True)
        set_threads(3, small=True)
    assert [(event["threads"], event["why"]) for event in logged] == [
        (1, "OMP_NUM_THREADS says so"),
        (3, "LIMNER_THREADS says so"),
    ]
    assert torch.get_num_threads() == 3


def test_the_setting_reaches_the_thread_that_loads(models: Path) -> None:
    painter, planner = (Source(str(models / role), "given", local=True) for role in ("painter", "planner"))
    load(painter, planner, tuning=Tuning(threads=2))
    assert torch.get_num_threads() == 2


@pytest.mark.parametrize(("value", "read"), [("auto", None), ("AUTO", None), ("1", 1), ("1024", 1024)])
def test_the_setting_is_auto_or_a_number(value: str, read: int | None) -> None:
    assert read_settings({"LIMNER_THREADS": value}, on_tcp=False).tuning.threads == read


@pytest.mark.parametrize("value", ["0", "-1", "1025", "two", "1.5", "²", "99999999"])
def test_a_number_of_threads_that_cannot_be_is_told_in_a_sentence(value: str) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        read_settings({"LIMNER_THREADS": value}, on_tcp=False)
    assert sentences(caught.value) == [f"LIMNER_THREADS: {value} is neither auto nor a whole number from 1 to 1,024"]


def in_a_thread(work: Callable[[], None]) -> None:
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="no priorities of threads")
def test_what_computes_on_the_cpu_gives_way_to_what_answers() -> None:
    before, seen = os.getpriority(os.PRIO_PROCESS, os.getpid()), []

    def note() -> None:
        seen.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))

    def compute() -> None:
        for _ in range(2):  # models are loaded again and again
            give_way()
            note()
        in_a_thread(note)

    in_a_thread(compute)
    give_way()
    assert seen == [min(19, before + NICE)] * 3, "its own threads too"
    assert os.getpriority(os.PRIO_PROCESS, os.getpid()) == before, "the main thread answers requests"
