"""The language model: answers a conversation, within a grammar where one is set, and reports its text as it grows."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

import torch
from jinja2 import TemplateError
from msgspec import Struct

from engine.api.errors import BadRequest
from engine.api.messages import ChatRequest
from engine.chatting import small_world
from engine.chatting.constrained_decoding import GrammarLogitsProcessor, grammar_tokenizer
from engine.jobs.requests import Answer, Conversation, Delta
from engine.models.control_tokens import ControlTokens
from engine.starter.reader.read import Reader

if TYPE_CHECKING:
    from engine.jobs.job import Reporter
    from engine.models.device import Device
    from engine.models.source import Source

_UNFINISHED = "\N{REPLACEMENT CHARACTER}"


class PlannerFacts(Struct, frozen=True):
    """limner.json in a language model's folder; `knows` and what follows as in ModelFacts."""

    name: str | None = None
    knows: dict[str, list[str]] = {}
    words: list[str] = []
    languages: dict[str, str] = {}
    common: dict[str, list[str]] = {}


PLAIN_TEMPLATE = (
    "{% for message in messages %}{{ {'system': '', 'user': 'Request: ', 'assistant': 'Answer: '}[message['role']] }}"
    "{{ message['content'] + '\n\n' }}{% endfor %}{% if add_generation_prompt %}Answer: {% endif %}"
)
"""Turns as labelled paragraphs, for a model that was never trained to chat, such as GPT-2: it continues the pattern."""


class Planner:
    """Any causal language model; one without a chat template is asked in PLAIN_TEMPLATE's paragraphs."""

    def __init__(self, model: Any, tokenizer: Any, name: str, facts: PlannerFacts) -> None:
        if tokenizer.chat_template is None:
            tokenizer.chat_template = PLAIN_TEMPLATE
        self.name = facts.name or name
        self.facts = facts
        self.model = model
        self._tokenizer = tokenizer
        self._control_tokens = ControlTokens(tokenizer)
        self._eos_ids = _eos_ids(model, tokenizer)
        self._swap: Callable[[], AbstractContextManager[None]] = nullcontext
        self._grammar_tokenizer = grammar_tokenizer(tokenizer, model.config.vocab_size, self._eos_ids)
        self._reader = Reader(facts.words) if facts.words else None

    @classmethod
    def load(cls, source: Source, device: Device) -> Planner:
        """Load from safetensors alone: other formats run code when they are read."""
        from transformers import AutoModelForCausalLM, AutoTokenizer  # takes seconds

        tokenizer = AutoTokenizer.from_pretrained(source.place, local_files_only=source.local, trust_remote_code=False)
        model = AutoModelForCausalLM.from_pretrained(
            source.place,
            dtype=device.dtype,
            use_safetensors=True,
            local_files_only=source.local,
            trust_remote_code=False,
        )
        facts = source.facts(PlannerFacts) or PlannerFacts()
        return cls(model.to(device.name).eval(), tokenizer, source.name, facts)

    def use_swap(self, swap: Callable[[], AbstractContextManager[None]]) -> None:
        """Answer only within this context, which brings the model to a device that holds one model at a time."""
        self._swap = swap

    def answer(self, work: Conversation, reporter: Reporter) -> None:
        """Report Deltas, then the Answer. Raises BadRequest for too long a chat, Cancelled at the next token."""
        with self._swap():
            self._answer(work, reporter)

    def _answer(self, work: Conversation, reporter: Reporter) -> None:
        if self._reader is None or not small_world.asks_for_spec(work.request):
            reporter.tell(self._continue(work, _TextStreamer(self._tokenizer, reporter)))
            return
        parts: list[Answer] = []

        def complete(part: Conversation) -> str:
            parts.append(self._continue(part, _TextStreamer(self._tokenizer, _Quiet(reporter))))
            return parts[-1].text

        text = small_world.answer(self._reader, work.request, complete)
        reporter.tell(Delta(text))
        reporter.tell(
            Answer(
                text, "stop", sum(part.prompt_tokens for part in parts), sum(part.completion_tokens for part in parts)
            )
        )

    def _continue(self, work: Conversation, streamer: _TextStreamer) -> Answer:
        """Let the model continue the conversation; `streamer` passes its text on."""
        prompt = self._encode(work.request)
        room = self.model.config.max_position_embeddings - prompt.shape[1]
        if room < 1:
            raise BadRequest(
                f"messages: {prompt.shape[1]} tokens are more than {self.name} can read.", param="messages"
            )
        if work.request.seed is not None:
            torch.manual_seed(work.request.seed)
        ids = self.model.generate(
            input_ids=prompt,
            attention_mask=torch.ones_like(prompt),
            max_new_tokens=min(work.max_tokens, room),
            streamer=streamer,
            logits_processor=[GrammarLogitsProcessor(self._grammar_tokenizer, work.grammar)] if work.grammar else [],
            eos_token_id=self._eos_ids,
            pad_token_id=self._eos_ids[0],
            num_beams=1,
            **_sampling(work.request),
        )
        tokens = ids[0, prompt.shape[1] :].tolist()
        finish = "stop" if tokens[-1] in self._eos_ids else "length"
        return Answer(streamer.text, finish, prompt.shape[1], len(tokens))

    def _encode(self, request: ChatRequest) -> torch.Tensor:
        """Return the conversation as token ids (1, length), up to where the answer begins."""
        remove = self._control_tokens.remove
        messages = [{"role": message.role, "content": remove(message.text)} for message in request.messages]
        try:
            encoded = self._tokenizer.apply_chat_template(
                messages,
                add_generation_prompt=True,
                enable_thinking=False,  # a template variable of Qwen's; others do not look at it
                return_dict=True,
                return_tensors="pt",
            )
        except TemplateError as error:
            raise BadRequest(f"messages: {self.name} does not take them so: {error}.", param="messages") from None
        ids: torch.Tensor = encoded["input_ids"].to(self.model.device)
        return ids


