"""What reaches the painter: the understood prompt within the style, what is left out, and the options as given."""

from __future__ import annotations

from bot.domain.jobs import Order
from bot.domain.prompt import PromptSpec
from bot.domain.styles import Styles


def assemble(styles: Styles, order: Order, spec: PromptSpec) -> tuple[str, str]:
    """Return the painter's prompt and negative prompt: of the model, of the order's option and of the style."""
    style = styles.get(order.style)
    negatives = (spec.negative, order.negative, style.negative if style else "")
    prompt = style.apply(spec.prompt) if style else spec.prompt
    return prompt, ", ".join(part for part in negatives if part)
