"""`limner init`: asks five questions and writes .env.

Invariant: nothing is written before the last answer, nothing is replaced unasked, and no secret is printed.
"""

from __future__ import annotations

import base64
import os
import secrets
import sys
from collections.abc import Mapping
from pathlib import Path

from dotenv import dotenv_values

from bot.cli.terminal_prompts import Asker
from bot.domain.quota import parse_limits, written
from bot.host.env_file_editor import changed, write_private
from bot.host.permissions import invite_link
from bot.host.token_format import application_of, is_token
from bot.operator_errors import CannotStart, OperatorError
from bot.settings import USUAL_LIMITS
from bot.ui.i18n import text
from engine.api.env_settings import parse_whole

ENV = Path(".env")
CHOICES = ("en-US", "zh-CN")
PRESETS = {
    "1": ("", ""),
    "2": ("stabilityai/stable-diffusion-xl-base-1.0", "Qwen/Qwen3-1.7B"),
    "3": ("black-forest-labs/FLUX.2-klein-4B", "Qwen/Qwen3-1.7B"),
}
"""LIMNER_MODEL and LIMNER_PLANNER by the number that is shown."""
KEY_BYTES = 32
SEALED = "sealed"
LONGEST_DAYS = 36_500


def init() -> int:
    """Ask, and write .env. Returns the exit code."""
    asker = Asker(_usual_locale())
    try:
        _init(asker)
    except CannotStart as error:
        print(text(asker.locale, error.key, **error.facts), file=sys.stderr)
        return 1
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or str(error)
        print(text(asker.locale, "init-unwritable", file=str(ENV), why=why), file=sys.stderr)
        return 1
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
    chosen = asker.ask("init-model", painter or "1", str)
    painter, planner = PRESETS.get(chosen, (chosen, planner))
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
