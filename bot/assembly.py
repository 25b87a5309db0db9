"""Joins services and adapters: the one place that knows which adapter stands behind which port."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import discord

from bot.cogs.services import Services
from bot.domain.styles import Styles
from bot.services.audit_mirror import AuditMirror
from bot.services.audited import AuditedChanges
from bot.services.catalog import Catalog
from bot.services.engine_wait import EngineWait
from bot.services.gallery import Gallery
from bot.services.gate import ServerGate
from bot.services.job_end import JobEnd
from bot.services.job_runner import JobRunner
from bot.services.limits import Limits
from bot.services.moderation import Moderation
from bot.services.orders import Orders, Rules
from bot.services.personal_data import Personal
from bot.services.picks import Picks
from bot.services.ports.clock import Clock
from bot.services.ports.engine import Engine
from bot.services.ports.messaging import Messenger
from bot.services.ports.pictures import Pixels
from bot.services.ports.review import Board, Rooms
from bot.services.ports.statistics import Charts, Tally
from bot.services.recovery import Recovery
from bot.services.refusal_counter import RefusalCounter
from bot.services.reply_reader import ReplyReader
from bot.services.retention import Retention
from bot.services.review import Review
from bot.services.screening import Screening
from bot.services.stats import Stats
from bot.services.tidying import Tidying
from bot.services.understanding_budget import UnderstandingBudget
from bot.storage.archive import ZipArchive
from bot.storage.audit import Audit
from bot.storage.database import Database
from bot.storage.favourites import Favourites
from bot.storage.jobs import Jobs
from bot.storage.ledger import Ledger
from bot.storage.limit_rules import LimitRules
from bot.storage.members import Members
from bot.storage.moderation import Decisions
from bot.storage.own_pictures import OwnPictures
from bot.storage.personal_data import Records
from bot.storage.retention import Retention as OldRecords
from bot.storage.review import HeldPictures
from bot.storage.start_pictures import OldStartPictures
from bot.ui.age_restriction import DiscordRooms
from bot.ui.attachments import Attachments
from bot.ui.call_budget import CallBudget
from bot.ui.cdn import Cdn
from bot.ui.moderation_log import DiscordMirror
from bot.ui.my_data import DiscordCourier
from bot.ui.review import DiscordBoard
from bot.ui.thumbnails import DiscordThumbnails
from bot.watch.delivery_metrics import WatchedMessenger
from bot.watch.meters import Meters
from bot.watch.storage_metrics import WatchedHeld, WatchedLedger, WatchedStatistics


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapters:
    """What the process that starts the bot opens for it; `cdn` is None where Discord's own is read."""

    engine: Engine
    database: Database
    rules: Rules
    clock: Clock
    styles: Styles
    pixels: Pixels
    charts: Charts
    meters: Meters
    cannot_load: Callable[[], bool]
    """Whether it is known that the engine's models cannot be loaded."""
    cdn: Cdn | None = None
    calls: CallBudget = field(default_factory=CallBudget)
    """Shared by all clients that live after each other."""


@dataclass(frozen=True, slots=True)
class Assembled:
    """The services that commands use, and what runs beside them."""

    services: Services
    recovery: Recovery
    retention: Retention
    tidying: Tidying


@dataclass(frozen=True, slots=True)
class JobServices:
    """What takes orders and carries jobs to their ends."""

    orders: Orders
    end: JobEnd
    screening: Screening
    understandings: UnderstandingBudget
    picks: Picks


