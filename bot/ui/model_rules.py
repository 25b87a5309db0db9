"""The answers of /moderation models: which roles may paint with which models and LoRAs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.domain.model_rules import ModelRef, RoleRule, RoleRules
from bot.ui.i18n import text
from bot.ui.markdown_escape import plain
from bot.ui.paging import CONTENT_CHARS, joined

ROLES_SHOWN, NAME_CHARS = 20, 100


def models_text(locale: str, rules: Mapping[ModelRef, RoleRules], guild_id: int) -> str:
    """Return a line for each model and LoRA, as many as a message holds."""
    lines = [_line(locale, ref, held, guild_id) for ref, held in rules.items()]
    return joined(lines or [text(locale, "models-all")], CONTENT_CHARS)


def _line(locale: str, ref: ModelRef, held: RoleRules, guild_id: int) -> str:
    allowed, denied = held.having(RoleRule.ALLOWED), held.having(RoleRule.DENIED)
    keys = {(True, True): "models-only-but", (True, False): "models-only", (False, True): "models-but"}
    key = "models-nobody" if guild_id in denied else keys.get((bool(allowed), bool(denied)), "models-free")
    what = text(locale, f"models-kind-{ref.kind.value}", name=plain(ref.name, NAME_CHARS))
    everyone = text(locale, "limits-everyone")
    return text(
        locale,
        key,
        what=what,
        roles=roles_named(allowed, ROLES_SHOWN, guild_id, everyone),
        denied=roles_named(denied, ROLES_SHOWN, guild_id, everyone),
    )


def roles_named(roles: Sequence[int], most: int, guild_id: int = 0, everyone: str = "@everyone") -> str:
    """Return roles as mentions, which ping nobody; the server's own id is everyone's."""
    shown = [everyone if role == guild_id else f"<@&{role}>" for role in roles[:most]]
    return ", ".join(shown) + (" …" if len(roles) > most else "")
