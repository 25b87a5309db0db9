"""The models of the safety checks: an image classifier, a text classifier, and a language model that writes a verdict.

Invariant: weights come from safetensors, and no code from the model's repository runs.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import torch
from PIL import Image

from engine.models.control_tokens import ControlTokens
from engine.models.placement import straight_to
from engine.models.safety_labels import classes

if TYPE_CHECKING:
    from engine.models.device import Device
    from engine.models.source import Source

VERDICT_TOKENS = 64
OVERLAP = 32
"""Tokens that two windows of a long text share, so that nothing is cut apart unseen."""
MOST_TOKENS = 512

_VERDICT = re.compile(r"Safety:\s*(Safe|Unsafe|Controversial)", re.IGNORECASE)
_UNSAFE = {"safe": 0.0, "controversial": 0.4, "unsafe": 1.0}


class PictureCheck:
    """An image classifier whose score is the probability of its labels that count."""

    def __init__(self, model: Any, processor: Any) -> None:
        self._model, self._processor = model, processor
        self._classes = classes(model.config)

    @classmethod
    def load(cls, source: Source, device: Device) -> PictureCheck:
        from transformers import AutoImageProcessor, AutoModelForImageClassification

        processor = AutoImageProcessor.from_pretrained(
            source.place, backend="pil", local_files_only=source.local, trust_remote_code=False
        )
        return cls(_load(AutoModelForImageClassification, source, device), processor)

    def score(self, image: Image.Image) -> float:
        pixels = self._processor(images=image.convert("RGB"), return_tensors="pt")["pixel_values"]
        with torch.no_grad():
            logits = self._model(pixel_values=pixels.to(self._model.device, self._model.dtype)).logits[0]
        return _probability_of(self._model.config, logits, self._classes)


class ClassifierGuard:
    """A text classifier; a text longer than it can read is read in windows, and the worst counts."""

    def __init__(self, model: Any, tokenizer: Any) -> None:
        self._model, self._tokenizer = model, tokenizer
        self._classes = classes(model.config)
        room = getattr(model.config, "max_position_embeddings", MOST_TOKENS) - 2  # RoBERTa's positions begin at 2
        self._control_tokens = ControlTokens(tokenizer)
        self._window = min(tokenizer.model_max_length, room, MOST_TOKENS)

    def score(self, text: str) -> float:
        windows = self._tokenizer(
            self._control_tokens.remove(text),
            truncation=True,
            max_length=self._window,
            stride=min(OVERLAP, self._window // 4),
            return_overflowing_tokens=True,
        )["input_ids"]
        return max(self._judged(ids) for ids in windows)

    def _judged(self, ids: list[int]) -> float:
        tokens = torch.tensor([ids], device=self._model.device)
        with torch.no_grad():
            logits = self._model(input_ids=tokens, attention_mask=torch.ones_like(tokens)).logits[0]
        return _probability_of(self._model.config, logits, self._classes)


class GenerativeGuard:
    """A language model such as Qwen3Guard-Gen, which answers `Safety: Safe`, `Controversial` or `Unsafe`."""

    def __init__(self, model: Any, tokenizer: Any) -> None:
        self._model, self._tokenizer = model, tokenizer
        self._control_tokens = ControlTokens(tokenizer)

    def score(self, text: str) -> float:
        """Raises ValueError where the answer holds no verdict."""
        asked = self._tokenizer.apply_chat_template(
            [{"role": "user", "content": self._control_tokens.remove(text)}],
            add_generation_prompt=True,
            return_dict=True,
            return_tensors="pt",
        )["input_ids"].to(self._model.device)
        with torch.no_grad():
            ids = self._model.generate(
                input_ids=asked,
                attention_mask=torch.ones_like(asked),
                max_new_tokens=VERDICT_TOKENS,
                do_sample=False,
            )
        answer = self._tokenizer.decode(ids[0, asked.shape[1] :], skip_special_tokens=True)
        verdict = _VERDICT.search(answer)
        if verdict is None:
            raise ValueError("its answer holds no verdict")
        return _UNSAFE[verdict[1].casefold()]


def load_guard(source: Source, device: Device) -> GenerativeGuard | ClassifierGuard:
    """Load a guard of whichever kind the model's configuration says."""
    from transformers import (
        AutoConfig,
        AutoModelForCausalLM,
        AutoModelForSequenceClassification,
        AutoTokenizer,
    )

    fixed = {"local_files_only": source.local, "trust_remote_code": False}
    config = AutoConfig.from_pretrained(source.place, **fixed)
    tokenizer = AutoTokenizer.from_pretrained(source.place, **fixed)
    if any(name.endswith("ForCausalLM") for name in config.architectures or []):
        return GenerativeGuard(_load(AutoModelForCausalLM, source, device), tokenizer)
    return ClassifierGuard(_load(AutoModelForSequenceClassification, source, device), tokenizer)


def _load(kind: Any, source: Source, device: Device) -> Any:
    model = kind.from_pretrained(
        source.place,
        dtype=device.dtype,
        use_safetensors=True,
        local_files_only=source.local,
        trust_remote_code=False,
        **straight_to(device),
    )
    return model.to(device.name).eval()


def _probability_of(config: Any, logits: torch.Tensor, counted: list[int]) -> float:
    """Return the probability of the labels that count: of one of several that exclude each other, or of the likeliest.

    Rounding can lift a sum of probabilities a little over 1.
    """
    if config.problem_type == "multi_label_classification":
        return float(logits.float().sigmoid()[counted].max())
    return min(1.0, float(logits.float().softmax(-1)[counted].sum()))
