"""One run: a plan is carried out, the system gets quiet time to recover, and is judged."""

from __future__ import annotations

import asyncio
import hashlib
import time
import urllib.error
import urllib.request
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import aiohttp

from harness.tiny_models import Models
from tests.chaos.faults import strike
from tests.chaos.hands import Hand, Missed
from tests.chaos.house import TERMS, EngineBeside, House
from tests.chaos.invariants import LEFT, Asked, Told, Violation, check, read
from tests.chaos.plan import Deed, Plan, Request
from tests.chaos.verbs import VERBS, decide, lift_all
from tests.chaos.witness import Seen
from tests.histories.events import Answered
from tests.histories.events import Asked as Acted
from tests.histories.ledger import read_ledger
from tests.histories.rules import judge as judge_history

QUIET_S, CALM_S = 600.0, 3.0
"""The most that recovery may take, and how long nothing must happen to believe that all is over."""

TURN_S = 60.0
"""The most that a deed's pictures are waited for where the deeds come one by one."""
START_S, MOST = 2.5, 6.0
"""Where the bot takes longer than this to start, the plan's times are stretched, up to so many times: else on a busy
machine all requests would come while the bot is down."""


@dataclass
class Report:
    """What a run came to."""

    plan: Plan
    asked: list[Asked] = field(default_factory=list)
    played: set[str] = field(default_factory=set)
    """What members did, as Hand notes it."""
    missed: list[str] = field(default_factory=list)
    """Deeds that were not done to their end, and why."""
    removed: set[str] = field(default_factory=set)
    """Jobs whose pictures someone took away, or may have."""
    ends: Counter[str] = field(default_factory=Counter)
    pictures: int = 0
    starts: int = 0
    violations: list[Violation] = field(default_factory=list)
    disk_left_out: bool = False

    def forget(self, member: str) -> None:
        """Ask nothing any more of what this member was told: they had it erased."""
        self.asked = [replace(each, told="nothing") if each.member == member else each for each in self.asked]

    @property
    def accepted(self) -> int:
        return sum(request.told == "accepted" for request in self.asked)


async def run(plan: Plan, folder: Path, models: Models, engine: EngineBeside) -> Report:
    """Carry the plan out in this folder."""
    house, report = House(folder, plan, models, engine), Report(plan)
    async with aiohttp.ClientSession() as session:
        await house.open(session)
        try:
            await _live(house, report)
            await judge(house, report)
        finally:
            await house.bot.stop()
            await house.close()
    return report


async def _live(house: House, report: Report) -> None:
    """Start the bot, let requests and faults come, then wait until all is over."""
    house.bot.start()
    if house.plan.first_kill_s is not None:
        await asyncio.sleep(house.plan.first_kill_s)
        house.bot.kill()
    began = asyncio.get_running_loop().time()
    await house.online()
    start_s = asyncio.get_running_loop().time() - began
    stretch = min(MOST, max(1.0, start_s / START_S))
    if not house.plan.own_engine:
        await house.engine.ready()
    async with asyncio.TaskGroup() as group:
        for request in house.plan.requests:
            group.create_task(_after(stretch * request.at, _ask(house, request, report)))
        for fault in house.plan.faults:
            group.create_task(_after(stretch * fault.at, strike(house, fault)))
        if not house.plan.in_turn:
            for deed in house.plan.deeds:
                group.create_task(_after(stretch * deed.at, _do(house, deed, report)))
    for deed in house.plan.deeds if house.plan.in_turn else ():
        await _do(house, deed, report)
        await _wait_for(house, TURN_S, 1.0)
    await asyncio.to_thread(house.discord.calm)
    if house.plan.deeds:
        await _tidy(house, report)
    await quiet(house)


async def _do(house: House, deed: Deed, report: Report) -> None:
    """Play a verb as far as it goes."""
    verb, hand = VERBS[deed.verb], _hand(house, deed.member, report)
    try:
        await asyncio.to_thread(verb.do, hand, deed.number)
    except Missed as error:
        report.missed.append(f"{deed.verb}: {error}")
    report.removed |= hand.taken
    if hand.erased:
        report.forget(deed.member)


async def _tidy(house: House, report: Report) -> None:
    """Let a moderator lift what keeps a picture from its end, and decide on what waits, until nothing does."""
    hand, lifted, end = _hand(house, "Mo", report), False, time.monotonic() + QUIET_S
    while time.monotonic() < end and not (lifted and house.unfinished() == 0):
        await house.online()
        with suppress(Missed):
            if not lifted:
                await asyncio.to_thread(lift_all, hand)
                lifted = True
            if house.waits_for_moderators():
                await asyncio.to_thread(decide, hand)
        await asyncio.sleep(0.5)


