"""The small lines under a picture's headline: what changed, its style, unknown words, what hosted models ignore."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.changes import changes
from bot.domain.invisible_characters import LINK
from bot.domain.jobs import Job, Kind, Order
from bot.domain.progress import Remarks, Unknown
from bot.ui.hosted_notices import notices
from bot.ui.i18n import text
from bot.ui.markdown_escape import plain

KNOWN_SHOWN, KNOWN_CHARS = 15, 400
CHANGES_SHOWN = 12
CHANGED_CHARS = 100
KEYWORDS_LOCALE = "en"
WORD_CHARS = 40
FLAGS_CHARS = 200


def notes(job: Job, remarks: Remarks) -> list[str]:
    """Return the lines, in the message's small print."""
    locale = job.place.locale
    lines = [kind_of(job, locale), _picture(job, locale), changed(job, locale)]
    lines += words_notices(locale, job.order)
    if remarks.no_loras:
        lines.append(loras_notice(locale, remarks.no_loras))
    if remarks.as_written:
        lines.append(text(locale, "not-understood-change" if job.order.base else "not-understood"))
    if remarks.style:
        lines += [text(locale, "styled", style=remarks.style.name(locale)), remarks.style.note(locale)]
    lines += notices(locale, job.order, remarks.lacks, plain(remarks.sent_to), picture=remarks.picture_sent)
    if remarks.unknown and job.alone:  # else `DiscordMessenger.confide` tells it
        lines.append(unknown_notice(locale, remarks.unknown))
    return [f"-# {line}" for line in lines if line]


def words_notices(locale: str, order: Order) -> list[str]:
    """Return what of the words was not read: another tool's notation, and links."""
    lines = []
    if order.ignored:
        lines.append(text(locale, "notation-ignored", flags=plain(", ".join(order.ignored), FLAGS_CHARS)))
    if LINK.search(order.words) and not order.exact:
        lines.append(text(locale, "links-unread"))
    return lines


def loras_notice(locale: str, names: Sequence[str]) -> str:
    """Return the sentence that names LoRAs which a picture is painted without."""
    return text(locale, "loras-absent", names=plain(text(locale, "status-comma").join(names), FLAGS_CHARS))


def unknown_notice(locale: str, unknown: Unknown) -> str:
    """Return the sentence that names words which the models do not know, and what they draw instead."""
    knows = unknown.knows.get(locale.partition("-")[0]) or unknown.knows.get("en") or ()
    comma = text(locale, "status-comma")
    shown = plain(comma.join(knows[:KNOWN_SHOWN]), KNOWN_CHARS) + ("…" if len(knows) > KNOWN_SHOWN else ".")
    return text(locale, "unknown", words=plain(comma.join(unknown.words)), knows=shown)


def kind_of(job: Job, locale: str) -> str:
    """A variation or an enlargement says so; a refinement is told by what it changed, and a mask paints a part."""
    keys = {Kind.VARY: "kind-vary", Kind.UPSCALE: "kind-upscale", Kind.START: "kind-start",
            Kind.REGION: "kind-region", Kind.ZOOM: "kind-zoom"}  # fmt: skip
    kind = Kind.REGION if job.order.kind is Kind.START and job.order.masked else job.order.kind
    return text(locale, keys[kind], scale=job.order.upscale or 2) if kind in keys else ""


def difference(job: Job, locale: str) -> str:
    """Return what tells a version from its parent, where its words do not."""
    if job.order.kind is Kind.AGAIN:
        return text(locale, "kind-again", seed=str(job.seed))
    return kind_of(job, locale) or _picture(job, locale)


def _picture(job: Job, locale: str) -> str:
    """Say which picture of a set it was made from."""
    return text(locale, "of-picture", number=job.order.of_picture) if job.order.of_picture else ""


def changed(job: Job, locale: str) -> str:
    """Return what a refinement changed: `+` and `−` stand before what came and what went, so colour is not needed.

    Keywords are English, for the painter; elsewhere the requester's own words say it, where there are any.
    """
    if job.order.base is None or job.spec is None:
        return ""
    if job.order.words and locale.partition("-")[0] != KEYWORDS_LOCALE:
        return text(locale, "changed", words=plain(job.order.words, CHANGED_CHARS))
    made = changes(job.order.base, job.spec)
    words = [f"+ {plain(word, WORD_CHARS)}" for word in made.added]
    words += [f"− {plain(word, WORD_CHARS)}" for word in made.removed]
    return text(locale, "changed", words=", ".join(words[:CHANGES_SHOWN])) if words else ""
