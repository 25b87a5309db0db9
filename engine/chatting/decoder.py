"""Continuous batching of answers: each has a slot, joins and leaves between tokens, and all slots share a forward.

Invariant: an answer's tokens are those that `generate` would give it alone; no answer is lost where memory runs out or
a neighbour leaves. Whoever waits for a token calls `step`, which brings everybody on.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Any

import torch

from engine.api.errors import EngineError, Internal, OutOfMemory
from engine.api.light_structlog import structlog
from engine.chatting.constrained_decoding import Grammar
from engine.chatting.kv_cache import KvCache, token_bytes
from engine.chatting.prefix_cache import MAX_TOKENS, PrefixCache
from engine.chatting.sampling import TokenChoice, choose
from engine.chatting.slot_forward import Capture, SlotForward
from engine.device_memory import free_caches
from engine.errors import is_out_of_memory

SLOTS = 8
"""A power of two."""
LENGTH = 1024
"""Tokens that a slot holds at first; the cache is doubled when one needs more."""
CHUNK = 512
"""The most tokens of a prompt that one forward reads, so that pictures need not wait for a long one."""

FAULT = "The language model failed at this; the engine's log says why."

log = structlog.get_logger()


class Slot:
    """One answer that is being written. `ids` are the prompt and what was written so far."""

    def __init__(
        self,
        prompt: Sequence[int],
        choice: TokenChoice,
        ends: frozenset[int],
        most: int,
        grammar: Grammar | None = None,
    ) -> None:
        """`ends` finish the answer, as do `most` tokens."""
        self.ids = list(prompt)
        self.choice = choice
        self.prompt = len(prompt)
        self.read = 0
        """How many of `ids` have their keys and values in the slot's row."""
        self.row: int | None = None
        """Its row of the cache; None while it waits for one."""
        self.finish_reason: str | None = None
        """`stop` or `length`, once it is finished."""
        self.error: EngineError | None = None
        self.allowed: torch.Tensor | None = None
        self._ends = ends
        self._most = most
        self._grammar = grammar
        self._taken = self.prompt
        self._write_forced()

    @property
    def is_over(self) -> bool:
        return self.finish_reason is not None or self.error is not None

    @property
    def unread(self) -> int:
        """How many of `ids` must be read before the next token is chosen."""
        return len(self.ids) - self.read

    @property
    def written(self) -> list[int]:
        return self.ids[self.prompt :]

    def take(self) -> list[int]:
        """Return what was written since the last call. Raises the error that ended the answer."""
        if self.error is not None:
            raise self.error
        new, self._taken = self.ids[self._taken :], len(self.ids)
        return new

    def prepare(self) -> bool:
        """Compute what may be next; False where the grammar breaks, which ends the answer."""
        if self._grammar is not None:
            try:
                self.allowed = self._grammar.allowed()
            except EngineError as error:
                self.error = error
                return False
        return True

    def accept(self, token: int) -> None:
        """Write the chosen token, and those that the grammar forces after it."""
        self._write([token])
        if not self.is_over and self._grammar is not None:
            try:
                self._grammar.consume([token])
                self._write_forced()
            except EngineError as error:
                self.error = error

    def restart(self) -> None:
        """Give up the row; what is written stays, and is read again."""
        self.row, self.read = None, 0

    def _write_forced(self) -> None:
        if self._grammar is None:
            return
        self._write(self._grammar.forced())
        if not self.is_over and self._grammar.is_over and len(self._ends) == 1:
            self._write(list(self._ends))

    def _write(self, tokens: Sequence[int]) -> None:
        for token in tokens:
            if self.is_over:
                return
            self.ids.append(token)
            if token in self._ends:
                self.finish_reason = "stop"
            elif len(self.ids) - self.prompt >= self._most:
                self.finish_reason = "length"


def slots_that_fit(model: Any, free: int) -> int:
    """Return how many slots, at most SLOTS and at least one, take no more than so many bytes of memory."""
    slots = SLOTS
    while slots > 1 and 2 * slots * LENGTH * token_bytes(model) > free:  # as much again for prompts' beginnings
        slots //= 2
    return slots


