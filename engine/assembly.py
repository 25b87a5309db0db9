"""Puts the engine together from its settings, for whatever serves it: a process of its own or a replica of many."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from starlette.applications import Starlette

from engine.core import Core
from engine.job import Job, Lane
from engine.jobs import Jobs
from engine.loading import load
from engine.office import Office
from engine.queue import JobQueue
from engine.server import create_app
from engine.settings import Settings


@dataclass(frozen=True, slots=True)
class Assembled:
    """The engine's parts; nothing is loaded before `core` is started."""

    queue: JobQueue[Job]
    jobs: Jobs
    office: Office
    core: Core
    app: Starlette


def assemble(settings: Settings, on_failure: Callable[[str], None]) -> Assembled:
    """Return an engine for the running event loop. `on_failure` is told, there, why the models cannot be loaded."""
    queue: JobQueue[Job] = JobQueue(Lane.CHAT, Lane.IMAGES)
    jobs = Jobs(queue)
    office = Office(jobs, on_failure)
    loading = partial(
        load,
        settings.painter,
        settings.planner,
        provenance=settings.provenance,
        measured=settings.home / "cache" / "knees.json",
        tuning=settings.tuning,
        safety=settings.safety,
        guard=settings.guard,
    )
    return Assembled(queue, jobs, office, Core(loading, queue, office), create_app(office, settings.api_key))
