"""Prometheus's text, read by its own parser and asked for single figures."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families


class Figures:
    """One scrape; `prefix` is what the names that are asked for begin with."""

    def __init__(self, text: str | bytes, prefix: str = "") -> None:
        self.text = text if isinstance(text, str) else text.decode()
        self.samples = [one for family in text_string_to_metric_families(self.text) for one in family.samples]
        self._prefix = prefix

    def value(self, name: str, **labels: str) -> float:
        """Return the sum of a figure over the labels that are not named."""
        named = [one for one in self.samples if one.name == self._prefix + name]
        found = [one.value for one in named if labels.items() <= one.labels.items()]
        assert found, f"{name} {labels} is not there"
        return sum(found)
