"""`limner init`: asks five questions and writes .env.

Invariant: nothing is written before the last answer, nothing is replaced unasked, and no secret is printed.
"""

from __future__ import annotations

import asyncio
import base64
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from dotenv import dotenv_values

from bot import settings as configuration
from bot.cli.complaints import complain, complain_of
from bot.cli.host_painter import is_for_hosts, offered, this_machine
from bot.cli.terminal_prompts import Asker
from bot.domain.model_offers import Gpu, Machine, Offer, offers
from bot.domain.quota import parse_limits, written
from bot.host.env_file_editor import changed, write_private
from bot.host.gpu import this_gpu
from bot.host.model_store import AUTO, BUNDLED, ModelsFailed, look_up
from bot.host.permissions import invite_link
from bot.host.token_format import application_of, is_token
from bot.operator_errors import CannotStart, OperatorError
from bot.settings import USUAL_LIMITS
from bot.ui.i18n import text
from bot.ui.model_offers import described, how_it_fits
from engine.api.env_settings import parse_whole
from engine.api.model_catalog import OWN_READERS, PAINTERS, entry_of
from engine.api.model_store import Kind, is_hub_name

ENV = Path(".env")
CHOICES = ("en-US", "zh-CN")
OFFERED = sorted((entry for entry in PAINTERS if entry.is_free), key=lambda entry: entry.memory_bytes)
"""The painters that are shown with a number, from 2 on; 1 is the starter pair."""
READER = "Qwen/Qwen3-1.7B"
"""The language model beside a painter that has none of its own."""
HUB_S = 15.0
KEY_BYTES = 32
SEALED = "sealed"
LONGEST_DAYS = 36_500


def init() -> int:
    """Ask, and write .env. Returns the exit code."""
    asker = Asker(_usual_locale())
    try:
        _init(asker)
    except CannotStart as error:
        return complain_of(error, asker.locale)
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or str(error)
        return complain(1, text(asker.locale, "init-unwritable", file=str(ENV), why=why))
    except KeyboardInterrupt:
        print()
        return 130
    return 0


def _init(asker: Asker) -> None:
    old = ENV.read_text("utf-8") if ENV.exists() else ""
    before = {name: value or "" for name, value in dotenv_values(ENV).items()} if old else {}
    asker.say("init-hello")
    values = _ask(asker, before)
    asker.locale = values["LIMNER_LOCALE"]
    if old and not asker.agree("init-replace", file=str(ENV)):
        asker.say("init-unchanged", file=str(ENV))
        return
    write_private(ENV, changed(old, values))
    asker.say("init-done", file=str(ENV))
    if values["LIMNER_DATA_KEY"] and not before.get("LIMNER_DATA_KEY"):
        asker.say("init-data-key", file=str(ENV))
    if values["DISCORD_TOKEN"]:
        application = application_of(values["DISCORD_TOKEN"])
        asker.say("init-invite", link=invite_link(application or 0))
    asker.say("init-next")


def _ask(asker: Asker, before: Mapping[str, str]) -> dict[str, str]:
    """Ask the five questions; what is set already is their default. Raises CannotStart at the end of input."""
    token = asker.ask("init-token", before.get("DISCORD_TOKEN", ""), _token, hidden=True)
    painter, planner = before.get("LIMNER_MODEL", ""), before.get("LIMNER_PLANNER", "")
    painter, planner = _ask_models(asker, painter, planner, hosted=bool(before.get("ENGINE_URL")))
    limits = asker.ask("init-limits", before.get("LIMNER_LIMIT") or written(USUAL_LIMITS), _limits)
    locale = asker.ask("init-locale", before.get("LIMNER_LOCALE") or asker.locale, _locale)
    key, days = before.get("LIMNER_DATA_KEY", ""), before.get("LIMNER_RETENTION_DAYS") or "0"
    days, _, sealed = asker.ask("init-data", f"{days} {SEALED}" if key else days, _data).partition(" ")
    if sealed and not key:
        key = base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()
    return {
        "DISCORD_TOKEN": token,
        "LIMNER_MODEL": painter,
        "LIMNER_PLANNER": planner,
        # The usual limits stay unset, since the sandbox has none unless one is set.
        "LIMNER_LIMIT": "" if not before.get("LIMNER_LIMIT") and limits == written(USUAL_LIMITS) else limits,
        "LIMNER_LOCALE": locale,
        "LIMNER_RETENTION_DAYS": days,
        "LIMNER_DATA_KEY": key,
    }


