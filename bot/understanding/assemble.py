"""What reaches the painter: the understood prompt within the style, what is left out, and the options as given."""

from __future__ import annotations

from bot.domain.jobs import Order
from bot.domain.prompt import PromptSpec
from bot.domain.styles import Styles


def assemble(styles: Styles, order: Order, spec: PromptSpec, *, edits: bool = False) -> tuple[str, str]:
    """Return the painter's prompt and negative prompt: of the model, of the order's option and of the style.

    A painter that `edits` a picture by instruction gets the change itself, as the model wrote it or else in the
    requester's words, never a description.
    """
    style = styles.get(order.style)
    negatives = (spec.negative, order.negative, style.negative if style else "")
    prompt = spec.instruction or order.words if edits else spec.prompt
    prompt = style.apply(prompt) if style else prompt
    return prompt, ", ".join(part for part in negatives if part)
