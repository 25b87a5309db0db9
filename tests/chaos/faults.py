"""How each fault is done."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.chaos.house import FOLDER, House, fill
from tests.chaos.plan import EDITS, Fault
from tests.chaos.slow import Row, slow_rows, wait_for_row
from tests.crash.shim import ail

PATIENCE_S = 6.0
"""How long a fault waits for its moment before it is done anyhow."""


async def strike(house: House, fault: Fault) -> None:
    """Do it, and undo what passes by itself."""
    await WAYS[fault.kind](house, fault)


async def _kill(house: House, fault: Fault) -> None:
    if fault.moment == "accepting" or fault.moment == "ending":
        await _kill_amid(house, fault.moment)
        return
    await _moment(house, fault)
    if fault.what == "bot":
        house.bot.kill()
    elif house.plan.own_engine:
        house.bot.kill_child()
    else:
        house.engine.process.kill()


async def _kill_amid(house: House, row: Row) -> None:
    """Kill the bot at the first row that can be seen of an acceptance or an end, while every row takes long."""
    slow = slow_rows(house.database, row)
    await asyncio.to_thread(slow.__enter__)
    await asyncio.to_thread(wait_for_row, house.database, row, 2 * PATIENCE_S)
    house.bot.kill()
    await asyncio.to_thread(slow.__exit__, None, None, None)


async def _moment(house: House, fault: Fault) -> None:
    """Wait for the fault's moment; what is done then is not known to the bot to be done, where its answer gets lost."""
    if fault.path:
        times = 4 if fault.path == EDITS else 1  # the last edit, not the first, is the one that delivers
        await asyncio.to_thread(house.discord.act, "trouble", kind="lost", path=fault.path, times=times)
    if fault.moment != "now":
        await house.witness.wait(fault.moment, PATIENCE_S)


async def _gateway(house: House, _: Fault) -> None:
    await asyncio.to_thread(house.discord.act, "cut")


async def _wire(house: House, fault: Fault) -> None:
    trouble: dict[str, Any] = {"kind": fault.what, "path": fault.path, "times": fault.times, "seconds": fault.seconds}
    await asyncio.to_thread(house.discord.act, "trouble", **trouble)


async def _engine(house: House, fault: Fault) -> None:
    if not house.plan.own_engine:
        await house.engine.proxy.cut(fault.seconds)


async def _lock(house: House, fault: Fault) -> None:
    how = ["stutter"] if fault.what == "stutter" else []
    holder = await asyncio.create_subprocess_exec(
        sys.executable, str(FOLDER / "lock.py"), str(house.database), str(fault.seconds), *how
    )
    await holder.wait()


async def _disk(house: House, fault: Fault) -> None:
    if not house.disk_is_small:
        return
    await _moment(house, fault)
    ballast = fill(house.home, f"ballast-{fault.at}", fault.room_kib)
    await asyncio.sleep(fault.seconds)
    ballast.unlink()


async def _clock(house: House, fault: Fault) -> None:
    if fault.what == "bot" or house.plan.own_engine:
        house.move_clock(fault.seconds)
    else:
        house.engine.move_clock(fault.seconds)


async def _stop(house: House, fault: Fault) -> None:
    """Let the bot, or the engine beside it, stand still for a while."""
    process = house.bot if fault.what == "bot" or house.plan.own_engine else house.engine.process
    pid = process.pid
    if pid is None or not process.kill(signal.SIGSTOP):
        return
    try:
        await asyncio.sleep(fault.seconds)
    finally:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)


async def _files(house: House, fault: Fault) -> None:
    """Let the bot open only so many more files, sockets among them, for a while."""
    pid = house.bot.pid
    with suppress(ProcessLookupError, FileNotFoundError):
        if pid is None:
            return
        before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (_highest(pid) + 1 + fault.times, before[1]))
        await asyncio.sleep(fault.seconds)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, before)


def _highest(pid: int) -> int:
    """Return the number of the newest file that the process has open."""
    return max(int(entry.name) for entry in Path(f"/proc/{pid}/fd").iterdir())


async def _ill(house: House, fault: Fault) -> None:
    if house.disk is None:
        return
    ail(house.disk, "slow" if fault.what == "slow" else "failing")
    try:
        await asyncio.sleep(fault.seconds)
    finally:
        ail(house.disk, "well")


async def _events(house: House, fault: Fault) -> None:
    await asyncio.to_thread(house.discord.act, "unrest", kind=fault.what, times=fault.times, seconds=fault.seconds)


WAYS: dict[str, Callable[[House, Fault], Awaitable[None]]] = {
    "kill": _kill,
    "gateway": _gateway,
    "wire": _wire,
    "engine": _engine,
    "lock": _lock,
    "disk": _disk,
    "clock": _clock,
    "stop": _stop,
    "files": _files,
    "ill": _ill,
    "events": _events,
}