def _ask_models(asker: Asker, painter: str, planner: str, *, hosted: bool) -> tuple[str, str]:
    """Return LIMNER_MODEL and LIMNER_PLANNER; models of a service (ENGINE_URL) have names of their own."""
    if hosted:
        return asker.ask("init-model-hosted", painter, str), planner
    gpu = this_gpu()
    home = configuration.load_with_mistakes()[0].home
    for number, offer in enumerate(sorted_offers(gpu, this_machine(home)), start=2):
        fits = how_it_fits(asker.locale, offer, has_gpu=gpu is not None)
        asker.say("init-offer", number=number, model=described(asker.locale, offer), fits=fits)
    chosen = asker.ask("init-model", painter or "1", lambda answer: read_painter(asker, answer))
    entry = entry_of(chosen)
    if chosen != painter and entry is not None and is_for_hosts(entry, gpu):
        asker.say("models-measuring")
        if not asker.agree("init-take", offer=asyncio.run(offered(asker.locale, entry, home))):
            return painter, planner
        return chosen, entry.reader
    if chosen == painter:
        return painter, planner
    if chosen in ("", AUTO):
        return chosen, chosen
    if chosen in BUNDLED:
        return chosen, ""
    return chosen, AUTO if chosen in OWN_READERS else planner or READER


def sorted_offers(gpu: Gpu | None, machine: Machine | None = None) -> list[Offer]:
    """Return what is offered, the smallest first."""
    rows = {offer.entry.name: offer for offer in offers(gpu, machine=machine)}
    return [rows[entry.name] for entry in OFFERED]


def read_painter(asker: Asker, answer: str) -> str:
    """Return what LIMNER_MODEL is to be. Raises OperatorError for what is no painter."""
    if answer == "1":
        return ""
    if answer.isdigit() and 2 <= int(answer) < 2 + len(OFFERED):
        return OFFERED[int(answer) - 2].name
    if answer.lower() == AUTO:
        return AUTO
    if answer in BUNDLED:
        return answer
    path = Path(answer).expanduser()
    if answer.startswith(("/", "./", "../", "~")) or path.exists():
        if not (path / "model_index.json").is_file():
            raise OperatorError("init-model-folder", value=answer)
        return answer
    if not is_hub_name(answer):
        raise OperatorError("init-model-none", value=answer, most=len(OFFERED) + 1)
    if _kind(asker, answer) != "painter":
        raise OperatorError("init-model-reads", value=answer)
    return answer


def _kind(asker: Asker, name: str) -> Kind:
    """Return what a hub name is; where the hub cannot be asked now, it is taken for a painter, and that is said."""
    if entry := entry_of(name):
        return "painter" if entry.paints else "model"
    try:
        return asyncio.run(asyncio.wait_for(look_up(name), HUB_S)).kind
    except (ModelsFailed, TimeoutError) as error:
        if isinstance(error, ModelsFailed) and error.key not in ("models-unreachable", "start-engine-not-installed"):
            raise
        asker.say("init-model-unasked", name=name)
        return "painter"


def _token(answer: str) -> str:
    if answer and not is_token(answer):
        raise OperatorError("doctor-token-malformed", length=len(answer))
    return answer


def _limits(answer: str) -> str:
    try:
        parse_limits(answer)
    except ValueError as error:
        raise OperatorError("settings-limit", name="LIMNER_LIMIT", value=answer) from error
    return answer


def _locale(answer: str) -> str:
    if answer not in CHOICES:
        raise OperatorError("settings-choice", name="LIMNER_LOCALE", value=answer, choices=", ".join(CHOICES))
    return answer


def _data(answer: str) -> str:
    days, _, rest = answer.partition(" ")
    try:
        kept = parse_whole(days, 0, LONGEST_DAYS)
    except ValueError:
        kept = None
    if kept is None or rest.strip() not in ("", SEALED):
        raise OperatorError("init-data-wrong", value=answer, most=LONGEST_DAYS)
    return f"{kept} {rest.strip()}".strip()


def _usual_locale() -> str:
    """Return the language of the terminal."""
    spoken = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return CHOICES[1] if spoken.startswith("zh") else CHOICES[0]
