"""`make bench`: runs every measurement and prints one table, or with --json one object."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence

from bench.batching import batching
from bench.decoding import decoding
from bench.edit import edit
from bench.flood import flood
from bench.footprint import footprint
from bench.gpu import gpu
from bench.health import health
from bench.ledger import ledger
from bench.load import load
from bench.phases import phases
from bench.planner import planner
from bench.request import request
from bench.result import Measurement
from bench.shards import shards
from bench.start import start
from bench.strangers import strangers
from bench.traffic import traffic
from bench.understanding import understanding
from engine.api.log import configure_log

MEASUREMENTS: dict[str, Callable[[int], Sequence[Measurement]]] = {
    "footprint": footprint,
    "start": start,
    "request": request,
    "batching": batching,
    "planner": planner,
    "decoding": decoding,
    "phases": phases,
    "health": health,
    "edit": edit,
    "ledger": ledger,
    "load": load,
    "flood": flood,
    "shards": shards,
    "traffic": traffic,
    "understanding": lambda _: understanding(),
    "strangers": lambda _: strangers(),
}
SLOW = ("ledger", "load", "flood", "shards", "traffic", "understanding", "strangers")
"""What --quick leaves out: minutes, for figures that change with other code than the engine's."""
QUICK_REPEATS = 3


def main() -> None:
    options = _options().parse_args()
    configure_log("text", "engine", quiet=True)
    repeats = QUICK_REPEATS if options.quick else options.repeats
    results: list[Measurement] = []
    if options.only == "gpu":
        results += gpu(repeats, options.device, options.size)
    else:
        chosen = [options.only] if options.only else [name for name in MEASUREMENTS if not _left_out(name, options)]
        for name in chosen:
            print(f"measuring {name} …", file=sys.stderr, flush=True)
            results += MEASUREMENTS[name](repeats)
    if options.json:
        print(json.dumps([result.facts() for result in results], indent=2))
    else:
        print("\n".join(str(result) for result in results))


def _left_out(name: str, options: argparse.Namespace) -> bool:
    return bool(options.quick) and name in SLOW


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--repeats", type=_repeats, default=5, help="of each, alternating with its baseline; from 3 up")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_REPEATS} repeats, and without {', '.join(SLOW)}")
    parser.add_argument("--only", choices=[*sorted(MEASUREMENTS), "gpu"], help="one part; gpu runs by this alone")
    parser.add_argument("--device", choices=["cuda", "cpu"], default="cuda", help="for gpu: where to compute")
    parser.add_argument("--size", choices=["full", "tiny"], default="full", help="for gpu: tiny needs no GPU")
    return parser


def _repeats(text: str) -> int:
    if not text.isdigit() or int(text) < QUICK_REPEATS:
        raise argparse.ArgumentTypeError(f"{text} is no whole number from {QUICK_REPEATS} up")
    return int(text)


if __name__ == "__main__":
    main()
