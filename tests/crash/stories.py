"""What happens in a life while a call is struck: what members do, or a command of the host.

A story may prepare the home (`before`), and may look at it once all is over (`after`), beyond what is always judged.
"""

from __future__ import annotations

import asyncio
import base64
import shutil
import sqlite3
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from dotenv import dotenv_values

from bot.sandbox.guild import BEN, REVIEW
from bot.storage.migrate import migrations
from bot.ui.i18n import text
from tests.chaos.house import UNDECIDED
from tests.chaos.invariants import Asked, Violation
from tests.crash.bot_process import ANSWERS, SILENCE
from tests.crash.lab import Died, Lab, Unprepared
from tests.old_database import write_old

KEY, OTHER_KEY = (base64.b64encode(bytes([number]) * 32).decode() for number in (1, 2))
MARK = "zebrafinch"


async def nothing(_: Lab) -> None:
    """Do nothing."""


async def settle(lab: Lab) -> None:
    """Wait until the bot has finished what an earlier one left."""
    await lab.calm()


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
    mend: Callable[[Lab], Awaitable[None]] = nothing
    """What the host does before another bot starts."""
    checked: bool = False
    """Whether the engine has a check of pictures."""
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


async def favourites(lab: Lab) -> None:
    """Keep a picture, make another, keep and delete that one, and look at what is left."""
    await lab.imagine("a red boat")
    await lab.press("favourite")
    await lab.imagine("a blue hill")
    await lab.press("favourite")
    await lab.command("my pictures", favourites=True)
    await lab.press("my:delete")
    await lab.press("my:sure")
    await lab.calm()
    await lab.command("my pictures", favourites=True, search="boat")


def favourites_have_their_pictures(lab: Lab) -> Iterator[Violation]:
    """Nobody keeps a picture whose message is known to be gone, and none is kept twice or without its request."""
    with closing(sqlite3.connect(lab.database)) as connection:
        kept = connection.execute("SELECT count(*), count(DISTINCT job_id) FROM favourites").fetchone()
        there = "SELECT count(*) FROM favourites JOIN jobs ON id = job_id WHERE state = 'done' AND deleted_at IS NULL"
        if {*kept} != {*connection.execute(there).fetchone()}:
            yield Violation("orphaned", "a favourite has no picture")


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
    if not any(seen.now.content == text("en", "refused-store") for seen in lab.witness.messages.values()):
        lab.notes["erased"] = "yes"  # else the member was told that nothing was begun


def nothing_is_left(lab: Lab) -> Iterator[Violation]:
    """What was erased is in no file."""
    for file in lab.home.rglob("*"):
        if lab.notes.get("erased") and file.is_file() and MARK.encode() in file.read_bytes():
            yield Violation("orphaned", f"{file.name} holds what was erased")


async def drawn(lab: Lab) -> None:
    """A home that has one picture. Raises Unprepared."""
    await known(lab)
    await lab.begin(None)
    await lab.online()
    await lab.imagine("a red boat")
    await lab.calm()
    if not lab.jobs("state = 'done'"):
        raise Unprepared(lab.asked[-1].told)
    await lab.end()


async def drawn_and_sealed(lab: Lab) -> None:
    lab.settings["LIMNER_DATA_KEY"] = KEY
    await drawn(lab)


async def drawn_to_be_sealed(lab: Lab) -> None:
    await drawn(lab)
    lab.settings["LIMNER_DATA_KEY"] = KEY


async def backed_up(lab: Lab) -> None:
    """A home whose picture came before its backup, without what the lab notes in it, which no backup may have."""
    await drawn(lab)
    with closing(sqlite3.connect(lab.database)) as connection:
        noted = connection.execute("SELECT type, name FROM sqlite_master WHERE name GLOB '*_seen'").fetchall()
        for kind, name in sorted(noted, reverse=True):  # triggers before tables
            connection.execute(f"DROP {kind} {name}")
    assert await lab.run("backup", str(lab.folder / "backup.limner")) == 0


