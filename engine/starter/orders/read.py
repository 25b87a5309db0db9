"""Reads what is asked of a gallery's things and writes the answer that its model would: by tables, not by guessing.

Invariant: a change starts from the order that its picture's prompt says, so that nothing is lost or comes back.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from engine.starter.lexicon.families import own_colors
from engine.starter.lexicon.order import NONE, Order
from engine.starter.lexicon.order_captions import detailed, keywords
from engine.starter.lexicon.things import Thing
from engine.starter.lexicon.tongue import CODES, tongue
from engine.starter.orders.alike import alike
from engine.starter.orders.changes import changed
from engine.starter.orders.deeds import deeds
from engine.starter.orders.kinds import is_chat, reply_kind
from engine.starter.orders.kinship import family_of
from engine.starter.orders.meanings import settle
from engine.starter.orders.placing import ordered
from engine.starter.orders.reading import Reading, read
from engine.starter.orders.segments import Unit, language_of, units
from engine.starter.orders.strangers import Stranger, strangers
from engine.starter.orders.understood import label, line_of, named
from engine.starter.orders.word_kinds import SETTINGS, Kind
from engine.starter.orders.words import Words
from engine.starter.reader.reply_classifier import ReplyClassifier
from engine.starter.reader.spec import MAX_UNDERSTOOD_CHARS, PromptSpec, one_line, read_spec
from engine.starter.reader.words.stems import is_plural, plural
from engine.starter.reader.words.vocabulary import MAX_SHOWN

Ask = Callable[[str], str]
_EMPTY = {"understood": "", "keywords": [], "prompt": "", "negative": ""}


class OrderReader:
    """Reads for a model that draws these things."""

    def __init__(self, things: Sequence[Thing], folder: Path | None = None) -> None:
        self._things: Mapping[str, Thing] = {thing.word: thing for thing in things}
        codes = [code for code in CODES if any(code in thing.names for thing in things)]
        self._words = {code: Words(code, things) for code in dict.fromkeys(("en", *codes))}
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
        """Return the JSON object that answers a request, or a reply to the picture of `base`; as the other reader."""
        code = language_of(words, self._words, self._usual(base))
        found = (
            self._reply(words, code, base, edits=edits or attached)
            if base
            else self._first(words, code, ask, addressed=addressed and not attached)
        )
        return json.dumps(found, ensure_ascii=False)

    def _usual(self, base: PromptSpec | None) -> str:
        """Return the language of the picture's line, for replies of few words."""
        return language_of(base.understood, self._words, "en") if base else "en"

    def _units(self, words: str, code: str, shown: Sequence[str] = (), *, edit: bool = False) -> list[Unit]:
        known = self._words[code]
        return settle(units(words, known)[0], known, words, shown=shown, edit=edit)

    def _first(self, words: str, code: str, ask: Ask, *, addressed: bool) -> dict[str, Any]:
        found = self._units(words, code)
        if addressed and is_chat(words, found, code):
            return {"kind": "chat", **_EMPTY}
        reading = read(found, code)
        order, lost = self._drawn(ordered(reading), code)
        asked = strangers(found, reading, code, words)
        # Where anything unknown is asked for, the model would have others drawn in its place.
        is_clear = not any(unit.kind == Kind.UNKNOWN for unit in found)
        if order == Order() and is_clear and (spec := read_spec(ask(words))):
            order, _ = self._drawn(self._state(spec), code)
        reading.unknown += [*lost, *self._undrawn(found, code, words)]
        return {"kind": "new", **self._spec(order, code), **self._strange(reading, asked, order, code)}

    def _reply(self, words: str, code: str, base: PromptSpec, *, edits: bool) -> dict[str, Any]:
        before = self._state(base)
        shown = [group.thing for group in before.groups]
        found = self._units(words, code, shown, edit=True)
        reading = read(found, code)
        after = changed(before, found, code)
        kind = reply_kind(words, found, code, before, after)
        if kind["kind"] == "chat" and (edits or (self._replies and self._replies.asks(words, to_tables=False))):
            kind = {"kind": "change"}
        if kind["kind"] != "change":
            return {**kind, **_EMPTY}
        after, lost = self._drawn(after, code)
        reading.unknown += [*lost, *self._undrawn(found, code, words, shown=bool(shown))]
        if after == before and reading.loose.count and reading.loose.color:  # of three balloons "one red"
            reading.unknown.append(" ".join(unit.text for unit in found if unit.kind in (Kind.COUNT, Kind.COLOR)))
        spec = self._spec(after, code)
        if edits and (after == before or reading.unknown):
            spec["understood"] = one_line(f"{spec['understood']} · {words}", MAX_UNDERSTOOD_CHARS)
        asked = strangers(found, reading, code, words)
        return {**kind, **spec, "instruction": words, **self._strange(reading, asked, after, code)}

    def _state(self, spec: PromptSpec) -> Order:
        """Return the order that a prompt says; of its settings those that the keywords name, for others were usual."""
        order = ordered(read(self._units(spec.prompt, "en", list(self._things), edit=True), "en"))
        if not spec.keywords:
            return order
        for name in SETTINGS.values():
            words = keywords(Order().setting(name, getattr(order, name)))
            if words and words[0] not in spec.keywords:
                order = order.setting(name, "")
        return order

    def _drawn(self, order: Order, code: str) -> tuple[Order, list[str]]:
        """Return the order without the colours that its things cannot have, and these things in words: "blue lion"."""
        lost = [group for group in order.groups if not self._takes(self._things[group.thing], group.color)]
        groups = tuple(replace(group, color=NONE) if group in lost else group for group in order.groups)
        told = [named(replace(group, count=1, size=NONE), tongue(code), self._things) for group in lost]
        return replace(order, groups=groups), told

    def _undrawn(self, found: Sequence[Unit], code: str, words: str, *, shown: bool = False) -> list[str]:
        """Return what things do, and on, in or under what they are, which no picture shows."""
        return deeds(found, code, words, lambda thing: self._things[thing].stands, shown=shown)

    @staticmethod
    def _takes(thing: Thing, color: str) -> bool:
        return thing.recolors or color == NONE or color in own_colors(thing.word)

    def _spec(self, order: Order, code: str) -> dict[str, Any]:
        wet = bool(order.groups) and self._things[order.groups[0].thing].stands == "water"
        line = one_line(line_of(order, tongue(code), self._things), MAX_UNDERSTOOD_CHARS)
        prompt = detailed(order.complete(wet=wet), says_sky=bool(order.sky))
        return msgspec.structs.asdict(PromptSpec(line, keywords(order), prompt))

    def _strange(self, reading: Reading, asked: Sequence[Stranger], order: Order, code: str) -> dict[str, Any]:
        """Return what of the words the model does not know; the things among it, and what is near the first of them.

        `unknown_things` is there where several are.
        """
        unknown = list(dict.fromkeys(word.lower() for word in reading.unknown))[:MAX_SHOWN]
        if not asked:
            return {"unknown": unknown}
        names = {"unknown_thing": asked[0].name}
        several = {"unknown_things": [one.name for one in asked]} if len(asked) > 1 else {}
        drawn = [*(group.thing for group in order.groups), *(one.thing for one in reading.said)]
        seen = [*drawn, *(one.thing for one in reading.gone)]
        family = asked[0].family or family_of(asked[0].name, self._words[code])
        near = alike(family, self._things, seen, order.place, drawn)
        many = code == "en" and is_plural(asked[0].name)
        labels = [label(self._things[name], code) for name in near]
        return {"unknown": unknown, **names, **several, "near": [plural(one) for one in labels] if many else labels}
