"""Every refusal and failure that a person can meet, each mapped here, once, to its sentence.

In this order: a limit, words that cannot be drawn, a missing permission, a picture that is unknown, ended or another's,
a stop under way, a disk that takes nothing; anything else is a fault of ours and says so.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.jobs import MAX_WORDS_CHARS, WordsInvalid
from bot.domain.quota import AtOnce, Refusal
from bot.services.generate import Closing, Refused
from bot.services.ports import StoreUnavailable
from bot.ui.cards import relative
from bot.ui.i18n import text
from bot.ui.plain import plain


class PermissionsMissing(Exception):
    """The bot cannot post pictures in this channel; `names` are Discord's permission flags."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(", ".join(names))
        self.names = tuple(names)


class JobUnknown(Exception):
    """There is no record of the picture under this button."""


class NotYours(Exception):
    """Only the requester or a moderator may do this."""


class AlreadyEnded(Exception):
    """There is nothing left to cancel."""


class NotYourList(Exception):
    """A list is turned by the one who asked for it."""


class StyleUnknown(Exception):
    """There is no style that goes by what was typed."""

    def __init__(self, typed: str) -> None:
        super().__init__(typed)
        self.typed = typed


PLAIN = {
    Closing: "refused-closing",
    StoreUnavailable: "refused-store",
    JobUnknown: "refused-unknown",
    NotYours: "refused-not-yours",
    AlreadyEnded: "refused-ended",
    NotYourList: "refused-not-your-list",
}


def sentence(error: Exception, locale: str) -> str:
    """Return what the person reads who caused or met this error."""
    match error:
        case Refused(why=why):
            return _refused(why, locale)
        case WordsInvalid(reason=reason, length=length):
            return text(locale, f"refused-{reason}", length=length, most=MAX_WORDS_CHARS)
        case PermissionsMissing(names=names):
            named = ", ".join(text(locale, f"permission-{name}") for name in names)
            return text(locale, "refused-permissions", permissions=named)
        case StyleUnknown(typed=typed):
            return text(locale, "refused-style", style=plain(typed, 60))
        case _:
            return text(locale, PLAIN.get(type(error), "refused-internal"))


def is_expected(error: Exception) -> bool:
    """Tell refusals, which are no fault, from faults, which belong into the log."""
    refusals = (Refused, WordsInvalid, PermissionsMissing, Closing, JobUnknown, NotYours, AlreadyEnded)
    return isinstance(error, (*refusals, NotYourList, StyleUnknown))


def _refused(why: Refusal | AtOnce, locale: str) -> str:
    if isinstance(why, AtOnce):
        return text(locale, "refused-at-once", running=why.running, allowed=why.allowed, when=relative(why.free_at))
    per = text(locale, f"per-{why.limit.per}")
    if why.free_at is None:
        return text(locale, "refused-never", asked=why.asked, limit=why.limit.images, per=per)
    key = "refused-limit" if why.asked == 1 else "refused-limit-count"
    when = relative(why.free_at)
    return text(locale, key, used=why.used, limit=why.limit.images, per=per, asked=why.asked, when=when)
