"""The composition root: settings → log → home → database → engine → client, opened in this order, closed in reverse."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress

from bot import settings as configuration
from bot.assembly import Adapters
from bot.cli.complaints import USAGE, complain, complain_of, complain_of_settings
from bot.client import LimnerBot
from bot.discord_connection import DiscordConnection
from bot.host.agent_door import agent_door
from bot.host.agent_wire import SOCKET, Answer, Request
from bot.host.clock import SystemClock
from bot.host.engine_processes import EngineProcesses
from bot.host.engine_settings import follow_settings
from bot.host.engines import addresses_of, not_for_the_engine, open_engine, own_engines
from bot.host.home import DATABASE, installation_secret, locked_home
from bot.host.style_file import load_styles
from bot.host.token_format import is_token
from bot.host.undumpable import forbid_dumps
from bot.operator_errors import CannotStart, SettingsRefused
from bot.services.engine_wait import Patience
from bot.services.orders import Rules
from bot.services.ports.storage import StoreUnavailable
from bot.services.retry import note_retries
from bot.services.understanding_budget import PER_MINUTE
from bot.settings import Settings
from bot.storage.database import Database
from bot.storage.migrate import FromTheFuture
from bot.storage.sealed_file import KeyMissing, KeyWrong, check_seal
from bot.storage.sealing import Seal
from bot.ui.i18n import text
from bot.watch.exposition import Exposition
from bot.watch.meters import Meters
from bot.workers.chart_process import ChartProcess
from bot.workers.picture_process import PictureProcess
from engine.api.address import socket_path
from engine.api.env_settings import SettingsInvalid, read_environment
from engine.api.known_settings import warn_of_unknown
from engine.api.light_structlog import structlog
from engine.api.log import configure_log
from engine.api.loop_watchdog import watched_loop
from engine.api.sd_notify import sd_notify

FREEZE_POLL_S = 5.0
SWITCH_S = 0.0005
"""How long a thread keeps Python to itself while another wants it. With Python's own 5 ms, the event loop and the
database's thread wait so long for each other at every statement of a transaction."""

log = structlog.get_logger("bot")


def main() -> int:
    """Run Limner until it is told to stop. Returns the exit code; what went wrong is on stderr."""
    forbid_dumps()
    sys.setswitchinterval(SWITCH_S)
    try:
        settings = configuration.load()
    except SettingsInvalid as error:
        return complain_of_settings(error)
    if settings.discord_token and not is_token(settings.discord_token):
        length = len(settings.discord_token)
        return complain(USAGE, text(settings.locale, "start-token-malformed", length=length))
    os.umask(0o077)  # whatever is made from here on is its owner's alone, the engine's socket too
    configure_log(settings.log, "bot")
    warn_of_unknown(read_environment(secrets=()))
    note_retries()
    try:
        asyncio.run(run(settings))
    except CannotStart as error:
        return complain_of(error, settings.locale)
    except KeyboardInterrupt:
        return 130
    return 0


async def run(settings: Settings) -> None:
    """Open every resource, run the bot, and close what was opened."""
    stop = _stop_signal()
    styles = load_styles(settings.styles)
    async with AsyncExitStack() as stack:
        home = stack.enter_context(locked_home(settings.home))
        secret = installation_secret(home)
        stack.enter_context(watched_loop())
        configure_log(settings.log, "bot", key=secret)  # now that its key is there, hashes stay the same
        database = await stack.enter_async_context(_database(settings, secret))
        clock, meters = SystemClock(), Meters()
        own = () if settings.engines else await asyncio.to_thread(own_engines, settings, home)
        addresses = addresses_of(settings, own)
        supervisor, started = None, asyncio.Event()
        processes: EngineProcesses | None = None
        if own:
            blank = not_for_the_engine(settings)

            def begun() -> None:
                meters.engine_starts.inc()
                started.set()

            processes = EngineProcesses(own, blank=blank, started=begun)
            supervisor = asyncio.create_task(processes.run(), name="engine-processes")
            stack.push_async_callback(_end, supervisor)
            follower = asyncio.create_task(follow_settings(processes.replace, blank), name="engine-settings")
            stack.push_async_callback(_end, follower)
        if len(addresses) > 1:
            log.info("engines.listed", **{name: address.where for name, address in addresses.items()})
        engine = await stack.enter_async_context(open_engine(settings, own))
        exposition = Exposition(meters, database, home / DATABASE, engine, clock, tuple(addresses))
        if settings.metrics_port is not None:
            from bot.watch.metrics_listener import metrics_listener  # an HTTP server, which nothing else needs

            await stack.enter_async_context(
                metrics_listener(settings.metrics_host, settings.metrics_port, exposition, addresses)
            )
        token = await stack.enter_async_context(_discord(settings, database, has_engine=supervisor is not None))
        rules = rules_of(settings)
        adapters = Adapters(
            engine=engine, database=database, rules=rules, clock=clock, styles=styles,
            pixels=PictureProcess(), charts=ChartProcess(), meters=meters,
            cannot_load=lambda: processes is not None and processes.cannot_load,
        )  # fmt: skip

        following: list[asyncio.Task[None]] = []

        def make() -> LimnerBot:
            gc.unfreeze()  # a client from before may go
            made = LimnerBot(adapters, locale=settings.locale)
            exposition.watch(made, made.services.orders)
            if following:  # of a client from before
                following.pop().cancel()
            following.append(asyncio.create_task(made.services.catalog.follow(started), name="catalog-follow"))
            return made

        connection = DiscordConnection(make, token, home)

        async def answered(request: Request) -> Answer:
            if connection.client:
                return await connection.client.agents.answer(request)
            return Answer(text(settings.locale, "refused-closing"), refused=True)

        bot = asyncio.create_task(connection.run(), name="bot")
        stack.push_async_callback(_end, bot)
        stack.push_async_callback(_end, asyncio.create_task(freeze_when_ready(connection), name="freeze"))
        await stack.enter_async_context(agent_door(socket_path(home, SOCKET), answered))
        await _first(stop, bot, supervisor)
        sd_notify("STOPPING=1")
        await connection.drain(settings.grace_s)


