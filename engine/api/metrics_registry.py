"""One process's Prometheus metrics: a registry whose names share a prefix.

Invariant: nothing is registered with the library's global registry.
"""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
"""The Content-Type of what `render` returns."""


class MetricsRegistry:
    """Makes metrics and holds them, with those of the process: memory, open files, CPU time."""

    def __init__(self, prefix: str) -> None:
        self._prefix, self._registry = prefix, CollectorRegistry()
        ProcessCollector(registry=self._registry)

    def counter(self, name: str, what: str, *labels: str) -> Counter:
        return Counter(self._prefix + name, what, labels, registry=self._registry)

    def gauge(self, name: str, what: str, *labels: str) -> Gauge:
        return Gauge(self._prefix + name, what, labels, registry=self._registry)

    def histogram(self, name: str, what: str, *labels: str, buckets: Iterable[float]) -> Histogram:
        return Histogram(self._prefix + name, what, labels, registry=self._registry, buckets=tuple(buckets))

    def render(self) -> bytes:
        """Return all metrics in Prometheus's text format."""
        return generate_latest(self._registry)