def is_sealed(lab: Lab) -> Iterator[Violation]:
    """Nothing of it can be read without the key."""
    for file in lab.home.rglob("*"):
        if file.is_file() and b"a red boat" in file.read_bytes():
            yield Violation("orphaned", f"{file.name} holds plain words")


async def hold(lab: Lab) -> None:
    await lab.command("moderation nsfw", "Mo", policy="hold")
    await lab.imagine("a bare hill")


async def decide(lab: Lab, how: str) -> None:
    """Let a moderator decide on what waits, if anything does."""
    if lab.jobs(UNDECIDED):
        await lab.command("moderation review", "Mo")
        await lab.press(f"review:{how}", "Mo")
        await lab.calm()


release, remove = partial(decide, how="release"), partial(decide, how="remove")


async def hold_and_release(lab: Lab) -> None:
    await hold(lab)
    await release(lab)


async def hold_and_remove(lab: Lab) -> None:
    await lab.command("moderation review", "Mo", channel=str(REVIEW))
    await hold(lab)
    await remove(lab)


async def take_back(lab: Lab) -> None:
    """Take a picture back that waits for a moderator."""
    await hold(lab)
    await take_back_held(lab)


async def take_back_held(lab: Lab) -> None:
    if lab.jobs(UNDECIDED):
        await lab.press("cancel")
        await lab.calm()


async def block(lab: Lab) -> None:
    """Block someone whose picture is being painted."""
    await amid(lab, lab.imagine("slow0.5", "Ben", exact=True), lab.command("moderation block", "Mo", user=str(BEN)))


async def policy(lab: Lab) -> None:
    """Forbid unchecked pictures while one is painted, before its preview comes."""
    painting = lab.imagine("slow0.6", exact=True, steps=8)
    await amid(lab, painting, lab.command("moderation nsfw", "Mo", policy="block"))


async def amid(lab: Lab, asking: Coroutine[None, None, None], meanwhile: Coroutine[None, None, str]) -> None:
    """Ask, and do something else once that is being painted."""
    task = asyncio.create_task(asking)
    try:
        await lab.until(lambda: lab.has("state = 'painting'"), "the painting")
        await meanwhile
    finally:
        meanwhile.close()
        await task


async def photos(lab: Lab) -> None:
    """Start from a photo, while and after photos are forbidden."""
    photo = await lab.photo()
    await asyncio.gather(lab.imagine("a red boat", image=photo), lab.command("moderation photos", "Mo", mode="off"))
    await lab.imagine("a blue boat", image=photo)


async def limits(lab: Lab) -> None:
    """Ask for pictures while the limit is lowered below them, and after that."""
    await asyncio.gather(
        lab.imagine("a red boat", "Ben"),
        lab.command("limits set", "Mo", target=str(BEN), images=2, per="hour"),
        lab.imagine("a blue hill", "Ben", count=2),
    )
    await lab.imagine("a green tree", "Ben")


async def undo(lab: Lab) -> None:
    await lab.imagine("a red boat")
    await lab.reply("make it night", await lab.newest())
    before = len(await lab.seen())
    await lab.act("message", content="undo", reply_to=await lab.newest())

    async def is_answered() -> bool:
        return len(await lab.seen()) > before + 1

    await lab.until(is_answered, "the older version")
    await lab.calm()


async def settings(lab: Lab) -> None:
    await lab.command("my settings", shape="wide", private=True)
    await lab.imagine("a red boat")


async def silent(lab: Lab) -> None:
    """Ask for a picture of which the engine says nothing more."""
    await lab.imagine("hang", exact=True)


async def impatient(lab: Lab) -> None:
    lab.settings[SILENCE] = "1.5"
    await known(lab)


async def left_for_hours(lab: Lab) -> None:
    """A home whose bot was killed while it painted, two hours ago."""
    await known(lab)
    await lab.begin(None)
    await lab.online()
    asking = asyncio.create_task(lab.imagine("slow1", exact=True))
    await lab.until(lambda: lab.has("state = 'painting' AND message_id IS NOT NULL"), "the painting")
    lab.bot.kill()
    with suppress(Died):
        await asking
    lab.asked[:] = [Asked("slow1", 1, "accepted")]
    with closing(sqlite3.connect(lab.database)) as connection, connection:
        connection.execute("UPDATE jobs SET created_at = created_at - 7200")
        connection.execute("UPDATE reservations SET reserved_at = reserved_at - 7200")
        connection.execute("UPDATE history_seen SET reserved_at = reserved_at - 7200")


