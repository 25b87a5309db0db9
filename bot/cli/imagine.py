"""`limner imagine`: draws one request without Discord; it touches neither the bot's jobs nor its ledger."""

from __future__ import annotations

import argparse
import asyncio
import os
import secrets
import tempfile
import time
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from bot import settings as configuration
from bot.cli.complaints import USAGE, complain, complain_of, complain_of_settings
from bot.cli.status_line import StatusLine
from bot.domain.jobs import SHAPES, Order, WordsInvalid, check_words
from bot.domain.picture_file import suffix
from bot.domain.progress import Finished, Remarks
from bot.errors import sentence
from bot.host.engine_process import WRONG_USAGE, EngineProcess
from bot.host.engines import addresses_of, not_for_the_engine, open_engine, own_engines
from bot.host.style_file import load_styles
from bot.operator_errors import CannotStart, SettingsRefused, WrongUsage
from bot.services.draw import Understood, draw, read_facts
from bot.services.engine_wait import fetching_of
from bot.services.ports.engine import Engine
from bot.services.ports.pictures import PictureInvalid
from bot.settings import Settings
from bot.ui.fine_print import loras_notice, unknown_notice, words_notices
from bot.ui.hosted_notices import notices
from bot.ui.i18n import SOURCE, text
from bot.ui.progress_bar import fetching_line
from bot.understanding.languages import LanguageUnread
from bot.understanding.notation import lora_weight, read_notation
from bot.workers.picture_process import PictureProcess
from engine.api.address import Address
from engine.api.client import EngineClient
from engine.api.env_settings import SettingsInvalid
from engine.api.errors import EngineError, Internal, ModelLoading, Unavailable
from engine.api.log import configure_log
from engine.api.messages import MAX_IMAGES, MAX_LORA_WEIGHT, MAX_LORAS, MAX_SEED, Progress, Queued

POLL_S = 0.1
KINDS = {".png": "png", ".jpg": "jpg", ".jpeg": "jpg", ".webp": "webp"}
"""What a file's ending says of its format; without an ending it is written as it comes."""


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
        return complain(USAGE, sentence(error, SOURCE))
    except WrongUsage as error:
        return complain_of(error, SOURCE, USAGE)
    except SettingsInvalid as error:
        return complain_of_settings(error)
    configure_log(settings.log, "bot", quiet=True)
    seed = secrets.randbelow(MAX_SEED - order.count) if order.seed is None else order.seed
    try:
        report = asyncio.run(_imagine(settings, order, seed, options.out, _loras(options.lora)))
    except CannotStart as error:
        return complain_of(error, settings.locale)
    except LanguageUnread as error:
        return complain(1, sentence(error, settings.locale))
    except (EngineError, OSError) as error:
        return complain(1, str(error))
    except KeyboardInterrupt:
        return 130
    if options.json:
        print(msgspec.json.encode(report).decode())
    else:
        for file in report.files:
            print(text(settings.locale, "cli-saved", file=file))
    return 0


async def _imagine(settings: Settings, order: Order, seed: int, out: Path, loras: Sequence[str] = ()) -> Report:
    """`loras` are those that the command line names, which have to be there."""
    started = time.monotonic()
    line = StatusLine(settings.locale)
    line.show("cli-loading")
    async with line.ticking(), _engine(settings, line) as engine:
        load_seconds = time.monotonic() - started
        await _check_loras(engine, loras)
        async with aclosing(draw(engine, load_styles(settings.styles), order, seed)) as events:
            async for event in events:
                match event:
                    case Understood(spec=spec, remarks=remarks):
                        line.say("cli-understood", understood=spec.understood)
                        line.say("cli-prompt", prompt=spec.prompt)
                        for notice in _notices(settings.locale, order, remarks):
                            line.print(notice)
                    case Queued(position=position):
                        line.show("cli-queued", position=position)
                    case Progress(step=step, steps=steps):
                        line.show("cli-painting", step=step, steps=steps)
                    case Finished(pictures=pictures, painted=painted):
                        line.clear()
                        files = await _save(pictures, out)
    return Report(
        understood=spec.understood,
        keywords=spec.keywords,
        prompt=spec.prompt,
        negative=spec.negative,
        seed=seed,
        size=painted.size,
        model=painted.model,
        seconds=round(painted.seconds, 3),
        load_seconds=round(load_seconds, 3),
        files=files,
    )


