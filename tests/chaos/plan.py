"""What one run does to Limner, made up from its seed alone: the same seed makes the same plan."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from tests.chaos.verbs import VERBS

Kind = Literal["kill", "gateway", "wire", "engine", "lock", "disk", "clock", "stop", "files", "ill", "events"]
Moment = Literal["now", "answered", "posted", "painted", "accepting", "ending"]

LOAD_S = 8.0
"""For how long requests come and faults begin."""
DEEDS = 8
"""How many verbs a run plays beside its requests."""
EDITS = r"^PATCH /(channels/\d+|webhooks/\d+/[^/]+)/messages/"
POSTS = r"^POST /channels/\d+/messages$"
ANSWERS = r"^POST /interactions/"
WIRES = ("429", "500", "502", "503", "cut", "lost", "slow")


@dataclass(frozen=True)
class Request:
    """An /imagine that `member` types at that second, and takes back so many seconds later, if at all."""

    at: float
    member: str
    words: str
    options: dict[str, object]
    cancel_after: float | None = None


@dataclass(frozen=True)
class Deed:
    """A verb of tests.chaos.verbs that `member` plays at that second; no other deed of the run has its number."""

    at: float
    member: str
    verb: str
    number: int


@dataclass(frozen=True)
class Fault:
    """`what` says which process, wire or way; a fault that has a moment waits for it, and is then done at once."""

    at: float
    kind: Kind
    what: str = ""
    moment: Moment = "now"
    seconds: float = 0.0
    times: int = 1
    path: str = ""
    room_kib: int = 0

    def __str__(self) -> str:
        facts = [self.what, "" if self.moment == "now" else f"when {self.moment}"]
        facts += [
            "answer lost" if self.kind == "kill" and self.path else "",
            f"{self.seconds:.0f} s" * (self.seconds != 0),
        ]
        return f"{self.at:.1f} " + " ".join(fact for fact in (self.kind, *facts) if fact)


@dataclass(frozen=True)
class Plan:
    """`own_engine`: the bot starts its engine as a child; else the engine is a service beside it, behind a proxy.

    Beside such a one a scripted model reads words. `checked`: the engine looks at each picture, and doubts it.
    """

    seed: int
    own_engine: bool
    first_kill_s: float | None
    requests: tuple[Request, ...]
    faults: tuple[Fault, ...]
    room_mib: int = 8
    deeds: tuple[Deed, ...] = ()
    checked: bool = False
    in_turn: bool = False
    """Whether each deed waits for the one before."""

    def __str__(self) -> str:
        engine = "its own engine" if self.own_engine else "an engine beside it"
        early = "" if self.first_kill_s is None else f", killed {self.first_kill_s:.1f} s after its first start"
        faults = "; ".join(map(str, self.faults))
        deeds = f", {', '.join(deed.verb for deed in self.deeds)}" * bool(self.deeds)
        return f"a bot with {engine}{early}; {len(self.requests)} requests{deeds}; at {faults or 'no faults'}"


def make_plan(seed: int, *, own_engine: bool | None = None) -> Plan:
    chance = random.Random(seed)
    alone = chance.random() < 0.08
    requests = sorted((_request(chance, seed, n) for n in range(chance.randint(6, 10))), key=lambda found: found.at)
    faults = [_first(seed, chance), *(make(chance) for make in chance.choices(FAULTS, k=chance.randint(2, 4)))]
    early = chance.uniform(0.1, 2.5) if chance.random() < 0.15 else None
    faults += [make(chance) for make in chance.choices(MORE_FAULTS, k=chance.randint(1, 2))]
    faults.sort(key=lambda fault: fault.at)
    alone = alone if own_engine is None else own_engine
    deeds = tuple(_deeds(chance, seed, alone))
    checked = any(VERBS[deed.verb].needs == "check" for deed in deeds)
    return Plan(seed, alone, early, tuple(requests), tuple(faults), deeds=deeds, checked=checked)


def all_verbs(seed: int) -> Plan:
    """Return a plan without faults in which each verb is played in its turn."""
    deeds = tuple(Deed(0.0, _member(VERBS[verb].by, n), verb, n) for n, verb in enumerate(VERBS, 1))
    return Plan(seed, False, None, (), (), deeds=deeds, checked=True, in_turn=True)


def _deeds(chance: random.Random, seed: int, alone: bool) -> Iterator[Deed]:
    """Of a few seeds in a row each verb is played in one at least."""
    names, first = list(VERBS), seed * DEEDS
    for number in range(first, first + DEEDS):
        verb = names[number % len(names)]
        if not (alone and VERBS[verb].needs):
            yield Deed(chance.uniform(0.5, LOAD_S), _member(VERBS[verb].by, chance.randrange(2)), verb, number)


def _member(by: str, number: int) -> str:
    return "Mo" if by == "moderator" else ("Ada", "Ben")[number % 2]


def _request(chance: random.Random, seed: int, number: int) -> Request:
    options: dict[str, object] = {
        "count": chance.choice((1, 1, 1, 2, 3)),
        "seed": seed % 1_000_000 * 1_000 + number * 10,
        "steps": chance.choice((1, 2, 2, 4, 8)),
        "exact": chance.random() < 0.8,
        "private": chance.random() < 0.15,
    }
    cancel = chance.uniform(0.2, 4.0) if chance.random() < 0.12 else None
    at = chance.uniform(0.0, LOAD_S)
    return Request(at, chance.choice(("Ada", "Ben")), f"boat {number} of run {seed}", options, cancel)


def _at(chance: random.Random) -> float:
    return chance.uniform(0.3, LOAD_S)


def _first(seed: int, chance: random.Random) -> Fault:
    """Of five seeds in a row four kill the bot where a crash hurts most, each elsewhere, and one kills the engine."""
    match seed % 5:
        case 0:
            return Fault(chance.uniform(0.3, 3.0), "kill", "bot", "ending")
        case 1:
            return Fault(_at(chance), "kill", "bot", "posted", path=POSTS)
        case 2:
            return Fault(_at(chance), "kill", "bot", "painted", path=EDITS)
        case 3:
            return Fault(_at(chance), "kill", "engine", chance.choice(("now", "posted")))
        case _:
            return Fault(chance.uniform(0.3, 3.0), "kill", "bot", "accepting")


def _kill(chance: random.Random) -> Fault:
    """One in five hits the engine. Most of the others come where a crash hurts; half of these lose an answer too."""
    if chance.random() < 0.2:
        return Fault(_at(chance), "kill", "engine", chance.choice(("now", "posted")))
    moment: Moment = chance.choice(("now", "answered", "posted", "painted", "ending"))
    lost = {"answered": ANSWERS, "posted": POSTS, "painted": EDITS}.get(moment, "")
    return Fault(_at(chance), "kill", "bot", moment, path=lost if chance.random() < 0.5 else "")


def _gateway(chance: random.Random) -> Fault:
    return Fault(_at(chance), "gateway")


def _wire(chance: random.Random) -> Fault:
    path, times = chance.choice((EDITS, POSTS, ANSWERS, "")), chance.randint(1, 3)
    return Fault(_at(chance), "wire", chance.choice(WIRES), seconds=chance.uniform(0.3, 2.0), times=times, path=path)


def _engine(chance: random.Random) -> Fault:
    return Fault(_at(chance), "engine", seconds=chance.choice((0.0, 0.0, 1.0, 3.0)))


def _lock(chance: random.Random) -> Fault:
    """A stutter comes each time that an end was written."""
    if chance.random() < 0.5:
        return Fault(_at(chance), "lock", "hold", seconds=chance.uniform(1.0, 8.0))
    return Fault(_at(chance), "lock", "stutter", seconds=chance.uniform(6.0, 12.0))


def _disk(chance: random.Random) -> Fault:
    """What is left is a few pages, so that the disk fills up amid what is written; half the time that is an end."""
    if chance.random() < 0.5:
        return Fault(_at(chance), "disk", seconds=chance.uniform(2.0, 8.0), room_kib=chance.randint(0, 20) * 4)
    room = chance.choice((16, 20, 24, 28))  # an end is torn at 20 and 24 where it is no transaction
    return Fault(_at(chance), "disk", "", "painted", seconds=chance.uniform(3.0, 8.0), path=EDITS, room_kib=room)


def _clock(chance: random.Random) -> Fault:
    """The bot's clock jumps, or that of the engine beside it; an engine of its own jumps with it."""
    by = float(chance.choice((-90_000, -7200, -600, -30, 30, 600, 7200, 90_000)))
    return Fault(_at(chance), "clock", chance.choice(("bot", "bot", "engine")), seconds=by)


def _stop(chance: random.Random) -> Fault:
    """A process that stands still, and goes on."""
    return Fault(_at(chance), "stop", chance.choice(("bot", "bot", "engine")), seconds=chance.uniform(1.0, 8.0))


def _files(chance: random.Random) -> Fault:
    """No more files than are open, or one or two."""
    return Fault(_at(chance), "files", seconds=chance.uniform(1.0, 5.0), times=chance.randint(0, 2))


def _ill(chance: random.Random) -> Fault:
    return Fault(_at(chance), "ill", chance.choice(("slow", "failing")), seconds=chance.uniform(0.5, 5.0))


def _events(chance: random.Random) -> Fault:
    """The gateway's next events come twice, late, or each behind the next."""
    what = chance.choice(("twice", "late", "swapped"))
    return Fault(_at(chance), "events", what, seconds=chance.uniform(0.2, 2.0), times=chance.randint(1, 6))


FAULTS = (_kill, _gateway, _wire, _wire, _engine, _lock, _lock, _disk, _disk, _clock)
MORE_FAULTS = (_stop, _files, _ill, _ill, _events, _events, _clock, _clock)
