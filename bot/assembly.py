"""Makes the use cases with what they need: the one place that knows which adapter stands behind which port."""

from __future__ import annotations

from dataclasses import dataclass

import discord

from bot.cogs.context import Services
from bot.domain.styles import Styles
from bot.services.audit_mirror import AuditMirror
from bot.services.catalog import Catalog
from bot.services.gate import ServerGate
from bot.services.job_runner import JobRunner
from bot.services.limits import Limits
from bot.services.moderation import Moderation
from bot.services.orders import Orders, Rules
from bot.services.personal import Personal
from bot.services.ports.clock import Clock
from bot.services.ports.engine import Engine
from bot.services.ports.pictures import Pixels
from bot.services.ports.statistics import Charts
from bot.services.recovery import Recovery
from bot.services.retention import Retention
from bot.services.review import Review
from bot.services.screening import Screening
from bot.services.stats import Stats
from bot.storage.archive import ZipArchive
from bot.storage.audit import Audit
from bot.storage.database import Database
from bot.storage.jobs import Jobs
from bot.storage.members import Members
from bot.storage.moderation import Decisions
from bot.storage.personal import Records
from bot.storage.policies import Policies
from bot.storage.retention import Retention as OldRecords
from bot.ui.attachments import Attachments
from bot.ui.cdn import Cdn
from bot.ui.moderation import DiscordMirror
from bot.ui.personal import DiscordCourier
from bot.ui.review import DiscordBoard
from bot.ui.rooms import DiscordRooms
from bot.ui.thumbnails import DiscordThumbnails
from bot.watch.messages import WatchedMessenger
from bot.watch.meters import Meters
from bot.watch.stores import WatchedHeld, WatchedLedger, WatchedStatistics


@dataclass(frozen=True, slots=True)
class Assembled:
    """The services that commands use, and what runs beside them."""

    services: Services
    recovery: Recovery
    retention: Retention


def assemble(
    client: discord.Client,
    engine: Engine,
    database: Database,
    rules: Rules,
    clock: Clock,
    styles: Styles,
    pixels: Pixels,
    cdn: Cdn | None,
    charts: Charts,
    meters: Meters,
) -> Assembled:
    """Join everything for one client; nothing runs yet."""
    messenger = WatchedMessenger(client, pixels, meters)
    jobs, ledger = Jobs(database), WatchedLedger(database, meters)
    decisions, figures = Decisions(database), WatchedStatistics(database, meters)
    gate = ServerGate(decisions, clock)
    audit_mirror, board = AuditMirror(decisions, DiscordMirror(client)), DiscordBoard(client, pixels)
    held = WatchedHeld(database, meters)
    screening = Screening(held, decisions, DiscordRooms(client), board, clock)
    runner = JobRunner(
        engine, jobs, ledger, messenger, clock, rules.patience, styles, gate, figures, screening, database.secret
    )
    orders = Orders(runner, engine, jobs, ledger, clock, rules.host, gate, figures, screening)
    attachments = Attachments(pixels, cdn)
    courier = DiscordCourier(client, messenger, attachments)
    retention = Retention(OldRecords(database), rules.retention_days, clock)
    services = Services(
        orders=orders,
        jobs=jobs,
        limits=Limits(ledger, Policies(database), rules.host, clock, audit_mirror),
        members=Members(database),
        moderation=Moderation(decisions, Audit(database), orders, jobs, clock, audit_mirror),
        personal=Personal(Records(database), jobs, courier, ZipArchive, orders, messenger, clock),
        review=Review(held, ledger, orders, runner, screening, messenger, board, audit_mirror, clock),
        messenger=messenger,
        attachments=attachments,
        thumbnails=DiscordThumbnails(messenger),
        stats=Stats(figures, clock),
        charts=charts,
        catalog=Catalog(engine),
        styles=styles,
        clock=clock,
        started_at=clock.now(),
    )
    recovery = Recovery(orders, runner, jobs, ledger, messenger, services.review, clock)
    return Assembled(services, recovery, retention)
