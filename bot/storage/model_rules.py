"""The table of who may paint with which model and LoRA; its functions run inside the transactions of others."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from bot.domain.jobs import Kind, Order, Place
from bot.domain.model_rules import ModelClosed, ModelKind, ModelRef, RoleRule, RoleRules

Standing = dict[ModelRef, RoleRules]


def standing(connection: sqlite3.Connection, guild_id: int) -> Standing:
    """Return the rules of a server, by kind and name."""
    rows = connection.execute(
        "SELECT kind, name, shown, role_id, rule FROM model_rules WHERE guild_id = ? ORDER BY kind DESC, name",
        (guild_id,),
    )
    found: dict[tuple[str, str], tuple[str, dict[int, RoleRule]]] = {}
    for kind, name, shown, role_id, rule in rows:
        found.setdefault((kind, name), (shown, {}))[1][role_id] = RoleRule(rule)
    return {ModelRef(ModelKind(kind), shown): RoleRules(rules) for (kind, _), (shown, rules) in found.items()}


def barred(connection: sqlite3.Connection, place: Place, order: Order, model: str) -> ModelClosed | None:
    """Return why the asker may not have this order painted there by this model.

    While it is not known which model paints, a rule on any of them counts. What was picked of a set is painted already.
    """
    if place.guild_id is None or order.kind is Kind.PICK:
        return None
    return closed_to(standing(connection, place.guild_id), place, refs_of(order, model), any_model=not model)


def refs_of(order: Order, model: str) -> list[ModelRef]:
    """Return what an order is painted with."""
    loras = [ModelRef(ModelKind.LORA, lora.rpartition(":")[0]) for lora in order.loras]
    return [ModelRef(ModelKind.MODEL, model), *loras] if model else loras


def closed_to(
    rules: Standing, place: Place, refs: Sequence[ModelRef], *, any_model: bool = False
) -> ModelClosed | None:
    """Return the first of these, or with `any_model` of the models that have rules, which the asker may not use."""
    roles, asked = {*place.roles, place.guild_id or 0}, {ref.key for ref in refs}
    for ref, held in rules.items():
        is_meant = ref.key in asked or (any_model and ref.kind is ModelKind.MODEL)
        if is_meant and held.bar(roles):
            return ModelClosed(ref, held.having(RoleRule.ALLOWED))
    return None


def change(connection: sqlite3.Connection, guild_id: int, ref: ModelRef, role_id: int, rule: RoleRule | None) -> None:
    """Set one role's rule, or take it away."""
    kind, name = ref.key
    connection.execute(
        "DELETE FROM model_rules WHERE guild_id = ? AND kind = ? AND name = ? AND role_id = ?",
        (guild_id, kind, name, role_id),
    )
    if rule is not None:
        connection.execute(
            "INSERT INTO model_rules (guild_id, kind, name, role_id, rule, shown) VALUES (?, ?, ?, ?, ?, ?)",
            (guild_id, kind, name, role_id, rule.value, ref.name),
        )