@asynccontextmanager
async def _engine(settings: Settings, line: StatusLine) -> AsyncIterator[Engine]:
    """Lend the engine that is set, the one that runs on this home already, or one of our own."""
    own = () if settings.engines else await asyncio.to_thread(own_engines, settings, settings.home)
    addresses = addresses_of(settings, own)
    if settings.engines or (settings.home.exists() and await _any_answers(addresses.values())):
        async with open_engine(settings, own) as engine:
            where = ", ".join(address.where for address in addresses.values())
            await _until_ready(engine, where, settings.engine_wait_s, line)
            yield engine
        return
    with tempfile.TemporaryDirectory(prefix="limner-") as directory:
        first = replace(own[0], socket=Path(directory) / "engine.sock")
        blank = not_for_the_engine(settings)
        starting = EngineProcess(first.socket, quiet=True, blank=blank, variables=first.variables)
        process = asyncio.create_task(starting.run_once())
        try:
            async with open_engine(settings, [first]) as engine:
                await _until_loaded(engine, process, line)
                yield engine
        finally:
            process.cancel()
            with suppress(asyncio.CancelledError):
                await process


async def _any_answers(addresses: Iterable[Address]) -> bool:
    """Tell whether the bot of this home runs, with an engine that answers."""
    for address in addresses:
        async with EngineClient(address) as client:
            with suppress(Unavailable):
                await client.models()
                return True
    return False


async def _until_loaded(engine: Engine, process: asyncio.Task[int], line: StatusLine) -> None:
    """Wait until our own engine has loaded its models. Raises CannotStart where it ended."""
    while not await engine.ready():
        if process.done():
            error = SettingsRefused if process.result() == WRONG_USAGE else CannotStart
            raise error("start-engine-ended")
        await _show_loading(engine, line)
        await asyncio.sleep(POLL_S)


async def _until_ready(engine: Engine, where: str, wait_s: float, line: StatusLine) -> None:
    """Wait until someone else's engine is ready, and say that it loads. Raises CannotStart where it stays away."""
    last_sign, has_said = time.monotonic(), False
    while not await engine.ready():
        if await _show_loading(engine, line):
            last_sign = time.monotonic()
            if not has_said and not line.is_live:
                line.print(text(line.locale, "cli-loading"))
            has_said = True
        if time.monotonic() - last_sign > wait_s:
            raise CannotStart("start-engine-absent", where=where)
        await asyncio.sleep(POLL_S)


async def _show_loading(engine: Engine, line: StatusLine) -> bool:
    """Show that the engine loads its models, and how far a fetch is; False where it does not answer so."""
    try:
        await engine.models()
    except ModelLoading as error:
        if fetching := fetching_of(error):
            line.show_line(fetching_line(line.locale, "cli-fetching", fetching, str))
        elif error.progress:
            line.show("cli-loading-model", model=error.progress.name)
        return error.progress is not None
    except EngineError:
        pass
    return False