async def of_version(lab: Lab, version: int) -> None:
    """A home as an older Limner left it, with one picture."""
    await drawn(lab)
    with closing(sqlite3.connect(lab.database)) as connection:
        connection.row_factory = sqlite3.Row
        tables = ("jobs", "reservations")
        rows = {table: [dict(row) for row in connection.execute(f"SELECT * FROM {table}")] for table in tables}
    for file in lab.home.glob("limner.sqlite3*"):
        file.unlink()
    write_old(lab.database, version, rows)
    await noted_afresh(lab)


async def noted_afresh(lab: Lab) -> None:
    """Note the ends that are in the database."""
    with closing(sqlite3.connect(lab.database)) as connection, connection:
        connection.execute("CREATE TABLE IF NOT EXISTS ends_seen (job_id TEXT NOT NULL, state TEXT NOT NULL)")
        new = "SELECT id, state FROM jobs WHERE id NOT IN (SELECT job_id FROM ends_seen)"
        connection.execute(f"INSERT INTO ends_seen {new}")


async def drawn_under_a_key_in_a_file(lab: Lab) -> None:
    (lab.folder / ".env").write_text(f"LIMNER_DATA_KEY={KEY}\n")
    (lab.folder / ANSWERS).write_text("y\n")
    await drawn(lab)


async def rekey(lab: Lab) -> None:
    """Finish what was struck, or do it once more."""
    assert await lab.run("rekey") == 0


def is_sealed_anew(lab: Lab) -> Iterator[Violation]:
    """The picture is there, in no plain words, and under another key."""
    yield from is_sealed(lab)
    if lab.jobs("state = 'done'") != 2:
        yield Violation("lost", "the picture of before is not there")
    if dotenv_values(lab.folder / ".env")["LIMNER_DATA_KEY"] == KEY:
        yield Violation("orphaned", "the old key is still in use")


STORIES: dict[str, Story] = {
    "first start": Story(nothing, nothing),
    "picture": Story(one_picture),
    "people": Story(two_people),
    "cancel": Story(cancel),
    "change": Story(change, children=1),
    "again": Story(again, children=1),
    "pick": Story(pick, then=pick_third, children=1),
    "delete": Story(delete, forgives=("is done and shows 0 of 1 pictures",)),
    "favourites": Story(
        favourites,
        after=favourites_have_their_pictures,
        forgives=("is done and shows 0 of 1 pictures",),
    ),
    "moderators": Story(moderators),
    "export": Story(export),
    "erase": Story(erase, after=nothing_is_left),
    "undo": Story(undo, children=1),
    "settings": Story(settings),
    "photos": Story(photos),
    "limits": Story(limits),
    "block": Story(block),
    "policy": Story(policy),
    "release": Story(hold_and_release, then=release, checked=True),
    "remove": Story(hold_and_remove, then=remove, checked=True),
    "take back": Story(take_back, then=take_back_held, checked=True),
    "silence": Story(silent, impatient),
    "too late": Story(settle, left_for_hours),
    "sealing": Story(nothing, drawn_to_be_sealed, is_sealed),
    "backup": Story(nothing, drawn, command=("backup", "{folder}/backup.limner")),
    "restore": Story(
        nothing,
        backed_up,
        mend=noted_afresh,
        command=("restore", "{folder}/backup.limner", "--yes"),
        forgives=("before-restore",),
    ),
    "rekey": Story(nothing, drawn_under_a_key_in_a_file, is_sealed_anew, mend=rekey, command=("rekey",)),
    **{f"from version {old}": Story(nothing, partial(of_version, version=old)) for old in range(1, len(migrations()))},
}


def command_of(story: Story, folder: Path) -> tuple[str, ...]:
    """Return the host's command with its places filled in."""
    return tuple(word.format(folder=folder) for word in story.command)
