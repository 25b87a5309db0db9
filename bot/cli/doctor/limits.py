"""Says what each person may have, the host's default and the ceiling over it, and in how many servers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bot.cli.doctor.finding import Finding, ok, warning
from bot.cli.doctor.inputs import Inputs
from bot.domain.quota import written


def check_limits(inputs: Inputs) -> Iterator[Finding]:
    settings, host = inputs.settings, inputs.settings.host
    if settings.servers:
        yield ok("doctor-limits-servers", servers=len(settings.servers))
    default, ceiling = written(host.limits), written(host.ceiling)
    if not host.limits and not host.ceiling:
        yield ok("doctor-limits-none", allowed=host.at_once)
        return
    most = {limit.per: limit.images for limit in host.ceiling}
    held = [replace(limit, images=min(limit.images, most.get(limit.per, limit.images))) for limit in host.limits]
    if held != list(host.limits):
        yield warning(
            "doctor-limits-crossed", default=default, ceiling=ceiling, held=written(held), allowed=host.at_once
        )
        return
    key = "doctor-limits-usual" if settings.ceiling is None else "doctor-limits"
    yield ok(key, default=default, ceiling=ceiling, per=host.ceiling_per, allowed=host.at_once)
