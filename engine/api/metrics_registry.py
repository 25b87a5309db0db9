"""One process's Prometheus metrics: a registry whose names share a prefix.

Invariant: nothing is registered with the library's global registry.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Metric, ProcessCollector, generate_latest
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

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


@dataclass(frozen=True, slots=True)
class _Families(Collector):
    """Metrics as they were read."""

    families: Iterable[Metric]

    def collect(self) -> Iterator[Metric]:
        return iter(self.families)


def joined_expositions(label: str, texts: Mapping[str, str]) -> bytes:
    """Return several processes' metrics as one text; the label tells each sample's process by its name in `texts`."""
    families: dict[str, Metric] = {}
    for name, text in texts.items():
        for family in text_string_to_metric_families(text):
            joined = families.setdefault(family.name, Metric(family.name, family.documentation, family.type))
            for sample in family.samples:
                joined.add_sample(sample.name, {label: name, **sample.labels}, sample.value)
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Families(families.values()))
    return generate_latest(registry)
