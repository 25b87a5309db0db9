"""What holds for every test: one torch thread a process, one worker for a slow fixture, coverage before all imports.

Tests run side by side. On a busy core, two threads of one torch wait for each other at each barrier
as long as the scheduler leaves one of them out: a hundred times what the multiplication itself takes.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests import coverage  # before all that it measures

# A change is judged by the same examples each time, whatever else the machine does; `make fuzz` tries new ones.
settings.register_profile("same", derandomize=True, database=None, deadline=None)
settings.load_profile("same")

# OpenMP reads these when torch is first imported, so they are set before any test; processes that tests start inherit
# them.
os.environ |= {"OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "PASSIVE"}  # passive, as the engine waits
# Each process that a test starts would compile all of Limner's files anew: a third of a bot's start.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

QUICKLY_MADE = {"gradients", "models", "no_gradients", "quiet_thread"}
"""Fixtures of a wide scope that each worker can make for itself: they take less than a second."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection() -> None:
    """While workers collect tests, the process that waits for them lists the lines that there are."""
    coverage.list_lines()


def pytest_sessionfinish() -> None:
    coverage.write_reached()


def pytest_collection_finish() -> None:
    """Take what all imports made out of garbage collections, which would look through a million objects that stay."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(wrapper=True, tryfirst=True)  # around xdist, which reads the groups
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> Iterator[None]:
    """Put tests that share a process, a browser or a world into one group, which xdist gives to one worker."""
    _group(items)
    yield
    if config.getoption("loadgroup", False):  # set in workers alone
        apart = [one for one in items if one.get_closest_marker("xdist_group") and "@" not in one.nodeid]
        if apart:  # silently, tests would be given to any worker, each of which would start what they share
            raise pytest.UsageError(f"pytest-xdist keeps no groups together with pytest {pytest.__version__}")


def _group(items: list[pytest.Item]) -> None:
    for item in items:
        if item.nodeid.startswith("tests/e2e/"):  # real bots by the clock: side by side they wait for each other
            item.add_marker(pytest.mark.xdist_group("e2e"))
        elif (
            isinstance(item, pytest.Function) and not item.get_closest_marker("xdist_group") and (name := _shared(item))
        ):
            item.add_marker(pytest.mark.xdist_group(name))


def _shared(item: pytest.Function) -> str:
    """Return where the widest of a test's shared fixtures lives: a file, or a folder; empty where it shares nothing."""
    widest = ""
    for name, definitions in item._fixtureinfo.name2fixturedefs.items():
        if name in QUICKLY_MADE or not definitions[-1].baseid.startswith("tests/"):
            continue
        if definitions[-1].scope in ("package", "session"):
            return definitions[-1].baseid
        if definitions[-1].scope == "module":
            widest = item.location[0]
    return widest
