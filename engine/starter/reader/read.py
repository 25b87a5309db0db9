"""Makes up for what so small a model misses: gives the starter the words that it knows, and mends its answer.

Invariant: what comes out is a PromptSpec whose prompt holds everything that the tables can read of the words. A change
is read by the tables alone: its picture's state is in slots, so that nothing is lost or comes back on the way.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from engine.starter.reader.edits import changed, named, of_newest
from engine.starter.reader.heard import heard, hears, is_half_known, known_things
from engine.starter.reader.kinds import kind_of, without_praise
from engine.starter.reader.line import line_of
from engine.starter.reader.near import Near
from engine.starter.reader.picture import Picture
from engine.starter.reader.promises import affirmed, as_stated, keep, lost
from engine.starter.reader.reply_classifier import ReplyClassifier
from engine.starter.reader.rewrites import rewritten
from engine.starter.reader.spec import MAX_UNDERSTOOD_CHARS, PromptSpec, one_line, read_spec
from engine.starter.reader.stated import Stated, read_stated
from engine.starter.reader.steps import steps
from engine.starter.reader.subject import unknown_subject
from engine.starter.reader.understood import first_line
from engine.starter.reader.words.fillers import is_sure, language
from engine.starter.reader.words.vocabulary import MAX_SHOWN, Vocabulary

Ask = Callable[[str], str]
"""Lets the starter answer words."""
_EMPTY = {"understood": "", "keywords": [], "prompt": "", "negative": ""}


class Reader:
    """Reads for a model that understands these words alone; what else was learnt lies in the model's folder.

    `knows` are the things and settings that it can draw, by language.
    """

    def __init__(
        self, words: Iterable[str], folder: Path | None = None, knows: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        self._vocabulary = Vocabulary(words)
        self._near = Near(knows or {}, self._vocabulary)
        self._replies = ReplyClassifier.load(folder) if folder else None

    def answer(
        self,
        words: str,
        base: PromptSpec | None,
        ask: Ask,
        *,
        addressed: bool = False,
        attached: bool = False,
        edits: bool = False,
    ) -> str:
        """Return the JSON object that answers a request, or a reply to the picture of `base`.

        A request that is `addressed` to the bot in a chat room may be chat; words with pictures `attached` seldom
        are. A painter that `edits` reads what the tables do not know.

        Beside the four fields it has `kind`, for an undo `version`, for a change its words as `instruction`, and
        `unknown`: words that the model does not know. Where the thing asked for is among these, `unknown_thing` is
        that, as it was written, and `near` are things to draw in its place.
        """
        if addressed and base is None:
            kind = kind_of(rewritten(words), self._vocabulary, attached=attached)["kind"]
            if kind == "chat":
                return json.dumps({"kind": "chat", **_EMPTY})
        if base:
            found = self._reply(rewritten(words, edit=True), base, attached=attached, edits=edits or attached)
        else:
            found = self._first(rewritten(words), ask)
        return json.dumps(found, ensure_ascii=False)

    def _first(self, words: str, ask: Ask) -> dict[str, Any]:
        stated = read_stated(words, self._vocabulary)
        spec = self._asked(stated, ask)
        made = keep(stated, spec, small=True) if spec else as_stated(stated, translated=True)
        made = msgspec.structs.replace(made, understood=first_line(stated, spec, made))
        return {"kind": "new", **msgspec.structs.asdict(made), **self._strange(stated)}

    def _asked(self, stated: Stated, ask: Ask) -> PromptSpec | None:
        """Return what the model makes of the words that it knows; None where it knows none."""
        vocabulary = self._vocabulary
        if not hears(stated, vocabulary):
            return None
        spec = read_spec(ask(heard(stated, vocabulary)))
        bare = known_things(stated, vocabulary)
        if spec and bare and len(lost(stated, spec.prompt)) == len(stated.said):
            # It took all of it for something else, and still knows the things by themselves.
            return read_spec(ask(bare)) or spec
        return spec

    def _reply(self, words: str, base: PromptSpec, *, attached: bool, edits: bool) -> dict[str, Any]:
        before = Picture.of(base)
        words = named(words, before)
        kind = self._kind(words, before, attached=attached)
        if kind["kind"] != "change":
            return {**kind, **_EMPTY}
        wish = kind.pop("words")
        tongue = language(words)
        stated = read_stated(wish, self._vocabulary, edit=True, tongue=tongue)
        known = _without_foreign(stated) if edits else stated  # such a painter reads what the tables do not know
        picture = before
        for step in steps(wish, tongue, self._vocabulary):
            one = read_stated(of_newest(step, before, picture), self._vocabulary, edit=True, tongue=tongue)
            picture = changed(picture, _without_foreign(one) if edits else one)
        if not (known.said or known.gone or known.negated or edits):
            picture = replace(picture, more=(*picture.more, stated.words))
        spoken = language(stated.words if is_sure(stated.words) else base.understood)
        line = line_of(picture, spoken)
        spec = picture.spec(line)
        if edits and (attached or known != stated or spec.prompt in ("", base.prompt)):
            line = one_line(f"{line} · {wish}", MAX_UNDERSTOOD_CHARS)
            spec = msgspec.structs.replace(spec, understood=line)
        if not spec.prompt:  # of such a prompt no slot can be read
            spec = msgspec.structs.replace(spec, prompt=base.prompt)
        return {**kind, **msgspec.structs.asdict(spec), "instruction": wish, **self._strange(stated, edit=True)}

    def _kind(self, words: str, before: Picture, *, attached: bool) -> dict[str, Any]:
        """Return the kind of a reply by the tables and the classifier; of an undo, or a change of attached pictures, by
        the tables alone."""
        kind = kind_of(words, self._vocabulary, before.shows, attached=attached)
        to_tables = kind["kind"] == "change"
        if kind["kind"] == "undo" or self._replies is None or (attached and to_tables):
            return kind
        asks = self._replies.asks(words, to_tables=to_tables)
        if asks == to_tables:
            return kind
        return {"kind": "change", "words": without_praise(words)} if asks else {"kind": "chat"}

    def _strange(self, stated: Stated, *, edit: bool = False) -> dict[str, Any]:
        """Return what of the words the model does not know."""
        thing = unknown_subject(stated, self._vocabulary, self._near, edit=edit)
        unknown = self._unknown(stated)
        if not thing:
            return {"unknown": unknown}
        is_said = any(word in thing.casefold() for word in unknown) or not any(map(str.isalnum, thing))
        unknown = unknown if is_said else [thing.casefold(), *unknown][:MAX_SHOWN]
        return {"unknown": unknown, "unknown_thing": thing, "near": self._near.near(thing, stated.language)}

    def _unknown(self, stated: Stated) -> list[str]:
        words = affirmed(stated)  # what is not to be seen need not be known
        whole = [one.text for one in stated.said if not one.foreign and is_half_known(one, self._vocabulary)]
        for word in whole:
            words = words.replace(word, " ")
        return [*dict.fromkeys(whole), *self._vocabulary.unknown(words)][:MAX_SHOWN]


def _without_foreign(stated: Stated) -> Stated:
    return replace(stated, said=tuple(one for one in stated.said if not one.foreign))
