"""`python -m engine.model_store [--plain] list | look NAME | fetch NAME | remove NAME`: the hub's models, by lines.

Invariant: every line on stdout is an object of engine/api/model_store.py in JSON, or with --plain a sentence for
people, as `limner models` prints where the bot is not installed; where the last is Failed, the status is 1.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec

from engine.api.env_settings import SettingsInvalid, read_environment
from engine.api.model_store import Cut, Done, Event, Failed, Plan, Progress, Removed, Stored
from engine.models.hub import fetch
from engine.models.hub_cache import gigabytes, remove, stored
from engine.models.hub_errors import SENTENCES, HubError
from engine.models.hub_plan import Fetch, plan
from engine.models.recipes import fetch_all, fetches
from engine.models.safety import read_check
from engine.models.source import Source

BETWEEN_S, PLAIN_BETWEEN_S = 0.25, 5.0
"""Between two lines that say how far it is, for a program and for people."""

Say = Callable[[Event], None]


def main(arguments: Sequence[str]) -> int:
    """Do one thing; return the exit status, 2 for wrong usage."""
    plain = arguments[:1] == ["--plain"]
    say, between = (_say_plainly, PLAIN_BETWEEN_S) if plain else (_say, BETWEEN_S)
    match arguments[1:] if plain else arguments:
        case ["list"]:
            say(stored())
        case ["look" | "fetch" | "remove" as verb, name]:
            try:
                _do(verb, name, say, between)
            except HubError as error:
                say(Failed(error.key, error.facts))
                return 1
            except KeyboardInterrupt:
                return 130
            except BrokenPipeError:  # nobody reads any more: the reader has ended
                os._exit(1)
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


def _do(verb: str, name: str, say: Say, between_s: float) -> None:
    """Raises HubError."""
    if verb == "remove":
        say(Removed(name, remove(name)))
    elif verb == "look":
        say(_shown(name, fetches(name)))
    else:

        def get(each: Fetch) -> Path:
            say(_shown(each.name, [each]))
            folder = fetch(each, _Reporter(say, between_s))
            say(Done(each.name, each.total))
            return folder

        wanted = fetches(name)
        fetch_all(name, wanted, get)
        for check in _check_of(name, wanted[0]):
            get(check)


def _check_of(name: str, wanted: Fetch) -> Iterator[Fetch]:
    """Yield for a painter the picture check that the settings have for it, which it starts with."""
    if wanted.kind == "painter":
        try:
            value = read_environment(secrets=()).get("LIMNER_SAFETY", "")
            check = read_check(value, Source(name, "", local=False))
        except (SettingsInvalid, ValueError):
            return  # the doctor says what is wrong with it
        if isinstance(check, Source) and not check.local:
            yield plan(check.place)


def _shown(name: str, wanted: Sequence[Fetch]) -> Plan:
    """Return the plan of what comes from one repository, or of a model of several."""
    first, total = wanted[0], sum(each.total for each in wanted)
    have, files = sum(each.have for each in wanted), sum(len(each.files) for each in wanted)
    return Plan(name, first.kind, total, have, first.free, files)


class _Reporter:
    """Says how far it is, so often."""

    def __init__(self, say: Say, between_s: float) -> None:
        self._say, self._between_s = say, between_s
        self._last = 0.0

    def __call__(self, event: Progress | Cut) -> None:
        now = time.monotonic()
        lasting = isinstance(event, Cut) or event.checking or event.done >= event.total
        if lasting or now - self._last > self._between_s:
            self._last = 0.0 if lasting else now  # what comes after it is told at once
            self._say(event)


def _say(event: Event) -> None:
    print(msgspec.json.encode(event).decode(), flush=True)


def _say_plainly(event: Event) -> None:
    print(_sentence(event), flush=True)


def _sentence(event: Event) -> str:
    match event:
        case Stored():
            lines = [f"Models in {event.folder}, which has {gigabytes(event.free)} free:"]
            lines += [
                f"  {model.name}  {gigabytes(model.bytes)}{'' if model.whole else '  begun'}" for model in event.models
            ]
            return "\n".join([*lines, "  starter  comes along"])
        case Plan():
            left = gigabytes(event.total - event.have)
            return f"{event.name}: {gigabytes(event.total)}, {left} still to fetch, {gigabytes(event.free)} free."
        case Progress():
            percent = 100 * event.done // event.total if event.total else 100
            what = f"comparing the checksum of {event.file}" if event.checking else event.file
            return f"  {percent} %, {gigabytes(event.done)} of {gigabytes(event.total)}  {what}".rstrip()
        case Cut():
            return f"The connection broke ({event.why}); it goes on where it was in {event.again_s:.0f} s."
        case Done():
            return f"{event.name} is here, {gigabytes(event.bytes)}."
        case Removed():
            return f"{event.name} is gone; {gigabytes(event.bytes)} are free again."
        case Failed():
            return SENTENCES[event.key].format(**event.facts)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
