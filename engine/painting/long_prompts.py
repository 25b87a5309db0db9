"""Reads prompts that are longer than a CLIP text encoder's 77 positions, and tells what no text encoder reads.

The UNets of Stable Diffusion 1, 2 and XL attend to text embeddings of any length. A longer prompt is cut into windows
of 75 tokens, at the ends of words; each is encoded by itself, and their embeddings are joined. Every sign is plain
text: there is no syntax for weights.

Invariant: a prompt that fits one window, beside a negative one that does, goes the pipeline's own way.
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch

from engine.api.light_structlog import structlog
from engine.jobs.requests import Painting
from engine.models.control_tokens import ControlTokens
from engine.painting.pipelines import accepted

MAX_WINDOWS = 8
"""600 tokens; other families read 512. What a step costs grows with them, so there is a limit."""
CLIP = "clip_text_model"
UNLIMITED = 100_000
"""Tokenizers without a limit name a number far above this."""

log = structlog.get_logger()


def embed_long(pipeline: Any, prompt: str, negative: str | None) -> dict[str, torch.Tensor]:
    """Return both prompts' embeddings, by the names of the pipeline's arguments; {} where one window holds each.

    Each is (1, 77 windows, channels), with as many windows for one as for the other; the pooled ones (1, channels).
    """
    readers = _clip_readers(pipeline)
    positives = [reader.windows(prompt) for reader in readers]
    negatives = [reader.windows(negative or "") for reader in readers]
    count = max((len(windows) for windows in (*positives, *negatives)), default=1)
    if count == 1:
        return {}
    embeds, pooled = _embed(pipeline, readers, positives, count)
    if negative is None and pipeline.config.get("force_zeros_for_empty_prompt"):
        negative_embeds = torch.zeros_like(embeds)
        negative_pooled = None if pooled is None else torch.zeros_like(pooled)
    else:
        negative_embeds, negative_pooled = _embed(pipeline, readers, negatives, count)
    named = {
        "prompt_embeds": embeds,
        "negative_prompt_embeds": negative_embeds,
        "pooled_prompt_embeds": pooled,
        "negative_pooled_prompt_embeds": negative_pooled,
    }
    return {name: tensor for name, tensor in named.items() if tensor is not None}


def tokens_read(pipeline: Any) -> int | None:
    """Return how many tokens of a prompt the text encoders take in one piece, as they were trained to; None if unknown.

    Of several encoders it is the one that reads the most; a UNet's read longer prompts in windows, though none so well.
    """
    try:
        if readers := _clip_readers(pipeline):
            return min(reader.positions for reader in readers) - 2
        limits = [_limit(pipeline, *pair) for pair in _tokenizers_and_encoders(pipeline)]
        return max((limit for limit in limits if 0 < limit < UNLIMITED), default=None)
    except Exception as error:  # as below
        log.info("prompt.length_unknown", reason=type(error).__name__)
        return None


def unread_part(pipeline: Any, prompt: str) -> str:
    """Return the end of a prompt that no text encoder of this pipeline reads; empty where all is read, or unknown."""
    try:
        if readers := _clip_readers(pipeline):
            return max((reader.unread(prompt) for reader in readers), key=len)
        tails = [
            _Tokens.of(tokenizer, prompt).after(_limit(pipeline, tokenizer, encoder))
            for tokenizer, encoder in _tokenizers_and_encoders(pipeline)
        ]
        return min(tails, key=len, default="")
    except Exception as error:  # any pipeline may come, and its tokenizer with it; the picture is worth more
        log.info("prompt.length_unknown", reason=type(error).__name__)
        return ""


@dataclass(frozen=True, slots=True)
class _Tokens:
    """A text's tokens: their ids, the number of the word that each belongs to, and where in the text each begins."""

    tokenizer: Any
    text: str
    ids: list[int]
    words: list[int]
    starts: list[int] | None

    @classmethod
    def of(cls, tokenizer: Any, text: str) -> _Tokens:
        if not getattr(tokenizer, "is_fast", False):  # it tells neither words nor places
            ids = tokenizer(text, add_special_tokens=False)["input_ids"]
            return cls(tokenizer, text, ids, list(range(len(ids))), None)
        encoding = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
        starts = [start for start, _ in encoding["offset_mapping"]]
        return cls(tokenizer, text, encoding["input_ids"], encoding.word_ids(), starts)

    def after(self, count: int) -> str:
        """Return the text that the first `count` tokens do not hold."""
        if count >= len(self.ids):
            return ""
        return str(self.tokenizer.decode(self.ids[count:])) if self.starts is None else self.text[self.starts[count] :]

    def windows(self, size: int) -> list[list[int]]:
        """Return all ids in windows of at most `size`, which end where a word does; one where there are none."""
        windows: list[list[int]] = []
        begin = 0
        while begin < len(self.ids) or not windows:
            end = begin + size
            if end < len(self.ids):
                at_words = [cut for cut in range(begin + 1, end + 1) if self.words[cut] != self.words[cut - 1]]
                end = at_words[-1] if at_words else end
            windows.append(self.ids[begin:end])
            begin = end
        return windows


