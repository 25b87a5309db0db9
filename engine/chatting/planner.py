"""The language model: answers a conversation, within a grammar where one is set, and reports its text as it grows."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from jinja2 import TemplateError

from engine.api.errors import BadRequest
from engine.api.messages import ChatRequest
from engine.api.placement import Format
from engine.batching.phases import add_seconds
from engine.chatting import small_world
from engine.chatting.constrained_decoding import Grammar, GrammarLogitsProcessor, grammar_tokenizer
from engine.chatting.decoder import Decoder, Slot
from engine.chatting.planner_facts import PlannerFacts
from engine.chatting.sampling import TokenChoice
from engine.chatting.slot_forward import Capture
from engine.chatting.slot_models import CLASSES, why_one_at_a_time
from engine.chatting.stop_sequences import StopSequences
from engine.chatting.text_stream import TextStream
from engine.jobs.phases import Phase
from engine.jobs.requests import Answer, Conversation, Delta
from engine.models.control_tokens import ControlTokens
from engine.models.gguf_file import find_gguf
from engine.models.placement import straight_to
from engine.models.weight_formats import planner_options

if TYPE_CHECKING:
    from engine.jobs.job import Event, Reporter
    from engine.models.device import Device
    from engine.models.source import Source

MAX_TOKEN_CHARS = 32
"""No tokenizer's tokens are so long on average."""
PLAIN_TEMPLATE = (
    "{% for message in messages %}{{ {'system': '', 'user': 'Request: ', 'assistant': 'Answer: '}[message['role']] }}"
    "{{ message['content'] + '\n\n' }}{% endfor %}{% if add_generation_prompt %}Answer: {% endif %}"
)
"""Turns as labelled paragraphs, for a model that was never trained to chat, such as GPT-2: it continues the pattern."""