def rules_of(settings: Settings) -> Rules:
    """Return what the operator set; whoever runs the sandbox may ask as fast as they like."""
    host, per_minute = settings.host, None if settings.in_sandbox else PER_MINUTE
    return Rules(
        host.limits, host.at_once, Patience(settings.engine_wait_s), settings.retention_days, per_minute,
        ceiling=host.ceiling, ceiling_per=host.ceiling_per,
        blocked_users=settings.blocked_users, servers=settings.servers,
    )  # fmt: skip


@asynccontextmanager
async def _database(settings: Settings, secret: bytes) -> AsyncIterator[Database]:
    """Lend the database, sealed where a key is set."""
    database = await _open_database(settings, secret)
    try:
        await check_seal(database)
        yield database
    except StoreUnavailable as error:
        raise CannotStart("start-database", home=str(settings.home), why=str(error)) from error
    except KeyMissing as error:
        raise SettingsRefused("start-data-key-missing", home=str(settings.home)) from error
    except KeyWrong as error:
        raise SettingsRefused("start-data-key-wrong", home=str(settings.home)) from error
    finally:
        await database.close()


async def _open_database(settings: Settings, secret: bytes) -> Database:
    try:
        return await Database.open(settings.home / DATABASE, Seal(settings.data_key), secret)
    except (sqlite3.Error, OSError) as error:
        raise CannotStart("start-database", home=str(settings.home), why=str(error)) from error
    except FromTheFuture as error:
        raise CannotStart("start-database-newer", found=error.found, newest=error.newest) from error


@asynccontextmanager
async def _discord(settings: Settings, database: Database, *, has_engine: bool) -> AsyncIterator[str]:
    """Yield the token for Discord, or, where none is set, for the sandbox, which then runs meanwhile."""
    if settings.discord_token:
        yield settings.discord_token
        return
    from bot.cli.sandbox_run import sandbox_token  # a server and a page, which a bot on Discord has no use for

    async with sandbox_token(settings, database, has_engine=has_engine) as token:
        yield token


async def freeze_when_ready(connection: DiscordConnection) -> None:
    """Each time the bot comes to Discord, take what is loaded by then out of garbage collections: it stays.

    A full collection looks through all objects and holds the event loop meanwhile: with these, for a tenth of a second.
    """
    frozen = False
    while True:
        if connection.is_ready and not frozen:
            gc.collect()
            gc.freeze()
        frozen = connection.is_ready
        await asyncio.sleep(FREEZE_POLL_S)


def _stop_signal() -> asyncio.Event:
    """Return an event that the first SIGTERM or SIGINT sets; the second ends the process at once."""
    stop = asyncio.Event()

    def on_signal(number: int) -> None:
        if stop.is_set():
            os._exit(128 + number)
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, on_signal, number)
    return stop


async def _first(stop: asyncio.Event, *tasks: asyncio.Task[None] | None) -> None:
    """Wait for the stop signal or the first task to end; raise what ended it."""
    signalled = asyncio.create_task(stop.wait())
    done, _ = await asyncio.wait([signalled, *filter(None, tasks)], return_when=asyncio.FIRST_COMPLETED)
    signalled.cancel()
    for task in done:
        task.result()


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError, Exception):
        await task