class _TextStreamer:
    """A transformers streamer: reports the text as far as its characters are whole, and stops a cancelled job."""

    def __init__(self, tokenizer: Any, reporter: Reporter) -> None:
        self.text = ""
        self._tokenizer = tokenizer
        self._reporter = reporter
        self._tokens: list[int] | None = None

    def put(self, value: torch.Tensor) -> None:
        self._reporter.check()
        if self._tokens is None:  # the prompt comes first
            self._tokens = []
            return
        self._tokens += value.flatten().tolist()
        text = self._tokenizer.decode(self._tokens, skip_special_tokens=True)
        if not text.endswith(_UNFINISHED):  # a character's bytes may span tokens
            self._report(text)

    def end(self) -> None:
        self._report(self._tokenizer.decode(self._tokens or [], skip_special_tokens=True))

    def _report(self, text: str) -> None:
        if len(text) > len(self.text):
            self._reporter.tell(Delta(text[len(self.text) :]))
            self.text = text


class _Quiet:
    """Stops cancelled work, and passes nothing on."""

    def __init__(self, reporter: Reporter) -> None:
        self.check = reporter.check

    def tell(self, event: object) -> None:
        pass


def _sampling(request: ChatRequest) -> dict[str, Any]:
    """Return generate's sampling arguments; a field that the request leaves out stays as in generation_config."""
    if request.temperature == 0:
        return {"do_sample": False, "temperature": None, "top_p": None, "top_k": None}
    chosen = {"temperature": request.temperature, "top_p": request.top_p}
    given = {name: value for name, value in chosen.items() if value is not None}
    return {"do_sample": True, **given} if given else {}


def _eos_ids(model: Any, tokenizer: Any) -> list[int]:
    """Return the ids of the tokens that end an answer, those of generation_config first."""
    own = model.generation_config.eos_token_id
    ends = list(own) if isinstance(own, (list, tuple)) else [own]
    return [token for token in dict.fromkeys([*ends, tokenizer.eos_token_id]) if token is not None]
