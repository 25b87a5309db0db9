"""The forms (modals) of Refine, of Edit region, of "Start from this picture", and of a moderator's Delete."""

from __future__ import annotations

import re
from typing import Any, cast

import discord

from bot.domain.jobs import MAX_WORDS_CHARS, Job
from bot.services.moderation import REASON_CHARS
from bot.ui.i18n import text

WORDS, PROMPT, REASON = "words", "prompt", "reason"
REFINE_FORM = re.compile(r"limner:refine-form:([0-9a-f]{32})(?::([0-9]))?")
START_FORM = re.compile(r"limner:start-form:([0-9]{1,20})")
REGION_FORM = re.compile(r"limner:region-form:([0-9a-f]{32}):([0-9]{1,3})")
DELETE_FORM = re.compile(r"limner:delete-form:([0-9a-f]{32})(?::([0-9]))?")
MAX_FIELD_CHARS = 4_000


def refine_form(locale: str, job: Job, index: int | None = None) -> discord.ui.Modal:
    """Ask what to change, with the present prompt shown and editable; of a set, for the picture at `index`."""
    prompt = job.spec.prompt if job.spec else job.order.words
    which = "" if index is None else f":{index}"
    form = discord.ui.Modal(title=text(locale, "refine-title"), custom_id=f"limner:refine-form:{job.id}{which}")
    form.add_item(_field(WORDS, text(locale, "refine-words"), text(locale, "refine-example")))
    form.add_item(_field(PROMPT, text(locale, "refine-prompt"), value=prompt[:MAX_FIELD_CHARS]))
    return form


def region_form(locale: str, job_id: str, chosen: int) -> discord.ui.Modal:
    """Ask what is to be painted in the cells of a picture that are chosen."""
    form = discord.ui.Modal(title=text(locale, "region-title"), custom_id=f"limner:region-form:{job_id}:{chosen}")
    form.add_item(_field(WORDS, text(locale, "region-what"), text(locale, "region-example"), required=True))
    return form


def start_form(locale: str, source_id: int) -> discord.ui.Modal:
    """Ask what to make of the picture that the context menu was opened on."""
    form = discord.ui.Modal(title=text(locale, "start-title"), custom_id=f"limner:start-form:{source_id}")
    form.add_item(_field(WORDS, text(locale, "start-words"), text(locale, "start-example"), required=True))
    return form


def delete_form(locale: str, job: Job, index: int | None = None) -> discord.ui.Modal:
    """Ask a moderator why someone's picture goes, of a set the one at `index`; the answer may be left empty."""
    which = "" if index is None else f":{index}"
    form = discord.ui.Modal(title=text(locale, "delete-title"), custom_id=f"limner:delete-form:{job.id}{which}")
    why = _field(REASON, text(locale, "delete-reason"), text(locale, "delete-example"))
    why.max_length = REASON_CHARS
    form.add_item(why)
    return form


def form_id(interaction: discord.Interaction[Any]) -> str:
    """Return the id of a submitted form."""
    data: dict[str, Any] = cast("dict[str, Any]", interaction.data or {})
    return str(data.get("custom_id"))


def answers(interaction: discord.Interaction[Any]) -> dict[str, str]:
    """Return what was written into a submitted form, by the fields' ids."""
    found: dict[str, str] = {}
    data: dict[str, Any] = cast("dict[str, Any]", interaction.data or {})
    for row in _parts(data.get("components")):
        for field in (*_parts(row.get("components")), *_parts([row.get("component")])):
            found[str(field.get("custom_id"))] = str(field.get("value") or "")
    return found


def _parts(found: Any) -> list[dict[str, Any]]:
    """Return the components of a list; what is none is left out."""
    return [part for part in found if isinstance(part, dict)] if isinstance(found, list) else []


def _field(
    name: str, label: str, example: str = "", *, value: str | None = None, required: bool = False
) -> discord.ui.TextInput[discord.ui.Modal]:
    return discord.ui.TextInput(
        label=label,
        custom_id=name,
        style=discord.TextStyle.paragraph,
        placeholder=example or None,
        default=value,
        required=required,
        max_length=MAX_FIELD_CHARS if value is not None else MAX_WORDS_CHARS,
    )
