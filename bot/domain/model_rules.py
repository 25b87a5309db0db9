"""Which roles of a server may paint with a model or a LoRA.

Invariant: what no rule names is everyone's; a denied role goes before an allowed one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import Enum


class ModelKind(Enum):
    MODEL = "model"
    LORA = "lora"


class RoleRule(Enum):
    ALLOWED = "allowed"
    DENIED = "denied"


@dataclass(frozen=True, slots=True)
class ModelRef:
    """A model or a LoRA by its name, of which case does not count."""

    kind: ModelKind
    name: str

    @property
    def key(self) -> tuple[str, str]:
        return self.kind.value, self.name.casefold()


@dataclass(frozen=True, slots=True)
class ModelClosed:
    """The asker may not paint with this model or LoRA; `open_to` are the roles that may, if any are listed."""

    ref: ModelRef
    open_to: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class RoleRules:
    """Who may use one model or LoRA: nobody with a denied role and, once any role is allowed, only the allowed."""

    rules: Mapping[int, RoleRule]

    def having(self, rule: RoleRule) -> tuple[int, ...]:
        return tuple(sorted(role for role, found in self.rules.items() if found is rule))

    def bar(self, roles: Collection[int]) -> bool:
        """Whether someone with these roles may not use it."""
        found = {self.rules.get(role) for role in roles}
        return RoleRule.DENIED in found or (bool(self.having(RoleRule.ALLOWED)) and RoleRule.ALLOWED not in found)

    def changed(self, role: int, rule: RoleRule) -> RoleRule | None:
        """Return the role's rule after a change: to allow what was denied lifts that, and lists nothing."""
        lifted = rule is RoleRule.ALLOWED and self.rules.get(role) is RoleRule.DENIED
        return None if lifted and not self.having(RoleRule.ALLOWED) else rule
