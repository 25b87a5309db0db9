"""How long a picture takes from a start image, beside the same picture from words alone."""

from __future__ import annotations

import time

from bench.batching import PROMPT
from bench.paint import Hand
from bench.result import Result
from engine.api.messages import StartImage

STRENGTH = 0.6


def edit(repeats: int) -> list[Result]:
    """Measure with the starter painter on one thread, reading the start image included."""
    hand = Hand()
    start = StartImage(hand.paint(PROMPT, 0), STRENGTH)
    seconds: dict[str, list[float]] = {"picture": [], "words": []}
    for turn in range(repeats):
        for way, given in (("picture", start), ("words", None)):
            began = time.perf_counter()
            hand.paint(PROMPT, turn, given)
            seconds[way].append(time.perf_counter() - began)
    name = f"engine: a picture from a picture, strength {STRENGTH}"
    return [Result(name, "s", seconds["picture"], seconds["words"], "from words alone")]
