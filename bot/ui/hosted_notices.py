"""Notices about hosted models: that the words leave the host, and which options the model ignores.

Invariant: nothing is said of what was not asked for.
"""

from __future__ import annotations

from collections.abc import Collection

from bot.domain.jobs import Kind, Order
from bot.ui.i18n import text
from engine.api.messages import Lack

ASKED: dict[Lack, str] = {
    "seed": "lacks-seed",
    "negative": "lacks-negative",
    "steps": "lacks-steps",
    "guidance": "lacks-guidance",
    "strength": "lacks-strength",
}


def notices(locale: str, order: Order, lacks: Collection[Lack], where: str = "", *, picture: bool = False) -> list[str]:
    """Return a sentence each. `where` names the servers that the words, and if so the `picture`, are sent to."""
    asked: dict[Lack, bool] = {
        "seed": order.seed is not None and order.kind in (Kind.IMAGINE, Kind.START),
        "negative": bool(order.negative),
        "steps": order.steps is not None,
        "guidance": order.guidance is not None,
        "strength": order.strength is not None and order.kind in (Kind.START, Kind.VARY),
    }
    sent = [text(locale, "hosted-told-picture" if picture else "hosted-told", where=where)] if where else []
    return sent + [text(locale, key) for lack, key in ASKED.items() if lack in lacks and asked[lack]]
