"""`make bench`: runs every measurement and prints one table, or with --json one object."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable

from bench.edit import edit
from bench.footprint import footprint
from bench.ledger import ledger
from bench.request import request
from bench.result import Result
from bench.understanding import understanding

MEASUREMENTS: dict[str, Callable[[int], list[Result]]] = {
    "footprint": footprint,
    "request": request,
    "edit": edit,
    "ledger": ledger,
    "understanding": lambda _: understanding(),
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--repeats", type=int, default=5, help="of each measurement, alternating with its baseline")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--only", choices=sorted(MEASUREMENTS), help="one part of the measurements")
    options = parser.parse_args()
    chosen = [options.only] if options.only else MEASUREMENTS
    results = [result for name in chosen for result in MEASUREMENTS[name](options.repeats)]
    if options.json:
        print(json.dumps([result.facts() for result in results], indent=2))
    else:
        print("\n".join(str(result) for result in results))


if __name__ == "__main__":
    main()
