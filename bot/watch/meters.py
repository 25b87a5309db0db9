"""The bot's Prometheus counters and histograms.

Invariant: every label has few values, all known beforehand, and none is about a person; the registry is this object's
own, and only the event loop writes to it.
"""

from __future__ import annotations

import asyncio
import time

from bot.domain.jobs import JobState
from bot.domain.progress import Reason
from bot.domain.stats import Why
from bot.errors import is_expected
from engine.api.metrics_registry import MetricsRegistry

SHORT_S = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 1.5, 2, 2.5, 3, 5, 10)
LONG_S = (1, 2.5, 5, 10, 20, 30, 60, 120, 300, 600, 1_800)
ENDS = (JobState.DONE, JobState.FAILED, JobState.CANCELLED)
DELIVERIES = ("post", "finish", "ping")


class Meters:
    """The bot's counters; `registry` holds them, and the process's memory, open files and CPU time."""

    def __init__(self) -> None:
        self.registry = registry = MetricsRegistry("limner_bot_")
        counter, histogram = registry.counter, registry.histogram
        self.interactions = counter("interactions", "Commands, buttons, forms and replies.", "command", "outcome")
        self.interaction_seconds = histogram(
            "interaction_seconds", "From one of these to its answer's end.", "command", buckets=SHORT_S
        )
        self.acknowledgement_seconds = histogram(
            "acknowledgement_seconds",
            "From Discord's making of an interaction to its taking of the answer.",
            buckets=SHORT_S,
        )
        self.discord_requests = counter("discord_requests", "Requests to Discord; 429: too many.", "method", "status")
        self.discord_seconds = histogram(
            "discord_request_seconds", "From a request to Discord's answer.", "method", buckets=SHORT_S
        )
        self.accepted = counter("jobs_accepted", "Requests for pictures that were accepted.")
        self.ended = counter("jobs_ended", "Requests that ended, by their end.", "end")
        self.job_seconds = histogram("job_seconds", "From acceptance to the pictures' delivery.", buckets=LONG_S)
        self.refunds = counter("refunds", "Requests whose pictures count against no limit, since none came.")
        self.refusals = counter("refusals", "Requests that were refused, by what for.", "why")
        self.failures = counter("failures", "Requests that came to nothing, by why.", "reason")
        self.undelivered = counter("delivery_failures", "Messages of requests that Discord did not take.", "what")
        self.unwritten = counter("store_failures", "Changes that the database could not take.")
        self.engine_starts = counter("engine_starts", "Starts of the bot's own engine; the first one counts.")
        tasks = registry.gauge("tasks", "asyncio tasks that have not ended.")
        tasks.set_function(lambda: len(asyncio.all_tasks()))
        self._accepted_at: dict[str, float] = {}
        # All from the start, since a rate misses the step from nothing to one.
        for label, known in ((self.ended, ENDS), (self.refusals, Why), (self.failures, Reason)):
            for value in known:
                label.labels(value.value)
        for what in DELIVERIES:
            self.undelivered.labels(what)
        self.discord_requests.labels("POST", "429")

    def taken(self, command: str, began: float | None, error: Exception | None = None) -> None:
        """Something that someone asked for in Discord was answered: as asked, with a refusal, or with a fault.

        `command` is its name, or a kind of button; `began` is of the monotonic clock.
        """
        outcome = "ok" if error is None else "refused" if is_expected(error) else "failed"
        self.interactions.labels(command, outcome).inc()
        if began is not None:
            self.interaction_seconds.labels(command).observe(time.monotonic() - began)

    def job_accepted(self, job_id: str) -> None:
        self.accepted.inc()
        self._accepted_at[job_id] = time.monotonic()

    def job_ended(self, job_id: str, end: JobState, why: Reason | None = None) -> None:
        """A job reached its end; what is not done is refunded. One that fails for no other reason was undeliverable."""
        self.ended.labels(end.value).inc()
        accepted_at = self._accepted_at.pop(job_id, None)  # none of those from before a restart
        if end is JobState.FAILED:
            self.failures.labels((why or Reason.UNDELIVERABLE).value).inc()
        if end is not JobState.DONE:
            self.refunds.inc()
        elif accepted_at is not None:
            self.job_seconds.observe(time.monotonic() - accepted_at)
