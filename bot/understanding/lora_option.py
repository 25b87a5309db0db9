"""The option `lora:` of a command: names of LoRAs with weights, as the prompt's `<lora:NAME:WEIGHT>` names them."""

from __future__ import annotations

import re

from bot.understanding.notation import lora_weight
from engine.api.messages import MAX_LORA_CHARS, MAX_LORAS

DEFAULT_WEIGHT = "1"
_SIGNS = str.maketrans("，、：．", ",,:.")
"""What a Chinese or Japanese keyboard writes for the signs between names and weights."""
_DECIMAL_COMMA = re.compile(r"(?<=:)(\s*-?\d?),(\d+)(?=\s*(?:,|$))")
"""0,8 as many languages write it; a LoRA whose name is a number cannot follow a weight without a space."""


class LoraInvalid(Exception):
    """What was `typed` for a LoRA is no name with a weight that the engine takes, or one too many."""

    def __init__(self, typed: str) -> None:
        super().__init__(typed)
        self.typed = typed


def narrow_signs(typed: str) -> str:
    """Return what was typed with the signs between names and weights as they are read."""
    return typed.translate(_SIGNS)


def read_loras(typed: str) -> tuple[str, ...]:
    """Return the LoRAs of an option, each as NAME:WEIGHT, the last weight of a name. Raises LoraInvalid."""
    loras = dict[str, str]()
    for part in _DECIMAL_COMMA.sub(r"\1.\2", narrow_signs(typed)).split(","):
        name, colon, written = part.strip().rpartition(":")
        name = name.strip() if colon else part.strip()
        weight = lora_weight(written.strip() if colon else DEFAULT_WEIGHT)
        if not name or ":" in name or len(name) > MAX_LORA_CHARS or weight is None or weight != weight:
            raise LoraInvalid(part.strip())
        loras[name.casefold()] = f"{name}:{weight:g}"
    if len(loras) > MAX_LORAS:
        raise LoraInvalid(typed)
    return tuple(loras.values())


def joined_loras(chosen: tuple[str, ...], written: tuple[str, ...]) -> tuple[str, ...]:
    """Return those of an option and those of the prompt's notation; the option's weight counts. Raises LoraInvalid."""
    loras = {lora.rpartition(":")[0].casefold(): lora for lora in (*written, *chosen)}
    if len(loras) > MAX_LORAS:
        raise LoraInvalid(", ".join(loras.values()))
    return tuple(loras.values())