@dataclass(frozen=True, slots=True)
class _ClipReader:
    """A CLIP text encoder and its tokenizer."""

    tokenizer: Any
    encoder: Any

    @property
    def positions(self) -> int:
        return int(min(self.tokenizer.model_max_length, self.encoder.config.max_position_embeddings))

    def windows(self, text: str) -> list[list[int]]:
        """Return the text's tokens in windows, as many as are read."""
        return _Tokens.of(self.tokenizer, text).windows(self.positions - 2)[:MAX_WINDOWS]

    def unread(self, text: str) -> str:
        return _Tokens.of(self.tokenizer, text).after(sum(map(len, self.windows(text))))

    def encode(self, windows: Sequence[list[int]], device: torch.device) -> Any:
        """Return the encoder's output for a batch of windows, each between its two marks and padded."""
        begin, end, padding = (getattr(self.tokenizer, f"{name}_token_id") for name in ("bos", "eos", "pad"))
        rows = [[begin, *window, end] for window in windows]
        ids = torch.tensor([row + [padding] * (self.positions - len(row)) for row in rows], device=device)
        mask = None
        if getattr(self.encoder.config, "use_attention_mask", False):
            mask = torch.tensor([[1] * len(row) + [0] * (self.positions - len(row)) for row in rows], device=device)
        return self.encoder(ids, attention_mask=mask, output_hidden_states=True)


def _clip_readers(pipeline: Any) -> list[_ClipReader]:
    """Return a UNet pipeline's text encoders in their order; none where they are of another kind."""
    pairs = _tokenizers_and_encoders(pipeline)
    is_clip = all(encoder.config.model_type == CLIP for _, encoder in pairs)
    if getattr(pipeline, "unet", None) is None or not is_clip or "prompt_embeds" not in accepted(pipeline):
        return []
    return [_ClipReader(tokenizer, encoder) for tokenizer, encoder in pairs]


def in_plain_words(pipeline: Any, work: Painting) -> Painting:
    """Return the work with what someone typed without the control tokens of the pipeline's tokenizers.

    An editor takes `<|image_pad|>` for one more picture, which it then lacks.
    """
    negative = None if work.negative is None else _without_control_tokens(pipeline, work.negative)
    return replace(work, prompt=_without_control_tokens(pipeline, work.prompt), negative=negative)


def _without_control_tokens(pipeline: Any, text: str) -> str:
    for tokenizer, _ in _tokenizers_and_encoders(pipeline):
        if hasattr(tokenizer, "added_tokens_decoder"):
            text = ControlTokens(tokenizer).remove(text)
    return text


def _tokenizers_and_encoders(pipeline: Any) -> list[tuple[Any, Any]]:
    pairs = [
        (getattr(pipeline, f"tokenizer{suffix}", None), getattr(pipeline, f"text_encoder{suffix}", None))
        for suffix in ("", "_2", "_3")
    ]
    return [pair for pair in pairs if pair[0] is not None and pair[1] is not None]


def _embed(
    pipeline: Any, readers: Sequence[_ClipReader], texts: Sequence[Sequence[list[int]]], count: int
) -> tuple[torch.Tensor, torch.Tensor | None]:
    """Return the embeddings of `count` windows, the missing ones empty, and the first window's pooled embedding.

    Stable Diffusion takes the last layer's output; XL the last but one of each encoder, side by side.
    """
    is_xl = "pooled_prompt_embeds" in accepted(pipeline)
    parts: list[torch.Tensor] = []
    pooled: torch.Tensor | None = None
    for reader, windows in zip(readers, texts, strict=True):
        output = reader.encode([*windows, *[[]] * (count - len(windows))], pipeline._execution_device)
        layer = output.hidden_states[-2] if is_xl else output[0]
        parts.append(layer.reshape(1, -1, layer.shape[-1]))
        if is_xl and output[0].ndim == 2:
            pooled = output[0][:1]
    return torch.concat(parts, dim=-1), pooled


def _limit(pipeline: Any, tokenizer: Any, encoder: Any) -> int:
    """Return how many tokens of a prompt this encoder reads, beside its own marks and what a chat begins with."""
    limit = tokenizer.model_max_length
    parameter = inspect.signature(pipeline.__call__).parameters.get("max_sequence_length")
    if parameter is not None and isinstance(parameter.default, int) and encoder.config.model_type != CLIP:
        limit = parameter.default
    return int(limit - tokenizer.num_special_tokens_to_add() - _chat_prefix(pipeline, tokenizer))


def _chat_prefix(pipeline: Any, tokenizer: Any) -> int:
    """Return how many tokens that count go before the prompt, where it is a turn of a chat."""
    if hasattr(pipeline, "prompt_template_encode"):  # Qwen-Image, which drops the first ones of its template
        prefix, dropped = pipeline.prompt_template_encode.partition("{}")[0], pipeline.prompt_template_encode_start_idx
    elif getattr(tokenizer, "chat_template", None):
        chat = tokenizer.apply_chat_template([{"role": "user", "content": "boat"}], tokenize=False)
        prefix, dropped = chat.partition("boat")[0], 0
    else:
        return 0
    return len(tokenizer(prefix, add_special_tokens=False)["input_ids"]) - int(dropped)