def _order(options: argparse.Namespace) -> Order:
    """Raises WordsInvalid or WrongUsage."""
    if not 1 <= options.count <= MAX_IMAGES:
        raise WrongUsage("settings-whole", name="--count", value=str(options.count), low=1, high=MAX_IMAGES)
    if options.seed is not None and not 0 <= options.seed <= MAX_SEED:
        raise WrongUsage("settings-whole", name="--seed", value=str(options.seed), low=0, high=str(MAX_SEED))
    if options.shape not in SHAPES:
        raise WrongUsage("settings-choice", name="--shape", value=options.shape, choices=", ".join(SHAPES))
    read = read_notation(check_words(options.words), exact=options.exact)
    shape = read.shape if read.shape and options.shape == SHAPES[0] else options.shape
    seed = read.seed if options.seed is None else options.seed
    words, loras = check_words(read.words), _loras(options.lora)
    named = {lora.rpartition(":")[0] for lora in loras}
    loras += [lora for lora in read.loras if lora.rpartition(":")[0] not in named]
    if len(loras) > MAX_LORAS:
        raise WrongUsage("cli-loras-many", most=MAX_LORAS)
    return Order(
        words,
        shape,
        options.count,
        seed,
        options.exact,
        negative=read.negative,
        ignored=read.ignored,
        loras=tuple(loras),
    )


def _loras(options: list[str]) -> list[str]:
    """Return what --lora names, each as NAME:WEIGHT; the last one of a name counts. Raises WrongUsage."""
    loras = dict[str, str]()
    for option in options:
        name, _, written = option.rpartition(":") if ":" in option else (option, ":", "1")
        weight = lora_weight(written)
        if not name.strip() or weight is None:
            raise WrongUsage("cli-lora", value=option, most=f"{MAX_LORA_WEIGHT:g}")
        loras[name.strip()] = f"{name.strip()}:{weight:g}"
    return list(loras.values())


def _notices(locale: str, order: Order, remarks: Remarks) -> Iterator[str]:
    """Yield a line for each thing of the order that the models do not heed or know."""
    yield from notices(locale, order, remarks.lacks, remarks.sent_to)
    yield from words_notices(locale, order)
    if remarks.no_loras:
        yield loras_notice(locale, remarks.no_loras)
    if remarks.as_written:
        yield text(locale, "not-understood")
    if remarks.unknown:
        yield unknown_notice(locale, remarks.unknown)


async def _check_loras(engine: Engine, loras: Sequence[str]) -> None:
    """Raises CannotStart where the engine has not the LoRAs that --lora names."""
    facts = read_facts(await engine.models()) if loras else None
    if facts and (missing := facts.loras_of(Order("", loras=tuple(loras)))[1]):
        known = ", ".join(sorted(lora.name for lora in facts.loras.values()))
        raise CannotStart("cli-loras-absent" if known else "cli-loras-none", names=", ".join(missing), known=known)


def _check_writable(out: Path) -> None:
    """Find out before painting whether the file can be written. Raises WrongUsage."""
    if out.is_dir():
        raise WrongUsage("cli-out-is-directory", out=str(out), better=str(out / "picture.png"))
    if out.suffix and out.suffix.lower() not in KINDS:
        raise WrongUsage("cli-out-format", out=str(out), endings=", ".join(KINDS))
    if not out.parent.is_dir():
        raise WrongUsage("cli-out-nowhere", directory=str(out.parent))
    if not os.access(out if out.exists() else out.parent, os.W_OK):
        raise WrongUsage("cli-out-unwritable", out=str(out))


async def _save(pictures: tuple[bytes, ...], out: Path) -> list[str]:
    """Write the first picture to `out`, further ones beside it with -2, -3, … before the suffix.

    The suffix sets the format. Raises Internal where a picture cannot be read.
    """
    files, kind, process = [], KINDS.get(out.suffix.lower(), ""), PictureProcess()
    for index, picture in enumerate(pictures, start=1):
        file = out if index == 1 else out.with_stem(f"{out.stem}-{index}")
        try:
            as_it_is = not kind or kind == suffix(picture)
            file.write_bytes(picture if as_it_is else await process.convert(picture, kind))
        except PictureInvalid as error:
            raise Internal(f"The engine's picture cannot be written as {kind}.") from error
        files.append(str(file))
    return files