def _hand(house: House, member: str, report: Report) -> Hand:
    loop = asyncio.get_running_loop()

    def told(who: str, words: str, count: int, outcome: Any) -> None:
        asyncio.run_coroutine_threadsafe(_note(house, report, who, words, count, outcome), loop).result()

    return Hand(house.discord, member, report.played, told)


async def _note(house: House, report: Report, member: str, words: str, count: int, outcome: Any) -> None:
    """Note what someone who asked for a picture was told."""
    verdict = await verdict_of(house, outcome)
    report.asked.append(Asked(words, count, verdict, member))
    house.witness.events.append(Answered(time.time(), member, words, verdict))


async def quiet(house: House) -> None:
    """Wait until all is over, but no longer than recovery may take. A bot that was just killed may still seem well."""
    await _wait_for(house, QUIET_S, CALM_S)


async def _wait_for(house: House, seconds: float, calm_s: float) -> None:
    began = asyncio.get_running_loop().time()
    while asyncio.get_running_loop().time() < began + seconds:
        since = asyncio.get_running_loop().time() - max(began, house.witness.last_change)
        if since > calm_s and await asyncio.to_thread(house.is_well):
            break
        await asyncio.sleep(0.3)


async def judge(house: House, report: Report) -> None:
    """Stop the bot and check everything."""
    found_online = await asyncio.to_thread(house.is_well)
    code = await _stopped(house)
    report.starts, report.disk_left_out = house.bot.starts, not house.disk_is_small
    found = read(house.database)
    report.ends.update(job["state"] for job in found.jobs)
    wrong = report.violations
    if not found_online:
        wrong.append(Violation("lost", f"the system did not recover within {QUIET_S:.0f} s"))
    if code != 0:
        wrong.append(Violation("orphaned", f"the bot ended with {code} when it was told to stop"))
    wrong += await asyncio.to_thread(check, report.asked, found, house.witness.messages, _digest, report.removed)
    wrong += judge_history([*house.witness.events, *read_ledger(house.database)], TERMS)
    report.pictures = sum(len(seen.now.files) for seen in house.witness.messages.values() if seen.now.delivered)
    wrong += [Violation("orphaned", f"process: {left}") for left in await house.bot.left()]
    files = {file.name for folder in (house.home, house.scratch) for file in folder.iterdir()} - LEFT
    wrong += [Violation("orphaned", f"file: {name}") for name in sorted(files)]


async def _stopped(house: House) -> int | None:
    """Stop the bot. An order that it was just taking may be on disk then; this goes on at the next start."""
    code = await house.bot.stop()
    if code == 0 and house.unfinished():
        house.bot.start()
        await quiet(house)
        code = await house.bot.stop()
    return code


async def _after(seconds: float, work: Any) -> None:
    await asyncio.sleep(seconds)
    await work


async def _ask(house: House, request: Request, report: Report) -> None:
    house.witness.events.append(Acted(time.time(), request.member, request.words))
    try:
        told = await asyncio.to_thread(_imagine, house, request)
    except urllib.error.HTTPError:  # the bot's commands are gone or the channel: nothing was asked
        return
    await _note(house, report, request.member, request.words, int(str(request.options["count"])), told)
    if request.cancel_after is not None:
        await asyncio.sleep(request.cancel_after)
        await asyncio.to_thread(_cancel_one, house)


async def verdict_of(house: House, outcome: dict[str, Any]) -> Told:
    """Return what an answer came to: one that needs no word goes away again, one that a crash left says nothing."""
    message_id = outcome.get("message_id")
    if outcome.get("outcome") not in ("message", "deferred") or not message_id:
        return "nothing"
    async with asyncio.timeout(5):
        while message_id not in house.witness.messages:
            await asyncio.sleep(0.01)
    return await _verdict(house.witness.messages[message_id])


async def _verdict(seen: Seen) -> Told:
    with suppress(TimeoutError):
        async with asyncio.timeout(5):
            while not (seen.deleted or seen.now.content):
                await asyncio.sleep(0.01)
    if seen.deleted or seen.now.content.startswith("On its way") or seen.now.buttons:
        return "accepted"
    return "refused" if seen.now.content else "nothing"


def _imagine(house: House, request: Request) -> Any:
    options = {"prompt": request.words, **request.options}
    return house.discord.act("command", request.member, name="imagine", options=options)


def _cancel_one(house: House) -> None:
    """Let a moderator press Cancel on the newest message in the channel that can be cancelled."""
    running = [post for post in house.discord.state("Mo")["messages"] if "limner:cancel:" in str(post["components"])]
    if not running:
        return
    button = running[-1]["components"][0]["components"][0]["custom_id"]
    try:
        house.discord.act("click", "Mo", message_id=running[-1]["id"], custom_id=button)
    except urllib.error.HTTPError:  # it ended meanwhile
        return


def _digest(address: str) -> str:
    with urllib.request.urlopen(address, timeout=30) as answer:
        return hashlib.sha256(answer.read()).hexdigest()