class Decoder:
    """Writes up to `slots` answers at once with one of `slot_models.CLASSES`; more of them wait for a row.

    `capture` makes CUDA graphs of the shared forwards; None where they are launched anew.
    """

    def __init__(self, model: Any, slots: int = SLOTS, capture: Capture | None = None) -> None:
        self.slots = slots
        self._model = model
        self._capture = capture
        self._waiting: deque[Slot] = deque()
        self._rows: list[Slot] = []
        """The slots by row, without a gap, so that a forward is of the first rows."""
        self._prefixes = PrefixCache(min(MAX_TOKENS, slots * LENGTH))
        self._computing: list[Slot] = []
        """Those whose tokens the present forward reads."""
        self._is_amid_prompt = False
        """Whether the last forward left a prompt unfinished, and others wait for a token."""
        self._forward: SlotForward | None = None

    @property
    def running(self) -> int:
        """How many answers have a row now."""
        return len(self._rows)

    @property
    def holds_memory(self) -> bool:
        """Whether there is a cache on the device, which `release` gives back."""
        return self._forward is not None

    def open(self, slot: Slot) -> None:
        """Let an answer begin with the next steps."""
        if not slot.is_over:
            self._waiting.append(slot)

    def close(self, slot: Slot) -> None:
        """Let an answer leave, finished or not. The last row's slot moves into its row."""
        if slot in self._waiting:
            self._waiting.remove(slot)
        if slot.row is None:
            return
        row, last = slot.row, self._rows.pop()
        slot.restart()
        if last is not slot:
            self._ready().cache.move(len(self._rows), row, last.read)
            self._rows[row], last.row = last, row

    def release(self) -> None:
        """Give back the memory of the cache; answers that are being written read their tokens again."""
        for slot in reversed(self._rows):
            slot.restart()
            self._waiting.appendleft(slot)
        self._rows.clear()
        self._prefixes.clear()
        self._forward = None

    def step(self) -> None:
        """Compute one forward: part of a prompt where one waits to be read, else a token of every slot.

        What goes wrong ends the answers that it concerns; each learns of it at `Slot.take`.
        """
        is_full, self._computing = False, []
        try:
            self._admit()
            if self._rows:
                self._compute()
        except Exception as error:
            is_full = is_out_of_memory(error)
            if not is_full:
                log.exception("decoder.failed")
                self._fail(self._computing or self._rows, Internal(FAULT))
        if is_full:  # dealt with here, where the exception holds no tensors any more
            self._make_room()

    def _compute(self) -> None:
        """Read a prompt's next chunk, or one token of each row; between two chunks the others get a token.

        A forced run counts as a prompt where it saves its slot more forwards than it costs the others.
        """
        forward, longest = self._ready(), max(self._rows, key=lambda slot: slot.unread)
        if longest.unread > len(self._rows) and not self._is_amid_prompt:
            self._computing = [longest]
            ids = longest.ids[longest.read : longest.read + CHUNK]
            logits = forward.read(self._rows.index(longest), longest.read, ids)
            count, self._is_amid_prompt = len(ids), len(self._rows) > 1 and longest.unread > CHUNK
        else:
            self._computing = list(self._rows)
            ids = [slot.ids[slot.read] for slot in self._rows]
            logits = forward.step(ids, [slot.read for slot in self._rows])
            count, self._is_amid_prompt = 1, False
        self._advance(self._computing, count, logits)

    def _advance(self, slots: Sequence[Slot], count: int, logits: torch.Tensor) -> None:
        """Note that `count` tokens of each slot were read; write the next one where nothing is left to read."""
        for slot in slots:
            slot.read += count
            if slot.read - count < slot.prompt <= slot.read:
                self._prefixes.keep(slot.ids[: slot.prompt], self._ready().cache, self._rows.index(slot))
        due = [row for row, slot in enumerate(slots) if slot.unread == 0 and slot.prepare()]
        if due:
            answers = [slots[row] for row in due]
            tokens = choose(answers, logits if len(due) == len(slots) else logits[due])
            for slot, token in zip(answers, tokens, strict=True):
                slot.accept(token)
        for slot in [slot for slot in slots if slot.is_over]:
            self.close(slot)

    def _admit(self) -> None:
        """Give rows to slots that wait, and to each the states that its prompt's beginning is known by."""
        while self._waiting and len(self._rows) < self.slots:
            slot = self._waiting.popleft()
            slot.row = len(self._rows)
            self._rows.append(slot)
            slot.read = self._prefixes.restore(slot.ids, self._ready().cache, slot.row)

    def _ready(self) -> SlotForward:
        """Return the forward, with a cache that has room for what the rows hold."""
        length = max(len(slot.ids) for slot in self._rows)
        if self._forward is None or self._forward.cache.length < length:
            cache = KvCache(self._model, self.slots, LENGTH << max(0, (length - 1) // LENGTH).bit_length())
            if self._forward is not None:
                cache.copy_from(self._forward.cache)
            self._forward = SlotForward(self._model, cache, self._capture)
        return self._forward

    def _make_room(self) -> None:
        """Halve the slots after memory ran out; where one alone does not fit, its answer ends."""
        if self.slots == 1:
            self._fail(self._rows, OutOfMemory("The device has too little memory for this conversation."))
        else:
            self.slots //= 2
            log.warning("decoder.out_of_memory", slots=self.slots)
        self.release()
        free_caches()

    def _fail(self, slots: Sequence[Slot], error: EngineError) -> None:
        """End these answers."""
        for slot in list(slots):
            slot.error = error
            self.close(slot)
