"""Builds the engine's parts from its settings, for a process of its own or for a replica of a Ray cluster."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from starlette.applications import Starlette

from engine.api.model_store import Loading
from engine.batching.eta import Eta
from engine.batching.model_thread import ModelThread
from engine.batching.watchdog import Limits, Watchdog
from engine.frontend import Frontend
from engine.http.server import create_app
from engine.jobs.heartbeat import Heartbeat
from engine.jobs.job import Job, Lane
from engine.jobs.queue import JobQueue
from engine.jobs.registry import Jobs
from engine.loading import Models, load
from engine.models.loading_log import LoadingLog
from engine.settings import Settings


@dataclass(frozen=True, slots=True)
class Assembled:
    """The engine's parts; nothing is loaded before `model_thread` is started."""

    queue: JobQueue[Job]
    jobs: Jobs
    frontend: Frontend
    model_thread: ModelThread[Models]
    watchdog: Watchdog
    app: Starlette


def assemble(
    settings: Settings,
    on_failure: Callable[[str], None],
    limits: Limits = Limits(),  # noqa: B008, it is frozen
    on_ready: Callable[[], None] = lambda: None,
) -> Assembled:
    """Return an engine for the running event loop, where `on_failure` gets the sentence why no model can be loaded.

    `on_ready` is called once they are loaded. `limits` are the watchdog's.
    """
    queue: JobQueue[Job] = JobQueue(Lane.CHAT, Lane.IMAGES)
    heartbeat = Heartbeat()
    jobs = Jobs(queue, Eta(), heartbeat)
    frontend = Frontend(jobs, on_failure, settings.aliases, on_ready)
    loading = partial(_load, settings, frontend.loading)
    return Assembled(
        queue,
        jobs,
        frontend,
        ModelThread(loading, queue, frontend, heartbeat),
        Watchdog(heartbeat, limits),
        create_app(frontend, settings.api_key),
    )


def _load(settings: Settings, report: Callable[[Loading], None]) -> Models:
    """Load what is set, aloud; for the model thread. Raises LoadFailed."""
    # Else torch keeps what it compiles in a temporary folder, and a container compiles anew at each start.
    os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", str(settings.home.absolute() / "cache" / "compiled"))
    with LoadingLog(report) as aloud:
        return load(
            settings.painter,
            settings.planner,
            provenance=settings.provenance,
            measured=settings.home / "cache",
            tuning=settings.tuning,
            safety=settings.safety,
            guard=settings.guard,
            report=aloud.report,
            editor=settings.editor,
            loras=settings.loras,
            upscaler=settings.upscaler,
        )
