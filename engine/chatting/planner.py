"""The language model: answers a conversation, within a grammar where one is set, and tells each piece of text."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

import torch
from jinja2 import TemplateError
from msgspec import Struct

from engine.api.errors import BadRequest
from engine.api.messages import ChatRequest
from engine.chatting.constrained_decoding import Constraint, vocabulary
from engine.jobs.requests import Answer, Conversation, Delta

if TYPE_CHECKING:
    from engine.jobs.job import Reporter
    from engine.models.device import Device
    from engine.models.source import Source

_UNFINISHED = "\N{REPLACEMENT CHARACTER}"


class PlannerFacts(Struct, frozen=True):
    """limner.json beside a language model; `knows` and `words` as in ModelFacts."""

    name: str | None = None
    knows: dict[str, list[str]] = {}
    words: list[str] = []


class Planner:
    """Any causal language model with a chat template."""

    def __init__(self, model: Any, tokenizer: Any, name: str, facts: PlannerFacts) -> None:
        if tokenizer.chat_template is None:
            raise ValueError("its tokenizer has no chat template")
        self.name = facts.name or name
        self.facts = facts
        self.model = model
        self._tokenizer = tokenizer
        self._ends = _ends(model, tokenizer)
        self._turn: Callable[[], AbstractContextManager[None]] = nullcontext
        self._vocabulary = vocabulary(tokenizer, model.config.vocab_size, self._ends)

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

    def use_swap(self, turn: Callable[[], AbstractContextManager[None]]) -> None:
        """Compute only within such a turn, for a device that is too small for all models."""
        self._turn = turn

    def answer(self, work: Conversation, reporter: Reporter) -> None:
        """Tell of Deltas, then of the Answer. Raises BadRequest for a chat too long, Cancelled at the next token."""
        with self._turn():
            self._answer(work, reporter)

    def _answer(self, work: Conversation, reporter: Reporter) -> None:
        prompt = self._read(work.request)
        room = self.model.config.max_position_embeddings - prompt.shape[1]
        if room < 1:
            raise BadRequest(
                f"messages: {prompt.shape[1]} tokens are more than {self.name} can read.", param="messages"
            )
        if work.request.seed is not None:
            torch.manual_seed(work.request.seed)
        told = _Teller(self._tokenizer, reporter)
        ids = self.model.generate(
            input_ids=prompt,
            attention_mask=torch.ones_like(prompt),
            max_new_tokens=min(work.max_tokens, room),
            streamer=told,
            logits_processor=[Constraint(self._vocabulary, work.grammar)] if work.grammar else [],
            eos_token_id=self._ends,
            pad_token_id=self._ends[0],
            num_beams=1,
            **_sampling(work.request),
        )
        tokens = ids[0, prompt.shape[1] :].tolist()
        finish = "stop" if tokens[-1] in self._ends else "length"
        reporter.tell(Answer(told.text, finish, prompt.shape[1], len(tokens)))

    def _read(self, request: ChatRequest) -> torch.Tensor:
        """Return the conversation as token ids (1, length), up to where the answer begins."""
        messages = [{"role": message.role, "content": message.text} for message in request.messages]
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


class _Teller:
    """What `generate` calls a streamer: passes on the text as far as it is certain, and stops cancelled work."""

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
            self._tell(text)

    def end(self) -> None:
        self._tell(self._tokenizer.decode(self._tokens or [], skip_special_tokens=True))

    def _tell(self, text: str) -> None:
        if len(text) > len(self.text):
            self._reporter.tell(Delta(text[len(self.text) :]))
            self.text = text


def _sampling(request: ChatRequest) -> dict[str, Any]:
    """Return generate's arguments; what the request leaves open stays as the model's generation_config has it."""
    if request.temperature == 0:
        return {"do_sample": False, "temperature": None, "top_p": None, "top_k": None}
    chosen = {"temperature": request.temperature, "top_p": request.top_p}
    given = {name: value for name, value in chosen.items() if value is not None}
    return {"do_sample": True, **given} if given else {}


def _ends(model: Any, tokenizer: Any) -> list[int]:
    """Return the tokens that end an answer, the model's own first."""
    own = model.generation_config.eos_token_id
    ends = list(own) if isinstance(own, (list, tuple)) else [own]
    return [token for token in dict.fromkeys([*ends, tokenizer.eos_token_id]) if token is not None]
