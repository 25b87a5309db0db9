"""/imagine: a picture from a few words."""

from __future__ import annotations

from discord import app_commands

from bot.cogs.context import Interaction, Services
from bot.domain.jobs import SHAPES, Order
from bot.ui.translator import localised
from engine.api.messages import MAX_IMAGES, MAX_SEED


def add_imagine(tree: app_commands.CommandTree, services: Services) -> None:
    """Add the command; its texts come from the locale files, so this happens at start and not at import."""

    @tree.command(name="imagine", description=localised("command-imagine"))
    @app_commands.describe(
        **{name: localised(f"option-{name}") for name in ("prompt", "shape", "count", "seed", "exact")}
    )
    @app_commands.choices(
        shape=[app_commands.Choice(name=localised(f"shape-{shape}"), value=shape) for shape in SHAPES]
    )
    async def imagine(
        interaction: Interaction,
        prompt: str,
        shape: str = SHAPES[0],
        count: app_commands.Range[int, 1, MAX_IMAGES] = 1,
        seed: app_commands.Range[int, 0, MAX_SEED] | None = None,
        exact: bool = False,
    ) -> None:
        await services.order(interaction, Order(prompt, shape, count, seed, exact))
