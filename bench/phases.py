"""Where the seconds of a request go: those of a picture and of an understanding, by phase."""

from __future__ import annotations

import json
from collections import defaultdict

from bench.batching import SIDE, STEPS
from bench.decoding import WORDS, asked, load_planner, studio_with
from bench.result import Result
from bench.studio import prepare
from engine.chatting.schema_compiler import compile_schema
from engine.jobs.job import Event, Job, Lane
from engine.jobs.phases import Phase, PhaseSeconds
from engine.jobs.requests import Painting
from engine.starter.reader.spec import json_schema


def phases(repeats: int) -> list[Result]:
    """Measure with the starter pair, one request at a time, each for new words."""
    prepare()
    grammar = compile_schema(json.dumps(json_schema()))
    seconds: dict[tuple[Lane, Phase], list[float]] = defaultdict(list)

    def note(job: Job, event: Event) -> None:
        if isinstance(event, PhaseSeconds):
            for phase, taken in event.seconds.items():
                seconds[job.lane, phase].append(taken)

    with studio_with(load_planner()) as studio:
        studio.on_event(note)
        for turn in range(repeats + 1):
            if turn == 1:
                seconds.clear()  # the first of each kind is slower
            words = f"{WORDS[turn % len(WORDS)]}, {turn}"
            studio.run([asked(words, grammar)])
            studio.run([Painting(words, SIDE, SIDE, STEPS, (turn,), guidance=2.5)])
    kinds = {Lane.CHAT: "an understanding", Lane.IMAGES: "a picture"}
    return [Result(f"phases of {kinds[lane]}: {phase.value}", "s", taken) for (lane, phase), taken in seconds.items()]
