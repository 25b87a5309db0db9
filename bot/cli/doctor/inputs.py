"""What several checks need, asked once: the settings, the GPU, Discord's answers, the engine's list of models."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any

import msgspec

from bot.cli.doctor.probes import Answer, Probes
from bot.domain.model_offers import Gpu
from bot.host.engine_process import SECRETS
from bot.host.engines import not_for_the_engine
from bot.host.gpu import chosen_gpus, read_gpus
from bot.host.token_format import is_token
from bot.operator_errors import CannotStart
from bot.settings import Settings
from engine.api.model_inventory import ModelInventory

USER_AGENT = "DiscordBot (https://github.com/Rapptz/discord.py, 2.7.1)"
"""Discord turns away what does not name itself so; this is how the bot does."""
GUILDS_A_PAGE, PAGES = 200, 13
"""A bot that is in more servers needs shards, which Limner has not."""


@dataclass(frozen=True, slots=True)
class Discord:
    """Discord's answers to a bot with this token: `status` of the first, 0 where there was none; JSON of all."""

    status: int = 0
    why: str = ""
    date: float | None = None
    me: dict[str, Any] = field(default_factory=dict)
    application: dict[str, Any] = field(default_factory=dict)
    guilds: list[dict[str, Any]] | None = None


@dataclass(frozen=True, slots=True)
class Inputs:
    """`examination` is None where the engine is not ours to look at, or cannot be looked at.

    `gpus` are those that get an engine each, by their numbers, or the first alone; `refused` says why LIMNER_GPUS
    names none of this machine's.
    """

    settings: Settings
    probes: Probes
    examination: ModelInventory | None
    gpus: tuple[tuple[str, Gpu], ...]
    discord: Discord
    refused: CannotStart | None = None

    @property
    def owns_engine(self) -> bool:
        return not self.settings.engines

    @property
    def gpu(self) -> Gpu | None:
        """The first, which stands for the machine."""
        return self.gpus[0][1] if self.gpus else None

    @property
    def painted_bytes(self) -> int:
        """A picture's size without packing, 0 where that is not known."""
        painter = self.examination.models.get("LIMNER_MODEL") if self.examination else None
        return painter.side**2 * 3 if painter else 0


async def gather_inputs(settings: Settings, probes: Probes) -> Inputs:
    """Ask what several checks need, all at the same time."""
    own = not settings.engines
    examination, (gpus, refused), discord = await asyncio.gather(
        asyncio.to_thread(_examine, settings, probes) if own else _none(),
        asyncio.to_thread(_gpus, settings, probes),
        _discord(settings.discord_token, probes),
    )
    return Inputs(settings, probes, examination, gpus, discord, refused)


def _gpus(settings: Settings, probes: Probes) -> tuple[tuple[tuple[str, Gpu], ...], CannotStart | None]:
    """Return the GPUs that Limner uses with their numbers, and why LIMNER_GPUS names none here."""
    there = {str(number): gpu for number, gpu in enumerate(read_gpus(probes.output))}
    first = tuple(there.items())[:1]
    if settings.gpus is None:
        return first, None
    try:
        chosen = chosen_gpus(settings.gpus, probes.output)
    except CannotStart as error:
        return first, error
    return tuple((number, there[device]) for number, device in chosen if device in there) or first, None


async def _none() -> None:
    return None


def _examine(settings: Settings, probes: Probes) -> ModelInventory | None:
    blank = (*SECRETS, *not_for_the_engine(settings))
    output = probes.output(sys.executable, "-m", "engine.model_inventory", blank=blank)
    try:
        return msgspec.json.decode(output, type=ModelInventory) if output else None
    except msgspec.MsgspecError:
        return None


async def _discord(token: str, probes: Probes) -> Discord:
    if not is_token(token):
        return Discord()
    from discord.http import Route  # it takes a while to import, and is not needed without a token

    headers = {"Authorization": f"Bot {token}", "User-Agent": USER_AGENT}
    try:
        me, application, guilds = await asyncio.gather(
            probes.get(f"{Route.BASE}/users/@me", headers),
            probes.get(f"{Route.BASE}/applications/@me", headers),
            _guilds(f"{Route.BASE}/users/@me/guilds?limit={GUILDS_A_PAGE}", headers, probes),
        )
    except (OSError, ValueError) as error:
        return Discord(why=str(error))
    return Discord(
        me.status,
        date=_seconds(me.date),
        me=_object(_json(me)),
        application=_object(_json(application)),
        guilds=guilds,
    )


async def _guilds(url: str, headers: dict[str, str], probes: Probes) -> list[dict[str, Any]] | None:
    """Return all servers, by the page; None where Discord does not tell them."""
    found: list[dict[str, Any]] = []
    after = ""
    for _ in range(PAGES):
        page = _json(await probes.get(url + after, headers))
        if not isinstance(page, list):
            return None
        found += map(_object, page)
        if len(page) < GUILDS_A_PAGE:
            break
        after = f"&after={found[-1].get('id', '')}"
    return found


def _json(answer: Answer) -> object:
    try:
        return msgspec.json.decode(answer.body) if answer.status == 200 else None
    except msgspec.MsgspecError:
        return None


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _seconds(date: str) -> float | None:
    try:
        return parsedate_to_datetime(date).timestamp()
    except ValueError:
        return None
