"""`python -m engine.model_store list | look NAME | fetch NAME | remove NAME`: the hub's models, in lines of JSON.

Invariant: every line on stdout is an object of engine/api/model_store.py; where the last is Failed, the status is 1.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Sequence

import msgspec

from engine.api.env_settings import SettingsInvalid, read_environment
from engine.api.model_store import Cut, Done, Event, Failed, Plan, Progress, Removed
from engine.models.hub import Fetch, fetch, plan
from engine.models.hub_cache import remove, stored
from engine.models.hub_errors import HubError
from engine.models.safety import read_check
from engine.models.source import Source

BETWEEN_S = 0.25
"""Between two lines that say how far it is."""


def main(arguments: Sequence[str]) -> int:
    """Do one thing; return the exit status, 2 for wrong usage."""
    match arguments:
        case ["list"]:
            _say(stored())
        case ["look" | "fetch" | "remove" as verb, name]:
            try:
                _do(verb, name)
            except HubError as error:
                _say(Failed(error.key, error.facts))
                return 1
            except KeyboardInterrupt:
                return 130
            except BrokenPipeError:  # nobody reads any more: the reader has ended
                os._exit(1)
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


def _do(verb: str, name: str) -> None:
    """Raises HubError."""
    if verb == "remove":
        _say(Removed(name, remove(name)))
    elif verb == "look":
        _say(_shown(plan(name)))
    else:
        for wanted in _with_check(plan(name)):
            _say(_shown(wanted))
            fetch(wanted, _Reporter())
            _say(Done(wanted.name, wanted.total))


def _with_check(wanted: Fetch) -> Iterator[Fetch]:
    """Yield a model, and for a painter the picture check that the settings have for it, which it starts with."""
    yield wanted
    if wanted.kind == "painter":
        try:
            value = read_environment(secrets=()).get("LIMNER_SAFETY", "")
            check = read_check(value, Source(wanted.name, "", local=False))
        except (SettingsInvalid, ValueError):
            return  # the doctor says what is wrong with it
        if isinstance(check, Source) and not check.local:
            yield plan(check.place)


def _shown(wanted: Fetch) -> Plan:
    return Plan(wanted.name, wanted.kind, wanted.total, wanted.have, wanted.free, len(wanted.files))


class _Reporter:
    """Writes how far it is, a few times a second."""

    def __init__(self) -> None:
        self._last = 0.0

    def __call__(self, event: Progress | Cut) -> None:
        now = time.monotonic()
        lasting = isinstance(event, Cut) or event.checking or event.done >= event.total
        if lasting or now - self._last > BETWEEN_S:
            self._last = 0.0 if lasting else now  # what comes after it is told at once
            _say(event)


def _say(event: Event) -> None:
    print(msgspec.json.encode(event).decode(), flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
