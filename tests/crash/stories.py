"""What happens in a life while a call is struck: what members do, or a command of the host.

A story may prepare the home (`before`), and may look at it once all is over (`after`), beyond what is always judged.
"""

from __future__ import annotations

import asyncio
import base64
import shutil
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.sandbox.guild import BEN
from tests.chaos.invariants import Violation
from tests.crash.lab import Lab

KEY, OTHER_KEY = (base64.b64encode(bytes([number]) * 32).decode() for number in (1, 2))
MARK = "zebrafinch"


async def nothing(_: Lab) -> None:
    """Do nothing."""


async def known(lab: Lab) -> None:
    """A home where a bot ran before."""
    await asyncio.to_thread(shutil.copytree, lab.template, lab.home)


@dataclass(frozen=True)
class Story:
    """`tell` is what is struck: what members do, or, where `command` is set, that command of the host."""

    tell: Callable[[Lab], Awaitable[None]] = nothing
    before: Callable[[Lab], Awaitable[None]] = known
    after: Callable[[Lab], Iterable[Violation]] = lambda _: ()
    then: Callable[[Lab], Awaitable[None]] = nothing
    """What members do once another bot is there."""
    children: int = 0
    """How many jobs at most come of another job: the judge knows a doubled one by its words, which these share."""
    forgives: tuple[str, ...] = ()
    """Violations that hold one of these are what the story is about."""
    command: tuple[str, ...] = ()


async def one_picture(lab: Lab) -> None:
    await lab.imagine("a red boat")


async def two_people(lab: Lab) -> None:
    await asyncio.gather(lab.imagine("a red boat"), lab.imagine("a blue hill", "Ben", count=2, private=True))


async def cancel(lab: Lab) -> None:
    """Take a picture back while its one second long steps are painted."""
    asking = asyncio.create_task(lab.imagine("slow1", exact=True))
    try:
        await lab.press("cancel")
        await lab.until(lambda: lab.has("state = 'cancelled'"), "the refund")
    finally:
        await asking


async def change(lab: Lab) -> None:
    await lab.imagine("a red boat")
    await lab.reply("make it night", await lab.newest())


async def again(lab: Lab) -> None:
    await lab.imagine("a red boat")
    await lab.press("again")
    await lab.calm()


async def pick(lab: Lab) -> None:
    await lab.imagine("a red boat", count=4)
    await pick_third(lab)


async def pick_third(lab: Lab) -> None:
    if lab.jobs("state = 'done'"):
        await lab.press("pick", index=2)
        await lab.until(lambda: lab.has("picked IS NOT NULL AND message_id IS NOT NULL"), "the picked picture")
        await lab.calm()


async def delete(lab: Lab) -> None:
    await lab.imagine("a red boat")
    await lab.press("more")
    await lab.press("delete")
    await lab.calm()


async def moderators(lab: Lab) -> None:
    await lab.command("moderation block", "Mo", user=str(BEN), reason="noise")
    await asyncio.gather(
        lab.imagine("a red boat"),
        lab.imagine("a blue hill", "Ben"),
        lab.command("limits set", "Mo", target=str(BEN), images=5, per="hour"),
    )
    await lab.command("moderation unblock", "Mo", user=str(BEN))


async def export(lab: Lab) -> None:
    await lab.imagine("a red boat")
    await lab.command("my data export")
    await lab.calm()


async def erase(lab: Lab) -> None:
    await lab.imagine(f"a {MARK}")
    await lab.command("my data erase")
    lab.asked.clear()
    await lab.press("erase")
    await lab.calm()
    lab.notes["erased"] = "yes"


def nothing_is_left(lab: Lab) -> Iterator[Violation]:
    """What was erased is in no file."""
    for file in lab.home.rglob("*"):
        if lab.notes.get("erased") and file.is_file() and MARK.encode() in file.read_bytes():
            yield Violation("orphaned", f"{file.name} holds what was erased")


async def drawn(lab: Lab) -> None:
    """A home that has one picture."""
    await known(lab)
    await lab.begin(None)
    await lab.online()
    await lab.imagine("a red boat")
    await lab.calm()
    await lab.end()


async def drawn_and_sealed(lab: Lab) -> None:
    lab.settings["LIMNER_DATA_KEY"] = KEY
    await drawn(lab)


async def drawn_to_be_sealed(lab: Lab) -> None:
    await drawn(lab)
    lab.settings["LIMNER_DATA_KEY"] = KEY


async def backed_up(lab: Lab) -> None:
    await drawn(lab)
    assert await lab.run("backup", str(lab.folder / "backup.limner")) == 0


def is_sealed(lab: Lab) -> Iterator[Violation]:
    """Nothing of it can be read without the key."""
    for file in lab.home.rglob("*"):
        if file.is_file() and b"a red boat" in file.read_bytes():
            yield Violation("orphaned", f"{file.name} holds plain words")


STORIES: dict[str, Story] = {
    "first start": Story(nothing, nothing),
    "picture": Story(one_picture),
    "people": Story(two_people),
    "cancel": Story(cancel),
    "change": Story(change, children=1),
    "again": Story(again, children=1),
    "pick": Story(pick, then=pick_third, children=1),
    "delete": Story(delete, forgives=("is done and shows 0 of 1 pictures", "was posted 2 times")),
    "moderators": Story(moderators),
    "export": Story(export),
    "erase": Story(erase, after=nothing_is_left),
    "sealing": Story(nothing, drawn_to_be_sealed, is_sealed),
    "backup": Story(nothing, drawn, command=("backup", "{folder}/backup.limner")),
    "restore": Story(nothing, backed_up, command=("restore", "{folder}/backup.limner", "--yes")),
}


def command_of(story: Story, folder: Path) -> tuple[str, ...]:
    """Return the host's command with its places filled in."""
    return tuple(word.format(folder=folder) for word in story.command)