def assemble_jobs(
    *,
    engine: Engine,
    catalog: Catalog,
    database: Database,
    jobs: Jobs,
    ledger: Ledger,
    held: HeldPictures,
    tally: Tally,
    messenger: Messenger,
    rooms: Rooms,
    board: Board,
    clock: Clock,
    styles: Styles,
    rules: Rules,
    cannot_load: Callable[[], bool],
) -> JobServices:
    """Join what a request goes through, without Discord; nothing runs yet."""
    decisions, refusals = Decisions(database), RefusalCounter(tally, clock)
    gate = ServerGate(decisions, clock, rules.door)
    screening = Screening(held, decisions, rooms, board, clock)
    end = JobEnd(jobs=jobs, ledger=ledger, messenger=messenger, refusals=refusals, clock=clock)
    wait = EngineWait(engine=engine, messenger=messenger, clock=clock, patience=rules.patience, cannot_load=cannot_load)
    runner = JobRunner(
        engine=engine, wait=wait, end=end, jobs=jobs, messenger=messenger, gate=gate, screening=screening,
        clock=clock, styles=styles, secret=database.secret,
    )  # fmt: skip
    understandings = UnderstandingBudget(clock, rules.understandings_per_minute)
    orders = Orders(
        runner=runner, end=end, engine=engine, catalog=catalog, jobs=jobs, ledger=ledger, gate=gate,
        screening=screening, refusals=refusals, understandings=understandings, clock=clock, host=rules.host,
        cannot_load=cannot_load,
    )  # fmt: skip
    picks = Picks(jobs=jobs, messenger=messenger, gate=gate, clock=clock)
    return JobServices(orders, end, screening, understandings, picks)


def assemble(client: discord.Client, adapters: Adapters) -> Assembled:
    """Join everything for one client; nothing runs yet."""
    engine, database, clock, meters = adapters.engine, adapters.database, adapters.clock, adapters.meters
    rules, pixels = adapters.rules, adapters.pixels
    messenger, attachments = WatchedMessenger(client, pixels, meters, adapters.calls), Attachments(pixels, adapters.cdn)
    jobs, ledger = Jobs(database), WatchedLedger(database, meters)
    held, figures, decisions = WatchedHeld(database, meters), WatchedStatistics(database, meters), Decisions(database)
    board, audit_mirror = DiscordBoard(client, pixels), AuditMirror(decisions, DiscordMirror(client))
    changes = AuditedChanges(audit_mirror, clock)
    catalog = Catalog(engine)
    way = assemble_jobs(
        engine=engine, catalog=catalog, database=database, jobs=jobs, ledger=ledger, held=held, tally=figures,
        messenger=messenger, rooms=DiscordRooms(client), board=board, clock=clock, styles=adapters.styles, rules=rules,
        cannot_load=adapters.cannot_load,
    )  # fmt: skip
    orders, end = way.orders, way.end
    review = Review(
        held=held, ledger=ledger, orders=orders, end=end, screening=way.screening, messenger=messenger, board=board,
        changes=changes, clock=clock,
    )  # fmt: skip
    moderation = Moderation(
        decisions=decisions, audit=Audit(database), changes=changes, orders=orders, jobs=jobs, clock=clock,
        door=rules.door,
    )  # fmt: skip
    records, favourites, own_pictures = Records(database), Favourites(database), OwnPictures(database)
    tidying = Tidying(records, OldStartPictures(database), pixels, clock)
    services = Services(
        orders=orders,
        picks=way.picks,
        jobs=jobs,
        favourites=favourites,
        limits=Limits(
            ledger=ledger, limit_rules=LimitRules(database), host=rules.host, clock=clock, audit_mirror=audit_mirror
        ),
        members=Members(database),
        moderation=moderation,
        personal=Personal(
            records=records, starts=jobs, courier=DiscordCourier(client, messenger, attachments),
            archives=ZipArchive, orders=orders, messenger=messenger, tidying=tidying, clock=clock,
        ),
        review=review,
        messenger=messenger,
        attachments=attachments,
        gallery=Gallery(
            jobs=jobs, favourites=favourites, own=own_pictures, thumbnails=DiscordThumbnails(messenger), clock=clock
        ),
        own_pictures=own_pictures,
        stats=Stats(figures, clock),
        charts=adapters.charts,
        catalog=catalog,
        replies=ReplyReader(
            engine=engine, jobs=jobs, catalog=catalog, decisions=decisions, understandings=way.understandings,
            clock=clock, secret=database.secret,
        ),
        styles=adapters.styles,
        clock=clock,
        started_at=clock.now(),
    )  # fmt: skip
    recovery = Recovery(
        orders=orders, end=end, jobs=jobs, ledger=ledger, messenger=messenger, review=review,
        blocks=moderation.blocks, clock=clock,
    )  # fmt: skip
    return Assembled(
        services,
        recovery,
        Retention(OldRecords(database), rules.retention_days, clock),
        tidying,
    )