class Planner:
    """Any causal language model; one without a chat template is asked in PLAIN_TEMPLATE's paragraphs."""

    def __init__(self, model: Any, tokenizer: Any, name: str, facts: PlannerFacts, folder: Path | None = None) -> None:
        if tokenizer.chat_template is None:
            tokenizer.chat_template = PLAIN_TEMPLATE
        self.name = facts.name or name
        self.facts = facts
        self.model = model
        self._tokenizer = tokenizer
        self._control_tokens = ControlTokens(tokenizer)
        self._eos_ids = _eos_ids(model, tokenizer)
        self._swap: Callable[[], AbstractContextManager[None]] | None = None
        self.decoder = Decoder(model) if _has_slots(model) else None
        """Writes answers side by side; None for a model without slots."""
        self._grammar_tokenizer = grammar_tokenizer(tokenizer, model.config.vocab_size, self._eos_ids)
        self._reader = small_world.reader_of(facts, folder)

    @classmethod
    def load(cls, source: Source, device: Device, weights: Format = Format.FULL) -> Planner:
        """Load from safetensors, or unpack a GGUF file: other formats run code when they are read."""
        from transformers import AutoModelForCausalLM, AutoTokenizer  # takes seconds

        gguf = find_gguf(Path(source.place)) if source.local else None
        place: str | Path = source.place if gguf is None else gguf.parent
        options: dict[str, Any] = {"local_files_only": source.local} | ({"gguf_file": gguf.name} if gguf else {})
        tokenizer = AutoTokenizer.from_pretrained(place, trust_remote_code=False, **options)
        model = AutoModelForCausalLM.from_pretrained(
            place,
            dtype=device.dtype,
            use_safetensors=gguf is None,
            trust_remote_code=False,
            **options,
            **({} if gguf else planner_options(weights, device.dtype) | straight_to(device, weights)),
        )
        facts = source.facts(PlannerFacts) or PlannerFacts()
        return cls(model.to(device.name).eval(), tokenizer, source.name, facts, Path(place) if source.local else None)

    @property
    def slots(self) -> int:
        """How many conversations it continues at once."""
        return 1 if self.decoder is None or self._swap else self.decoder.slots

    def use_slots(self, slots: int, capture: Capture | None = None) -> None:
        """Write so many answers at once, where the model has slots; `capture` makes CUDA graphs."""
        if self.decoder is not None:
            self.decoder = Decoder(self.model, slots, capture)

    def use_swap(self, swap: Callable[[], AbstractContextManager[None]]) -> None:
        """Answer only within this context, which brings the model to a device that holds one model at a time."""
        self._swap = swap
        self.use_slots(1)

    def answer(self, work: Conversation, reporter: Reporter) -> None:
        """Report Deltas, then the Answer. Raises BadRequest for too long a chat, Cancelled at the next token."""
        if self._swap is None:
            self._answer(work, reporter)
            return
        with self._swap():
            try:
                self._answer(work, reporter)
            finally:
                if self.decoder is not None:
                    self.decoder.release()  # the painter needs the memory

    def _answer(self, work: Conversation, reporter: Reporter) -> None:
        """Report one answer after the other; other conversations go on meanwhile."""
        for index in range(work.request.n):
            choice = _Choice(reporter, index)
            if self._reader is None or not small_world.asks_for_spec(work.request):
                choice.tell(self._continue(work, choice))
            else:
                self._read(self._reader, work, choice)

    def _read(self, reader: small_world.SpecReader, work: Conversation, choice: _Choice) -> None:
        """Let the reader of a small world answer, which asks the model."""
        parts: list[Answer] = []

        def complete(part: Conversation) -> str:
            parts.append(self._continue(part, _Quiet(choice)))
            return parts[-1].text

        text = StopSequences(work.request.stops).cut(small_world.answer(reader, work.request, complete))
        if text:
            choice.tell(Delta(text))
        choice.tell(
            Answer(
                text, "stop", sum(part.prompt_tokens for part in parts), sum(part.completion_tokens for part in parts)
            )
        )

    def _continue(self, work: Conversation, reporter: _Choice | _Quiet) -> Answer:
        """Let the model continue the conversation, and report its text."""
        prompt = self._encode(work.request)
        room = self.model.config.max_position_embeddings - len(prompt)
        if room < 1:
            raise BadRequest(f"messages: {len(prompt)} tokens are more than {self.name} can read.", param="messages")
        began = time.perf_counter()
        most, stream = min(work.max_tokens, room), TextStream(self._tokenizer, reporter, work.request.stops)
        if self.decoder is None:
            tokens = self._generate(work, prompt, most, stream, reporter)
        else:
            tokens = self._decode(self.decoder, work, prompt, most, stream, reporter)
        stream.end()
        add_seconds(Phase.READING, stream.began - began)
        add_seconds(Phase.WRITING, time.perf_counter() - stream.began)
        finish = "stop" if stream.is_over or tokens[-1] in self._eos_ids else "length"
        return Answer(stream.text, finish, len(prompt), len(tokens))

    def _decode(
        self,
        decoder: Decoder,
        work: Conversation,
        prompt: list[int],
        most: int,
        stream: TextStream,
        reporter: _Choice | _Quiet,
    ) -> list[int]:
        """Return the answer's tokens, written in a slot beside others'."""
        choice = TokenChoice(self.model, prompt, _sampling(work.request), work.seed(reporter.index))
        grammar = Grammar(self._grammar_tokenizer, work.grammar) if work.grammar else None
        slot = Slot(prompt, choice, frozenset(self._eos_ids), most, grammar)
        decoder.open(slot)
        try:
            while True:
                if not (tokens := slot.take()):
                    decoder.step()
                    tokens = slot.take()
                if tokens:
                    stream.put(tokens)
                if slot.is_over or stream.is_over:
                    return slot.written
                reporter.check()  # here the other answers take their tokens, and pictures their step
        finally:
            decoder.close(slot)

    def _generate(
        self, work: Conversation, prompt: list[int], most: int, stream: TextStream, reporter: _Choice | _Quiet
    ) -> list[int]:
        """Return the answer's tokens, written by transformers' own loop, for a model without slots."""
        ids = torch.tensor([prompt], device=self.model.device)
        if (seed := work.seed(reporter.index)) is not None:
            torch.manual_seed(seed)
        written = self.model.generate(
            input_ids=ids,
            attention_mask=torch.ones_like(ids),
            max_new_tokens=most,
            streamer=_Streamer(stream, reporter),
            stopping_criteria=[_Stopped(stream)],
            logits_processor=[GrammarLogitsProcessor(self._grammar_tokenizer, work.grammar)] if work.grammar else [],
            eos_token_id=self._eos_ids,
            pad_token_id=self._eos_ids[0],
            num_beams=1,
            **_sampling(work.request),
        )
        tokens: list[int] = written[0, len(prompt) :].tolist()
        return tokens

    def _encode(self, request: ChatRequest) -> list[int]:
        """Return the conversation as token ids, up to where the answer begins. Raises BadRequest."""
        length = sum(len(message.text) for message in request.messages)
        if length > MAX_TOKEN_CHARS * self.model.config.max_position_embeddings:  # to count its tokens would take long
            raise BadRequest(f"messages: {length} characters are more than {self.name} can read.", param="messages")
        remove = self._control_tokens.remove
        messages = [{"role": message.speaker, "content": remove(message.text)} for message in request.messages]
        try:
            encoded = self._tokenizer.apply_chat_template(
                messages,
                add_generation_prompt=True,
                enable_thinking=False,  # a template variable of Qwen's; others do not look at it
                return_dict=True,
            )
        except TemplateError as error:
            raise BadRequest(f"messages: {self.name} does not take them so: {error}.", param="messages") from None
        ids: list[int] = encoded["input_ids"]
        return ids


