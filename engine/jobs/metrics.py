"""The engine's metrics for Prometheus.

Invariant: every label has few values, all known beforehand, and none is about a person; only the event loop writes.
"""

from __future__ import annotations

from collections.abc import Iterable

from engine.api.errors import WIRE_ERRORS, EngineError
from engine.api.metrics_registry import MetricsRegistry
from engine.jobs.job import Job, Lane
from engine.jobs.phases import Phase, PhaseSeconds
from engine.jobs.queue import JobQueue
from engine.jobs.requests import Answer
from engine.jobs.timing import Step

OTHER = "other"
"""The label for every size that is not the loaded model's own."""
SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600)
STEP_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
ROWS = (1, 2, 4, 8, 16, 32, 64)
DONE = "done"
ENDS = (DONE, *WIRE_ERRORS)


class Metrics:
    """The engine's counters, gauges and histograms. `render` returns Prometheus's text of them."""

    def __init__(self) -> None:
        self._registry = registry = MetricsRegistry("limner_engine_")
        counter, gauge, histogram = registry.counter, registry.gauge, registry.histogram
        self.requests = counter("requests", "HTTP requests; status 499: the client left.", "route", "status")
        self.request_seconds = histogram(
            "request_seconds", "From a request to the end of its answer.", "route", buckets=SECONDS
        )
        self.refusals = counter("refusals", "Requests answered with an error, by its code.", "code")
        self.jobs = counter("jobs", "Jobs that ended, by how: done, or an error's code.", "lane", "end")
        self.wait_seconds = histogram("wait_seconds", "From a job's acceptance to its begin.", "lane", buckets=SECONDS)
        self.job_seconds = histogram("job_seconds", "From a job's begin to its good end.", "lane", buckets=SECONDS)
        self.step_seconds = histogram("step_seconds", "One denoising step.", "size", buckets=STEP_SECONDS)
        self.phase_seconds = histogram(
            "phase_seconds",
            "Of jobs, by phase: waiting, words; text_encoder, denoiser, autoencoder, or upscaler; check, file; "
            "reading, writing.",
            "phase",
            buckets=STEP_SECONDS,
        )
        self.batch_rows = histogram("batch_rows", "Rows that shared a denoising step.", buckets=ROWS)
        self.batch_cap = gauge("batch_cap", "Rows that a step of this size may have; 0: it is never shared.", "size")
        self.pictures = counter("pictures", "Pictures that were painted.")
        self.tokens = counter("tokens", "The language model's tokens, read (prompt) and written (completion).", "kind")
        self.queued = gauge("queue_jobs", "Jobs that wait.", "lane")
        self.queue_age = gauge("queue_age_seconds", "How long the one that waits longest has waited.", "lane")
        self.running = gauge("running_jobs", "Jobs that have begun.", "lane")
        self.silent = gauge(
            "model_thread_silent_seconds", "Since the model thread's last sign of progress; 0 while it waits for work."
        )
        self.memory = gauge("device_bytes", "The device's memory; peak: the last job's.", "kind")
        self.ready = gauge("ready", "1 while both models work.")
        self.info = gauge("info", "The loaded models and the device that they are on.", "painter", "planner", "chip")
        self._sizes: frozenset[str] = frozenset()
        for lane in Lane:
            for end in ENDS:  # from the start, since a rate misses the step from nothing to one
                self.jobs.labels(lane.value, end)
        for phase in Phase:
            self.phase_seconds.labels(phase.value)
        for code in WIRE_ERRORS:
            self.refusals.labels(code)
        for kind in ("prompt", "completion"):
            self.tokens.labels(kind)

    def loaded(self, painter: str, planner: str, chip: str, sizes: Iterable[str]) -> None:
        """The models work; `sizes` are those that are counted apart."""
        self._sizes = frozenset(sizes)
        self.info.labels(painter, planner, chip).set(1)
        self.ready.set(1)

    def answered(self, route: str, status: int, seconds: float) -> None:
        """A request was answered to the end."""
        self.requests.labels(route, str(status)).inc()
        self.request_seconds.labels(route).observe(seconds)

    def refused(self, error: EngineError) -> None:
        """A request was answered with an error."""
        self.refusals.labels(error.code).inc()

    def began(self, job: Job, seconds: float) -> None:
        """A job began, so many seconds after it was accepted."""
        self.wait_seconds.labels(job.lane.value).observe(seconds)
        self.phase_seconds.labels(Phase.WAITING.value).observe(seconds)

    def stepped(self, step: Step) -> None:
        """A step was computed; those of enlarging are counted by their phase alone."""
        if step.upscales:
            return
        size = step.size if step.size in self._sizes else OTHER
        self.step_seconds.labels(size).observe(step.seconds)
        self.batch_rows.observe(step.rows)
        if step.cap is not None:
            self.batch_cap.labels(size).set(step.cap)

    def phases(self, taken: PhaseSeconds) -> None:
        """A job is about to end well, and took so long by phase."""
        for phase, seconds in taken.seconds.items():
            self.phase_seconds.labels(phase.value).observe(seconds)

    def ended(self, job: Job, error: EngineError | None, seconds: float | None) -> None:
        """A job ended, so many seconds after its begin; None: it never began."""
        self.jobs.labels(job.lane.value, error.code if error else DONE).inc()
        if error is not None:
            return
        if seconds is not None:
            self.job_seconds.labels(job.lane.value).observe(seconds)
        self.pictures.inc(len(job.pictures))
        for answer in job.events:
            if isinstance(answer, Answer):
                self.tokens.labels("prompt").inc(answer.prompt_tokens)
                self.tokens.labels("completion").inc(answer.completion_tokens)

    def measured(self, memory: dict[str, int]) -> None:
        """The device's memory was measured: bytes by kind."""
        for kind, size in memory.items():
            self.memory.labels(kind).set(size)

    def render(self, queue: JobQueue[Job], running: Iterable[Job], now: float, silent_s: float) -> bytes:
        """Return Prometheus's text, with the queue and the model thread's heartbeat as they are now."""
        self.silent.set(silent_s)
        begun = [job.lane for job in running]
        for lane in Lane:
            waiting = queue.order(lane)
            self.queued.labels(lane.value).set(len(waiting))
            self.queue_age.labels(lane.value).set(max((now - job.accepted for job in waiting), default=0.0))
            self.running.labels(lane.value).set(begun.count(lane))
        return self._registry.render()
