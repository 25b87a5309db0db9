"""`limner models`: lists, fetches, removes and switches models, with what each takes of this machine.

Invariant: what came of a fetch is kept however it ends, and nothing is silent for longer than TOLD_EVERY_S.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from pathlib import Path

from dotenv import dotenv_values

from bot import settings as configuration
from bot.cli.complaints import complain, complain_of
from bot.cli.host_painter import is_for_hosts, offered, this_machine
from bot.cli.terminal_prompts import Asker
from bot.domain.model_offers import Offer, offers
from bot.host.engine_settings import set_elsewhere
from bot.host.gpu import this_gpu
from bot.host.model_store import (
    AUTO,
    BUNDLED,
    STARTER,
    ModelsFailed,
    look_up,
    settings_for,
    store_events,
    stored_models,
    write_settings,
)
from bot.host.picture_speed import known_seconds
from bot.settings import Settings
from bot.ui.i18n import text
from bot.ui.model_offers import gigabytes, how_it_fits, seconds_text
from engine.api.env_settings import ENV_FILE
from engine.api.installation import has_engine
from engine.api.model_catalog import entry_of
from engine.api.model_store import Cut, Done, Event, Kind, Plan, Progress, Removed

TOLD_EVERY_S, SHOWN_EVERY_S = 5.0, 0.25
"""Between two lines where the output is no terminal; between two states of the one line on a terminal."""
CELLS = 20
NAMING_MODELS = ("LIMNER_MODEL", "LIMNER_EDITOR", "LIMNER_PLANNER", "LIMNER_SAFETY", "LIMNER_PROMPT_GUARD")
"""The settings that may name a model."""
NAMING_FILES = ("LIMNER_LORAS", "LIMNER_UPSCALER")
"""The settings that may name files of a model, with commas between."""


def models(options: argparse.Namespace) -> int:
    """Carry out one of the verbs. Returns the exit code; what went wrong is one sentence on stderr."""
    settings, _ = configuration.load_with_mistakes()
    locale = settings.locale
    try:
        if settings.engines and not has_engine():
            where = ", ".join(address.where for address in settings.engines)
            raise ModelsFailed("models-elsewhere", where=where)
        asyncio.run(_do(options, settings))
    except ModelsFailed as error:
        return complain_of(error, locale)
    except KeyboardInterrupt:
        return complain(130, text(locale, "models-stopped"))
    return 0


async def _do(options: argparse.Namespace, settings: Settings) -> None:
    """Raises ModelsFailed."""
    locale = settings.locale
    if options.verb in ("fetch", "use") and not await _is_agreed(options.name, settings):
        return
    match options.verb:
        case "fetch":
            await _fetch(options.name, locale)
        case "remove":
            await _remove(options.name, locale, yes=options.yes)
        case "use":
            await _use(options.name, locale)
        case _:
            await _list(locale, settings.home)


async def _is_agreed(name: str, settings: Settings) -> bool:
    """Say what a painter takes of a machine without a GPU, and on a terminal ask whether it is to be."""
    entry = entry_of(name)
    if entry is None or not is_for_hosts(entry, await asyncio.to_thread(this_gpu)):
        return True
    asker = Asker(settings.locale)
    if known_seconds(settings.home) is None:
        asker.say("models-measuring")
    offer = await offered(settings.locale, entry, settings.home)
    if sys.stdin.isatty():
        return asker.agree("init-take", offer=offer)
    print(offer)
    return True


async def _list(locale: str, home: Path) -> None:
    stored = await stored_models()
    gpu = await asyncio.to_thread(this_gpu)
    chip = (
        text(locale, "models-chip", name=gpu.name, memory=gigabytes(gpu.total)) if gpu else text(locale, "models-cpu")
    )
    print(text(locale, "models-title", chip=chip, folder=stored.folder, free=gigabytes(stored.free)))
    rows = [
        [text(locale, f"models-column-{name}") for name in ("name", "licence", "fetch", "memory", "picture", "here")]
    ]
    rows.append(
        [STARTER, "Apache-2.0", "–", "< 1 GB", text(locale, "models-starter-seconds"), text(locale, "models-along")]
    )
    rows += [
        _row(locale, offer, has_gpu=gpu is not None) for offer in offers(gpu, stored.models, machine=this_machine(home))
    ]
    for model in stored.models:
        if entry_of(model.name) is None:
            here = text(locale, "models-here-whole" if model.whole else "models-here-partly")
            rows.append([model.name, "", gigabytes(model.bytes), "", "", here])
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        print("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    print(text(locale, "models-next"))


def _row(locale: str, offer: Offer, *, has_gpu: bool) -> list[str]:
    entry = offer.entry
    picture = text(locale, "models-seconds", seconds=seconds_text(offer.seconds)) if offer.seconds is not None else ""
    here = "" if offer.here == "no" else f"{text(locale, f'models-here-{offer.here}')}; "
    return [
        entry.name, entry.licence, gigabytes(entry.fetch_bytes), gigabytes(entry.memory_bytes), picture,
        here + how_it_fits(locale, offer, has_gpu=has_gpu),
    ]  # fmt: skip


async def _fetch(name: str, locale: str) -> None:
    async with aclosing(store_events("fetch", name)) as events:
        await show_fetch(events, locale)
    print(text(locale, "models-fetched-next", name=name))


async def show_fetch(events: AsyncGenerator[Event, None], locale: str) -> None:
    """Show how far a fetch is, until it is done. Raises ModelsFailed."""
    bar = Bar(locale)
    ticking = asyncio.create_task(bar.run())
    try:
        async for event in events:
            bar.take(event)
    finally:
        ticking.cancel()
        with suppress(asyncio.CancelledError):
            await ticking
        bar.clear()


class Bar:
    """One line that changes on a terminal, else a line every TOLD_EVERY_S seconds."""

    def __init__(self, locale: str) -> None:
        self._locale, self._live = locale, sys.stdout.isatty()
        self._progress: Progress | None = None
        self._began, self._first = time.monotonic(), 0
        self._is_done = False

    def take(self, event: Event) -> None:
        """Take what the fetching process says; some of it is a line that stays."""
        match event:
            case Plan(name=name, total=total, have=have, free=free, files=files):
                left, room = gigabytes(total - have), gigabytes(free)
                self.say("models-plan", name=name, total=gigabytes(total), left=left, files=files, free=room)
                self._progress, self._began, self._first = None, time.monotonic(), have
            case Progress():
                self._progress = event
            case Cut(why=why, again_s=again_s):
                self.say("models-cut", why=why, seconds=round(again_s))
            case Done(name=name, bytes=size):
                self._progress, self._is_done = None, True
                self.say("models-done", name=name, size=gigabytes(size))

    async def run(self) -> None:
        """Show the state for ever."""
        while True:
            await asyncio.sleep(SHOWN_EVERY_S if self._live else TOLD_EVERY_S)
            if self._progress is not None:
                self._show(self._line(self._progress))
            elif not self._is_done:
                self._show(text(self._locale, "models-asking", seconds=round(time.monotonic() - self._began)))

    def say(self, key: str, **facts: str | int) -> None:
        self.clear()
        print(text(self._locale, key, **facts), flush=True)

    def clear(self) -> None:
        if self._live:
            print("\r\033[K", end="", flush=True)

    def _show(self, line: str) -> None:
        if self._live:
            width = shutil.get_terminal_size().columns - 1
            print(f"\r\033[K{line[:width]}", end="", flush=True)
        else:
            print(line, flush=True)

    def _line(self, progress: Progress) -> str:
        share = progress.done / progress.total if progress.total else 1.0
        rate = (progress.done - self._first) / max(0.5, time.monotonic() - self._began)
        left = round((progress.total - progress.done) / rate) if rate > 0 else 0
        facts: dict[str, str | int] = {
            "bar": "█" * round(share * CELLS) + "░" * (CELLS - round(share * CELLS)),
            "percent": int(100 * share),
            "done": gigabytes(progress.done),
            "total": gigabytes(progress.total),
            "file": progress.file,
        }
        if progress.checking:
            return text(self._locale, "models-checking", **facts)
        return text(
            self._locale, "models-progress", rate=f"{rate / 1e6:.1f}", left=f"{left // 60}:{left % 60:02}", **facts
        )


async def _remove(name: str, locale: str, *, yes: bool) -> None:
    environment = {**dotenv_values(ENV_FILE), **os.environ}
    used = next((key for key in (*NAMING_MODELS, *NAMING_FILES) if _names(key, environment.get(key) or "", name)), None)
    if used and not yes:
        raise ModelsFailed("models-used", name=name, setting=used)
    async for event in store_events("remove", name):
        if isinstance(event, Removed):
            print(text(locale, "models-removed", name=name, size=gigabytes(event.bytes)))


def _names(setting: str, value: str, model: str) -> bool:
    """Whether a setting's value names a model, or a file of it."""
    if setting in NAMING_MODELS:
        return value == model
    return any(one.strip().startswith(f"{model}/") for one in value.split(","))


async def _use(name: str, locale: str) -> None:
    if taken := set_elsewhere():
        raise ModelsFailed("models-environment", names=", ".join(taken))
    kind: Kind = "painter" if name in (AUTO, *BUNDLED) else await kind_of(name)
    values = settings_for(name, kind, {key: value or "" for key, value in dotenv_values(ENV_FILE).items()})
    write_settings(values)
    print(text(locale, "models-using", settings=", ".join(f"{key}={value}" for key, value in values.items())))


async def kind_of(name: str) -> Kind:
    """Return what a model is, by the table or by the hub. Raises ModelsFailed."""
    if entry := entry_of(name):
        return "painter" if entry.paints else "model"
    return (await look_up(name)).kind