class _Streamer:
    """A transformers streamer: passes tokens on, and stops a cancelled job."""

    def __init__(self, stream: TextStream, reporter: _Choice | _Quiet) -> None:
        self._stream = stream
        self._reporter = reporter
        self._is_prompt = True

    def put(self, value: torch.Tensor) -> None:
        self._reporter.check()
        if self._is_prompt:  # it comes first
            self._is_prompt = False
        else:
            self._stream.put(value.flatten().tolist())

    def end(self) -> None:
        pass


class _Stopped:
    """A transformers stopping criterion: ends the answer behind which a stop sequence came."""

    def __init__(self, stream: TextStream) -> None:
        self._stream = stream

    def __call__(self, ids: torch.Tensor, scores: object, **_: object) -> torch.Tensor:
        """Return, for each sequence (sequences,), whether it is over."""
        return torch.full((ids.shape[0],), self._stream.is_over, device=ids.device, dtype=torch.bool)


class _Choice:
    """Reports the `index`th answer of a request."""

    def __init__(self, reporter: Reporter, index: int) -> None:
        self.index = index
        self.check = reporter.check
        self._reporter = reporter

    def tell(self, event: Event) -> None:
        self._reporter.tell(replace(event, index=self.index) if isinstance(event, Delta | Answer) else event)


class _Quiet:
    """Stops cancelled work, and passes nothing on."""

    def __init__(self, choice: _Choice) -> None:
        self.index = choice.index
        self.check = choice.check

    def tell(self, event: object) -> None:
        pass


def _has_slots(model: Any) -> bool:
    name = type(model).__name__
    if name not in CLASSES or model.config._attn_implementation != "sdpa":  # others take no mask of our own
        return False
    return why_one_at_a_time({**model.config.to_dict(), "architectures": [name]}) is None


def _sampling(request: ChatRequest) -> dict[str, Any]:
    """Return generate's sampling arguments; a field that the request leaves out stays as in generation_config."""
    if 0 in (request.temperature, request.top_p):
        return {"do_sample": False, "temperature": None, "top_p": None, "top_k": None}
    chosen = {"temperature": request.temperature, "top_p": request.top_p}
    given = {name: value for name, value in chosen.items() if value is not None}
    return {"do_sample": True, **given} if given else {}


def _eos_ids(model: Any, tokenizer: Any) -> list[int]:
    """Return the ids of the tokens that end an answer, those of generation_config first."""
    own = model.generation_config.eos_token_id
    ends = list(own) if isinstance(own, (list, tuple)) else [own]
    return [token for token in dict.fromkeys([*ends, tokenizer.eos_token_id]) if token is not None]
