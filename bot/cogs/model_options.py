"""The options `model:` and `lora:`: what is offered while someone types, and what the text then means.

Invariant: to a member only what they may use is offered; that it counts is for the order's admission alone.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import suppress

from discord import app_commands

from bot.cogs.requester import place
from bot.cogs.responses import Interaction
from bot.cogs.services import Services
from bot.domain.model_rules import ModelKind, ModelRef
from bot.services.catalog import DEFAULT, LoraUnknown, ModelUnknown
from bot.services.ports.storage import StoreUnavailable
from bot.understanding.lora_option import narrow_signs, read_loras
from engine.api.messages import LoraFacts

CHOICE_CHARS, MAX_CHOICES = 100, 25
Choices = list[app_commands.Choice[str]]


async def model_choices(services: Services, interaction: Interaction, typed: str) -> Choices:
    """Return the painters that hold the typed text and that the member may use."""
    may = await _allowed(services, interaction)
    names = [name for name in services.catalog.models(typed) if may(ModelRef(ModelKind.MODEL, name))]
    return [app_commands.Choice(name=name, value=name) for name in names if len(name) <= CHOICE_CHARS]


async def lora_choices(services: Services, interaction: Interaction, typed: str) -> Choices:
    """Return the painter's LoRAs, with their trigger words, that hold what follows the last comma.

    What stands before it stays, so that several can be chosen, one after the other; so does a weight.
    """
    may = await _allowed(services, interaction)
    before, comma, last = narrow_signs(typed).rpartition(",")
    part, colon, weight = last.strip().partition(":")
    start = f"{before}, " if comma else ""
    named = {each.partition(":")[0].strip().casefold() for each in before.split(",")}
    offered = []
    for lora in services.catalog.facts.loras.values():
        value = f"{start}{lora.name}{colon}{weight}"
        is_meant = part.strip().casefold() in lora.name.casefold() and lora.name.casefold() not in named
        if is_meant and len(value) <= CHOICE_CHARS and may(ModelRef(ModelKind.LORA, lora.name)):
            offered.append(
                app_commands.Choice(name=f"{start}{_shown(lora, colon + weight)}"[:CHOICE_CHARS], value=value)
            )
    return offered[:MAX_CHOICES]


async def chosen_model(services: Services, interaction: Interaction, typed: str | None) -> str:
    """Return the model's name as the host spells it, empty for the loaded one.

    Raises ModelUnknown, once the engine has told what it has.
    """
    named, catalog = (typed or "").strip(), services.catalog
    if named.casefold() in ("", DEFAULT):
        return ""
    known = catalog.models()
    if named in known or not catalog.loaded:
        return named
    if name := next((name for name in known if name.casefold() == named.casefold()), ""):
        return name
    may = await _allowed(services, interaction)
    raise ModelUnknown(named, [name for name in known if may(ModelRef(ModelKind.MODEL, name))] or known)


async def chosen_loras(services: Services, interaction: Interaction, typed: str | None) -> tuple[str, ...]:
    """Return the LoRAs of the option, each as NAME:WEIGHT. Raises LoraInvalid, LoraUnknown."""
    if not typed or not typed.strip():
        return ()
    catalog, facts = services.catalog, services.catalog.facts
    if typed.strip().casefold() in facts.loras:  # a name may hold what else would be a comma or a weight
        return (f"{facts.loras[typed.strip().casefold()].name}:1",)
    loras = read_loras(typed)
    names = [lora.rpartition(":")[0] for lora in loras]
    if catalog.loaded and (unknown := [name for name in names if name.casefold() not in facts.loras]):
        may = await _allowed(services, interaction)
        raise LoraUnknown(
            unknown, [lora.name for lora in facts.loras.values() if may(ModelRef(ModelKind.LORA, lora.name))]
        )
    return loras


def named_models(
    services: Services, ruled: Collection[ModelRef], model: str | None, lora: str | None
) -> list[ModelRef]:
    """Return what a moderator's rule is for: what is named, else the model that paints.

    What has rules already, `ruled`, may be named when it is gone. Raises ModelUnknown, LoraUnknown.
    """
    catalog = services.catalog
    loras = [known.name for known in catalog.facts.loras.values()]
    refs = []
    if lora is not None:
        name = _known(lora, loras, ruled, ModelKind.LORA)
        if name is None:
            raise LoraUnknown([lora], loras)
        refs.append(ModelRef(ModelKind.LORA, name))
    if model is not None or not refs:
        painters = catalog.models() if catalog.loaded else []
        typed = catalog.facts.model if model is None else model
        name = _known(typed, painters, ruled, ModelKind.MODEL)
        if name is None:
            raise ModelUnknown(typed, painters)
        refs.append(ModelRef(ModelKind.MODEL, name))
    return refs


def _known(typed: str, names: Sequence[str], ruled: Collection[ModelRef], kind: ModelKind) -> str | None:
    """Return a name as it is spelled, of those that there are and those that have rules."""
    known = [*names, *(ref.name for ref in ruled if ref.kind is kind)]
    return next((name for name in known if name.casefold() == typed.strip().casefold()), None)


def _shown(lora: LoraFacts, weight: str) -> str:
    triggers = ", ".join(lora.triggers)
    return f"{lora.name}{weight} ({triggers})" if triggers else f"{lora.name}{weight}"


async def _allowed(services: Services, interaction: Interaction) -> Callable[[ModelRef], bool]:
    """Return what tells whether the member may use something; where the database does not answer, they may nothing."""
    with suppress(StoreUnavailable):
        closed = await services.moderation.closed_models(place(interaction))
        return lambda ref: ref.key not in closed
    return lambda ref: False
