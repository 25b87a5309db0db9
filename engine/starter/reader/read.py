"""Makes up for what so small a model misses: gives the starter the words that it knows, and mends its answer.

Invariant: what comes out is a PromptSpec whose prompt holds everything that the tables can read of the words.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable

import msgspec

from engine.starter.reader.heard import heard, heard_base, hears, known_things
from engine.starter.reader.kinds import kind_of
from engine.starter.reader.promises import affirmed, as_stated, keep, lost
from engine.starter.reader.refine import append_edit, keep_base
from engine.starter.reader.rewrites import rewritten
from engine.starter.reader.spec import PromptSpec, read_spec
from engine.starter.reader.stated import read_stated
from engine.starter.reader.understood import edit_line, first_line
from engine.starter.reader.words.vocabulary import Vocabulary

Ask = Callable[[str, "PromptSpec | None"], str]
"""Lets the starter answer words, for an edit with the spec that they change."""


class Reader:
    """Reads for a model that knows these words alone."""

    def __init__(self, words: Iterable[str]) -> None:
        self._vocabulary = Vocabulary(words)

    def answer(self, words: str, base: PromptSpec | None, ask: Ask) -> str:
        """Return the JSON object that answers a request, or a change of `base`.

        Beside the four fields it has `kind`, for an undo `version`, and `unknown`: words that the model does not know.
        """
        vocabulary = self._vocabulary
        stated = read_stated(rewritten(words), vocabulary, edit=base is not None)
        kind = kind_of(words, stated) if base else {"kind": "new"}
        if kind["kind"] in ("chat", "undo"):
            return json.dumps({**kind, "understood": "", "keywords": [], "prompt": "", "negative": ""})
        known_base = heard_base(base, vocabulary) if base else None
        spec = None
        if hears(stated, vocabulary) and (known_base is None or known_base.keywords):
            spec = read_spec(ask(heard(stated, vocabulary), known_base))
            bare = known_things(stated, vocabulary)
            if spec and base is None and bare and len(lost(stated, spec.prompt)) == len(stated.said):
                # It took all of it for something else, and still knows the things by themselves.
                spec = read_spec(ask(bare, None)) or spec
        if base:
            made = keep_base(stated, base, spec, vocabulary) if spec else append_edit(stated, base, vocabulary)
            made = msgspec.structs.replace(made, understood=edit_line(stated, base, spec, made))
        else:
            made = keep(stated, spec, small=True) if spec else as_stated(stated, translated=True)
            made = msgspec.structs.replace(made, understood=first_line(stated, spec, made))
        unknown = vocabulary.unknown(affirmed(stated))  # what is not to be seen need not be known
        return json.dumps({**kind, **msgspec.structs.asdict(made), "unknown": unknown}, ensure_ascii=False)
