"""/imagine: parses the options into an order for pictures."""

from __future__ import annotations

from functools import partial
from typing import Any

import discord
from discord import app_commands

from bot.cogs.autocomplete import Choices, favourite_choices, prompt_choices, style_choices, style_key
from bot.cogs.model_options import chosen_loras, chosen_model, lora_choices, model_choices
from bot.cogs.responses import Interaction
from bot.cogs.services import Services, Start
from bot.cogs.sources import sources
from bot.cogs.style_doubts import StyleDoubts
from bot.cogs.thing_doubts import ThingDoubts
from bot.domain.jobs import MAX_WORDS_CHARS, SHAPES, Kind, Order, check_words
from bot.domain.preferences import Preferences
from bot.domain.styles import Style
from bot.errors import MaskAlone, MaskWithMore, StrengthAlone
from bot.services.draw import Facts
from bot.services.parts import check_can_mask
from bot.services.versions import check_can_start
from bot.ui.attachments import Attachments
from bot.ui.command_translator import localised
from bot.understanding.lora_option import joined_loras
from bot.understanding.notation import read_notation
from engine.api.messages import MAX_IMAGES, MAX_SEED

OPTIONS = (
    "prompt", "image", "image2", "image3", "favourite", "mask", "strength", "style", "shape", "count", "negative",
    "seed", "steps", "guidance", "model", "lora", "exact", "private",
)  # fmt: skip
MAX_STEPS, MAX_GUIDANCE, MIN_STRENGTH, MAX_NEGATIVE, MAX_LORA_OPTION = 150, 30.0, 0.05, 1_000, 500


def add_imagine(tree: app_commands.CommandTree, services: Services, styles: StyleDoubts, things: ThingDoubts) -> None:
    """Add the command; its texts come from the locale files, so this happens at start and not at import."""

    @tree.command(name="imagine", description=localised("command-imagine"))
    @app_commands.describe(**{name: localised(f"option-{name}") for name in OPTIONS})
    @app_commands.choices(
        shape=[app_commands.Choice(name=localised(f"shape-{shape}"), value=shape) for shape in SHAPES]
    )
    async def imagine(
        interaction: Interaction,
        prompt: app_commands.Range[str, 1, MAX_WORDS_CHARS],
        image: discord.Attachment | None = None,
        image2: discord.Attachment | None = None,
        image3: discord.Attachment | None = None,
        favourite: str | None = None,
        mask: discord.Attachment | None = None,
        strength: app_commands.Range[float, MIN_STRENGTH, 1.0] | None = None,
        style: str | None = None,
        shape: str | None = None,
        count: app_commands.Range[int, 1, MAX_IMAGES] = 1,
        negative: app_commands.Range[str, 0, MAX_NEGATIVE] = "",
        seed: app_commands.Range[int, 0, MAX_SEED] | None = None,
        steps: app_commands.Range[int, 1, MAX_STEPS] | None = None,
        guidance: app_commands.Range[float, 0.0, MAX_GUIDANCE] | None = None,
        model: str | None = None,
        lora: app_commands.Range[str, 1, MAX_LORA_OPTION] | None = None,
        exact: bool = False,
        private: bool | None = None,
    ) -> None:
        pictures = await sources(services, interaction, (image, image2, image3), favourite)
        if mask is not None:
            _check_mask(services.catalog.facts, pictures.count)
        usual = await services.members.get(interaction.user.id)
        chosen = services.styles.get(style_key(services, style) if style else usual.style)
        read = read_notation(check_words(prompt), exact=exact)
        order = Order(
            words=check_words(read.words),
            shape=_shape(usual, chosen, shape or read.shape, bool(pictures.count)),
            count=count,
            seed=read.seed if seed is None else seed,
            exact=exact,
            kind=Kind.START if pictures.count else Kind.IMAGINE,
            style=chosen.key if chosen else "",
            negative=", ".join(part for part in (negative.strip(), read.negative) if part),
            steps=steps,
            guidance=guidance,
            model=await chosen_model(services, interaction, model),
            from_picture=bool(pictures.count),
            references=max(0, pictures.count - 1),
            masked=mask is not None,
            favourite=pictures.kept.id if pictures.kept else "",
            photos_of=pictures.authors,
            strength=strength,
            private=usual.private if private is None else private,
            ignored=read.ignored,
            loras=joined_loras(await chosen_loras(services, interaction, lora), read.loras),
        )
        if not pictures.count:
            if strength is not None:
                raise StrengthAlone
            await styles.order(interaction, order, chosen, is_usual=not style)
            return
        check_can_start(services.catalog.facts)
        await interaction.response.defer(ephemeral=True, thinking=True)
        if mask is not None:
            fetch = partial(pictures.fetch, lossless=True)
            start = partial(_masked, services.attachments, fetch, mask, image, interaction.user.id)
            await things.order(interaction, order, start=start)
            return
        await things.order(interaction, order, start=pictures.fetch)

    _add_completions(imagine, services)


def _add_completions(command: app_commands.Command[Any, ..., Any], services: Services) -> None:
    @command.autocomplete("prompt")
    async def complete_prompt(interaction: Interaction, typed: str) -> Choices:
        return await prompt_choices(services, interaction, typed)

    @command.autocomplete("favourite")
    async def complete_favourite(interaction: Interaction, typed: str) -> Choices:
        return await favourite_choices(services, interaction, typed)

    @command.autocomplete("style")
    async def complete_style(interaction: Interaction, typed: str) -> Choices:
        return style_choices(services, interaction, typed)

    @command.autocomplete("model")
    async def complete_model(interaction: Interaction, typed: str) -> Choices:
        return await model_choices(services, interaction, typed)

    @command.autocomplete("lora")
    async def complete_lora(interaction: Interaction, typed: str) -> Choices:
        return await lora_choices(services, interaction, typed)


async def _masked(
    attachments: Attachments, fetch: Start, mask: discord.Attachment, image: discord.Attachment | None, user_id: int
) -> tuple[bytes, ...]:
    """Return the picture, which may have come as `image`, and the mask for it."""
    (picture,) = await fetch()
    return picture, await attachments.mask(picture, mask, user_id, image)


def _check_mask(facts: Facts, pictures: int) -> None:
    """Raises MaskAlone, MaskWithMore or CannotMask."""
    if pictures != 1:
        raise MaskWithMore if pictures else MaskAlone
    check_can_mask(facts)


def _shape(usual: Preferences, style: Style | None, asked: str | None, from_picture: bool) -> str:
    """Return the shape that was asked for, else the usual one; a picture to start from brings its own."""
    if from_picture:
        return asked or ""
    return asked or usual.shape or (style.shape if style else "") or SHAPES[0]
