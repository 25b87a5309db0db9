"""`limner imagine`: the whole way of a request without Discord; it touches neither the bot's jobs nor its ledger."""

from __future__ import annotations

import argparse
import asyncio
import secrets
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec

from bot import log as logs
from bot import settings as configuration
from bot.domain.jobs import SHAPES, Order, WordsInvalid, check_words
from bot.domain.progress import Finished
from bot.engine_process import EngineProcess, EngineUnusable
from bot.errors import sentence
from bot.services.draw import Understood, draw
from bot.settings import Settings, SettingsInvalid
from bot.ui.cards import unknown_notice
from bot.ui.i18n import text
from engine.api.address import Address, socket_path
from engine.api.client import EngineClient
from engine.api.errors import EngineError, Unavailable
from engine.api.messages import MAX_IMAGES, MAX_SEED, Progress, Queued

POLL_S = 0.1
ENGINE_ATTEMPTS_S = 1_800.0


@dataclass(frozen=True, slots=True)
class Report:
    """What --json prints. `seconds` is the request's wall time once the models are loaded."""

    understood: str
    keywords: list[str]
    prompt: str
    negative: str
    seed: int
    size: str
    model: str
    seconds: float
    load_seconds: float
    files: list[str]


def imagine(options: argparse.Namespace) -> int:
    """Draw what the options say. Returns the exit code; what went wrong is one sentence on stderr."""
    try:
        settings = configuration.load()
        order = _order(options)
        _check_writable(options.out)
    except WordsInvalid as error:
        return _wrong(sentence(error, "en"))
    except (SettingsInvalid, ValueError, OSError) as error:
        return _wrong(str(error))
    logs.configure(settings.log, quiet=True)
    seed = secrets.randbelow(MAX_SEED - order.count) if order.seed is None else order.seed
    try:
        report = asyncio.run(_imagine(settings, order, seed, options.out))
    except (EngineError, EngineUnusable, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    if options.json:
        print(msgspec.json.encode(report).decode())
    else:
        for file in report.files:
            print(text(settings.locale, "cli-saved", file=file))
    return 0


async def _imagine(settings: Settings, order: Order, seed: int, out: Path) -> Report:
    started = time.monotonic()
    line = StatusLine(settings.locale)
    line.show("cli-loading")
    async with _engine(settings) as engine:
        await _until_ready(engine)
        load_seconds = time.monotonic() - started
        async with aclosing(draw(engine, order, seed)) as events:
            async for event in events:
                match event:
                    case Understood(spec=spec, unknown=unknown):
                        line.say("cli-understood", understood=spec.understood)
                        line.say("cli-prompt", prompt=spec.prompt)
                        if unknown:
                            line.print(unknown_notice(settings.locale, unknown))
                    case Queued(position=position):
                        line.show("cli-queued", position=position)
                    case Progress(step=step, steps=steps):
                        line.show("cli-painting", step=step, steps=steps)
                    case Finished(pictures=pictures, painted=painted):
                        line.clear()
                        files = _save(pictures, out)
    return Report(
        **msgspec.structs.asdict(spec),
        seed=seed,
        size=painted.size,
        model=painted.model,
        seconds=round(painted.seconds, 3),
        load_seconds=round(load_seconds, 3),
        files=files,
    )


@asynccontextmanager
async def _engine(settings: Settings) -> AsyncIterator[EngineClient]:
    """Yield a client of the engine that is set, of one that runs on this home already, or of one of our own."""
    address = settings.engine
    if address is None and settings.home.exists():
        running = Address("http://engine", socket_path(settings.home))
        async with EngineClient(running) as client:
            with suppress(Unavailable):
                await client.models()
                address = running
    if address is not None:
        async with EngineClient(address, settings.engine_api_key or None) as client:
            yield client
        return
    with tempfile.TemporaryDirectory(prefix="limner-") as directory:
        own = Path(directory) / "engine.sock"
        process = asyncio.create_task(EngineProcess(own).run_once())
        try:
            async with EngineClient(Address("http://engine", own)) as client:
                while not (process.done() or await client.ready()):
                    await asyncio.sleep(POLL_S)
                if process.done():
                    raise EngineUnusable("The engine ended before it was ready; its own words stand above.")
                yield client
        finally:
            process.cancel()
            with suppress(asyncio.CancelledError):
                await process


async def _until_ready(engine: EngineClient) -> None:
    started = time.monotonic()
    while not await engine.ready():
        if time.monotonic() - started > ENGINE_ATTEMPTS_S:
            raise Unavailable("The engine does not answer.")
        await asyncio.sleep(POLL_S)


class StatusLine:
    """One changing line on a terminal; on anything else, the lasting lines alone."""

    def __init__(self, locale: str) -> None:
        self._locale = locale
        self._live = sys.stderr.isatty()

    def show(self, key: str, **arguments: str | int) -> None:
        """Show a passing state."""
        if self._live:
            print(f"\r\033[K{text(self._locale, key, **arguments)}", end="", file=sys.stderr, flush=True)

    def say(self, key: str, **arguments: str) -> None:
        """Print a line that stays."""
        self.print(text(self._locale, key, **arguments))

    def print(self, line: str) -> None:
        self.clear()
        print(line, file=sys.stderr)

    def clear(self) -> None:
        if self._live:
            print("\r\033[K", end="", file=sys.stderr, flush=True)


def _order(options: argparse.Namespace) -> Order:
    """Raises WordsInvalid or ValueError with a sentence."""
    if not 1 <= options.count <= MAX_IMAGES:
        raise ValueError(f"--count: {options.count} is not a number from 1 to {MAX_IMAGES}")
    if options.seed is not None and not 0 <= options.seed <= MAX_SEED:
        raise ValueError(f"--seed: {options.seed} is not a number from 0 to {MAX_SEED}")
    if options.shape not in SHAPES:
        raise ValueError(f"--shape: {options.shape!r} is not one of {', '.join(SHAPES)}")
    return Order(check_words(options.words), options.shape, options.count, options.seed, options.exact)


def _check_writable(out: Path) -> None:
    """Find out before painting whether the file can be written. Raises ValueError with a sentence."""
    if out.is_dir():
        raise ValueError(f"--out: {out} is a directory; name a file in it, such as {out / 'picture.png'}")
    if not out.parent.is_dir():
        raise ValueError(f"--out: there is no directory {out.parent}; create it first")


def _save(pictures: tuple[bytes, ...], out: Path) -> list[str]:
    """Write the first picture to `out`, further ones beside it with -2, -3, … before the suffix."""
    files = []
    for index, picture in enumerate(pictures, start=1):
        file = out if index == 1 else out.with_stem(f"{out.stem}-{index}")
        file.write_bytes(picture)
        files.append(str(file))
    return files


def _wrong(message: str) -> int:
    print(message, file=sys.stderr)
    return 2
