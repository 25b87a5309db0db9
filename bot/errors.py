"""Maps every refusal and failure that a person can meet, once, to its sentence.

In this order: a limit, words that cannot be drawn, a missing permission, a picture that is unknown, ended or another's,
a stop under way, a disk that takes nothing; anything else is a fault of ours and says so. Longer than 300
lines, since it is one table.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.actor import NotModerator
from bot.domain.expiry import ExpiryInvalid
from bot.domain.jobs import MAX_WORDS_CHARS, WordsInvalid
from bot.domain.model_rules import ModelClosed
from bot.domain.moderation import Barred, Block, BlockedByHost, ChannelClosed, NotServed, Paused
from bot.domain.photos import PhotoNotShared, PhotosOff
from bot.domain.quota import AtOnce, Refusal
from bot.domain.wordfilter.blocked_words import MAX_WORD_CHARS
from bot.services.catalog import LoraUnknown, ModelUnknown
from bot.services.draw import CannotMask, TooManyPictures
from bot.services.engine_wait import CannotLoad
from bot.services.limits import AboveTheHost, AtOnceOfModel
from bot.services.moderation import (
    MAX_MODEL_RULES,
    MAX_WORDS,
    ModelRulesFull,
    NothingToLift,
    WordsFull,
    WordUnfit,
)
from bot.services.orders import Closing, Refused, TooManyCancelled
from bot.services.parts import NoRoomToZoom, NoShapeToZoom
from bot.services.personal_data import Busy, CutOff
from bot.services.picks import PickedOften
from bot.services.ports.favourites import MOST as MOST_FAVOURITES
from bot.services.ports.favourites import FavouritesFull
from bot.services.ports.messaging import Undeliverable
from bot.services.ports.storage import StoreUnavailable, Unreadable
from bot.services.review import AlreadyDecided
from bot.services.understanding_budget import TooManyUnderstandings
from bot.services.versions import CannotEnlarge, CannotStartFrom, NotFinished, TooLarge, Unchanged, WordsGone
from bot.ui.attachments import FACTS, AttachmentRefused
from bot.ui.i18n import text
from bot.ui.markdown_escape import plain
from bot.ui.model_rules import roles_named
from bot.ui.moderation import named, reason_part
from bot.ui.timestamps import relative
from bot.understanding.languages import LanguageUnread
from bot.understanding.lora_option import LoraInvalid
from engine.api.light_structlog import structlog
from engine.api.messages import MAX_LORA_WEIGHT, MAX_LORAS

log = structlog.get_logger(__name__)

NAME_SHOWN, KNOWN_SHOWN = 60, 600


class PermissionsMissing(Exception):
    """The bot cannot post pictures in this channel; `names` are Discord's permission flags."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(", ".join(names))
        self.names = tuple(names)


class LogChannelClosed(PermissionsMissing):
    """The bot cannot write in the channel that the log is to be shown in."""


class ReviewChannelClosed(PermissionsMissing):
    """The bot cannot show pictures in the channel that is meant for reviewing them."""


class ReviewChannelOpen(Exception):
    """Everyone could see what is held in this channel."""


class JobUnknown(Exception):
    """There is no record of the picture under this button."""


class NotMine(Exception):
    """The message is not one of Limner's, so there is no picture of Limner's on it."""


class NotYours(Exception):
    """Only the requester or a moderator may do this."""


class AlreadyEnded(Exception):
    """There is nothing left to cancel."""


class NotYourList(Exception):
    """A list is turned by the one who asked for it."""


class StyleUnknown(Exception):
    """There is no style of the name that was `typed`."""

    def __init__(self, typed: str) -> None:
        super().__init__(typed)
        self.typed = typed


class StrengthAlone(Exception):
    """A strength says how far to go from a picture, and there is none."""


class MaskAlone(Exception):
    """A mask says what of a picture is painted anew, and there is none."""


class MaskWithMore(Exception):
    """A mask came with more pictures than the one that it is for."""


class NoCells(Exception):
    """No cell of a picture was chosen to be painted anew."""


class AllCells(Exception):
    """All cells of a picture were chosen to be painted anew, so that nothing of it would stay."""


class PictureGone(Exception):
    """The picture to start from was deleted, or cannot be read any more."""


class PrivateOld(PictureGone):
    """The picture is private, and its message can be read for a quarter of an hour only."""


class ReplyGone(Exception):
    """The reply that asked for a change was deleted."""


class NoSuchPicture(Exception):
    """A reply names a picture that the set of `count` does not have."""

    def __init__(self, count: int) -> None:
        super().__init__(str(count))
        self.count = count


class SeveralPictures(Exception):
    """A set is no favourite, but one picture of it can be."""


class FavouriteUnknown(Exception):
    """The person has no favourite of the words that were `typed`, or cannot see it there."""

    def __init__(self, typed: str) -> None:
        super().__init__(typed)
        self.typed = typed


class PhotoUnseen(Exception):
    """A mention replies to a message of which Discord tells the bot nothing."""


class NoPicture(Exception):
    """The message holds no picture to start from."""


class AgentChannelUnknown(Exception):
    """An agent was started for a channel that Limner does not see, or that is no channel of a server."""


class AgentNotMember(Exception):
    """The person that an agent acts for may not write in its channel."""


class AgentBusy(Exception):
    """Too many calls of agents that act for one person are open."""


class AgentTooFast(Exception):
    """Calls of agents that act for one person come faster than they are answered."""


class NotCancelled(Exception):
    """The disk takes nothing, so a request that was to be cancelled goes on."""


class FormExpired(Exception):
    """The form was opened before a restart, or too long ago."""


PLAIN = {
    Closing: "refused-closing",
    CannotLoad: "refused-cannot-load",
    StoreUnavailable: "refused-store",
    CutOff: "refused-erase",
    JobUnknown: "refused-unknown",
    NotMine: "refused-not-mine",
    NotYours: "refused-not-yours",
    AlreadyEnded: "refused-ended",
    NotCancelled: "refused-cancel",
    PickedOften: "refused-picked-often",
    FavouritesFull: "refused-favourites-full",
    SeveralPictures: "refused-several-pictures",
    NotYourList: "refused-not-your-list",
    NotFinished: "refused-not-finished",
    Unchanged: "refused-unchanged",
    CannotStartFrom: "refused-cannot-start",
    CannotEnlarge: "refused-cannot-enlarge",
    StrengthAlone: "refused-strength-alone",
    MaskAlone: "refused-mask-alone",
    NoCells: "refused-cells-none",
    AllCells: "refused-cells-all",
    MaskWithMore: "refused-mask-with-more",
    CannotMask: "refused-cannot-mask",
    NoRoomToZoom: "refused-no-room-to-zoom",
    NoShapeToZoom: "refused-no-shape-to-zoom",
    PictureGone: "refused-picture-gone",
    PrivateOld: "refused-private-old",
    Unreadable: "refused-unreadable",
    NoPicture: "refused-no-picture",
    ReplyGone: "refused-reply-gone",
    PhotoUnseen: "refused-photo-unseen",
    FormExpired: "refused-form-expired",
    AgentChannelUnknown: "refused-agent-channel",
    AgentNotMember: "refused-agent-member",
    AgentBusy: "refused-agent-busy",
    AgentTooFast: "refused-agent-too-fast",
    WordUnfit: "refused-word-unfit",
    WordsFull: "refused-words-full",
    ModelRulesFull: "refused-model-rules-full",
    NotModerator: "refused-not-moderator",
    AtOnceOfModel: "refused-at-once-model",
    NothingToLift: "refused-nothing-to-lift",
    AlreadyDecided: "refused-already-decided",
    ReviewChannelOpen: "refused-review-channel-open",
    Undeliverable: "refused-undeliverable",
    WordsGone: "refused-purged",
    Busy: "refused-busy-personal",
}

LACKING: dict[type[Exception], str] = {
    LogChannelClosed: "refused-log-channel",
    ReviewChannelClosed: "refused-review-channel",
}

MOSTS: dict[type[Exception], dict[str, int]] = {
    WordUnfit: {"most": MAX_WORD_CHARS},
    WordsFull: {"most": MAX_WORDS},
    ModelRulesFull: {"most": MAX_MODEL_RULES},
    FavouritesFull: {"most": MOST_FAVOURITES},
}

REFUSALS = (
    *(kind for kind in PLAIN if kind not in (StoreUnavailable, CutOff, NotCancelled)),
    Refused,
    Barred,
    WordsInvalid,
    LanguageUnread,
    PermissionsMissing,
    TooManyUnderstandings,
    TooManyCancelled,
    StyleUnknown,
    FavouriteUnknown,
    NoSuchPicture,
    ModelUnknown,
    LoraUnknown,
    LoraInvalid,
    TooLarge,
    TooManyPictures,
    AttachmentRefused,
    AboveTheHost,
    ExpiryInvalid,
)


def sentence(error: Exception, locale: str) -> str:
    """Return what the person reads who caused or met this error."""
    match error:
        case Refused(why=why):
            return _refused(why, locale)
        case TooManyUnderstandings() | TooManyCancelled() | WordsInvalid() | LanguageUnread():
            return _unread(error, locale)
        case Barred() | AboveTheHost() | ExpiryInvalid():
            return _moderated(error, locale)
        case PermissionsMissing(names=names):
            lacking = ", ".join(text(locale, f"permission-{name}") for name in names)
            return text(locale, LACKING.get(type(error), "refused-permissions"), permissions=lacking)
        case StyleUnknown() | FavouriteUnknown() | ModelUnknown():
            return _not_there(error, locale)
        case NoSuchPicture(count=count):
            return text(locale, "refused-no-such-picture", count=str(count))
        case LoraUnknown() | LoraInvalid():
            return _unknown(error, locale)
        case AttachmentRefused(reason=reason, sizes=sizes):
            facts = FACTS | dict(zip(("mask", "picture"), sizes, strict=False))
            return text(locale, f"refused-attachment-{reason}", **facts)
        case TooManyPictures() | TooLarge():
            return _beyond(error, locale)
        case _:
            return text(locale, PLAIN.get(type(error), "refused-internal"), **MOSTS.get(type(error), {}))


def is_expected(error: Exception) -> bool:
    """Tell refusals, which are no fault, from faults, which belong into the log."""
    return isinstance(error, REFUSALS)


def note(error: Exception) -> None:
    """Log a fault; a refusal is none."""
    if not is_expected(error):
        log.error("interaction.failed", exc_info=error)


def _not_there(error: StyleUnknown | FavouriteUnknown | ModelUnknown, locale: str) -> str:
    typed = plain(error.typed, NAME_SHOWN)
    match error:
        case StyleUnknown():
            return text(locale, "refused-style", style=typed)
        case FavouriteUnknown():
            return text(locale, "refused-favourite", typed=typed)
        case ModelUnknown(known=()):
            return text(locale, "refused-models-unready", model=typed)
        case ModelUnknown(known=known):
            return text(locale, "refused-model", model=typed, known=plain(", ".join(known)))


def _unread(error: TooManyUnderstandings | TooManyCancelled | WordsInvalid | LanguageUnread, locale: str) -> str:
    match error:
        case TooManyCancelled(free_at=free_at):
            return text(locale, "refused-too-many-cancelled", when=relative(free_at))
        case TooManyUnderstandings(free_at=free_at):
            return text(locale, "refused-too-many-understandings", when=relative(free_at))
        case WordsInvalid(reason=reason, length=length):
            return text(locale, f"refused-{reason}", length=length, most=MAX_WORDS_CHARS)
        case LanguageUnread(language=language, read=read):
            return text(locale, "refused-language", language=language, read=plain(", ".join(read)))


def _unknown(error: LoraUnknown | LoraInvalid, locale: str) -> str:
    match error:
        case LoraUnknown(names=names, known=known):
            shown, have = plain(", ".join(names), NAME_SHOWN), plain(", ".join(known), KNOWN_SHOWN)
            return text(locale, "refused-lora" if known else "refused-loras-none", names=shown, known=have)
        case LoraInvalid(typed=typed):
            most, weight = str(MAX_LORAS), f"{MAX_LORA_WEIGHT:g}"
            return text(locale, "refused-lora-typed", typed=plain(typed, NAME_SHOWN), most=most, weight=weight)


def _beyond(error: TooManyPictures | TooLarge, locale: str) -> str:
    match error:
        case TooManyPictures(most=most):
            return text(locale, "refused-too-many-pictures", most=most)
        case TooLarge(largest=largest, painted=painted):
            return text(locale, "refused-too-large-painted" if painted else "refused-too-large", largest=str(largest))


def _moderated(error: Barred | AboveTheHost | ExpiryInvalid, locale: str) -> str:
    match error:
        case Barred(why=ModelClosed(ref=ref, open_to=open_to)):
            key = f"barred-{ref.kind.value}{'-roles' if open_to else ''}"
            return text(locale, key, name=plain(ref.name, NAME_SHOWN), roles=roles_named(open_to, 10))
        case Barred(why=why):
            return _barred(why, locale)
        case AboveTheHost():
            return _above(error, locale)
        case ExpiryInvalid(typed=typed):
            return text(locale, "refused-expiry", typed=plain(typed, NAME_SHOWN))


def _barred(why: object, locale: str) -> str:
    match why:
        case Block(until=None, reason=reason):
            return text(locale, "barred-for-good", why=reason_part(locale, reason))
        case Block(until=until, reason=reason) if until is not None:
            return text(locale, "barred-block", when=relative(until), why=reason_part(locale, reason))
        case Paused(reason=reason):
            return text(locale, "barred-paused", why=reason_part(locale, reason))
        case ChannelClosed(open_in=open_in) if open_in:
            return text(locale, "barred-channel-open", channels=named(open_in, 10))
        case ChannelClosed():
            return text(locale, "barred-channel")
        case PhotosOff():
            return text(locale, "barred-photos-off")
        case PhotoNotShared(refused=refused):
            return text(locale, "barred-photo-refused" if refused else "barred-photo-not-shared")
        case BlockedByHost():
            return text(locale, "barred-by-host")
        case NotServed():
            return text(locale, "barred-not-served")
        case _:
            return text(locale, "barred-word")


def _refused_model(why: Refusal, per: str, locale: str) -> str:
    model, limit = plain(why.limit.model, NAME_SHOWN), why.limit.images
    if limit == 0:
        return text(locale, "refused-model-zero", model=model)
    if why.free_at is None:
        return text(locale, "refused-model-never", asked=why.asked, limit=limit, per=per, model=model)
    key = "refused-model-limit" if why.asked == 1 else "refused-model-limit-count"
    when = relative(why.free_at)
    return text(locale, key, used=why.used, limit=limit, per=per, asked=why.asked, when=when, model=model)


def _above(error: AboveTheHost, locale: str) -> str:
    if error.limit is None:
        return text(locale, "refused-above-host-at-once", allowed=str(error.at_once))
    per = text(locale, f"per-{error.limit.per}")
    return text(locale, "refused-above-host", limit=str(error.limit.images), per=per)


def _refused(why: Refusal | AtOnce, locale: str) -> str:
    if isinstance(why, AtOnce):
        return text(locale, "refused-at-once", running=why.running, allowed=why.allowed, when=relative(why.free_at))
    per = text(locale, f"per-{why.limit.per}")
    if why.limit.model:
        return _refused_model(why, per, locale)
    if why.limit.images == 0 and not why.granted:
        return text(locale, "refused-zero")
    if why.free_at is None:
        key = "refused-never-granted" if why.granted else "refused-never"
        return text(locale, key, asked=why.asked, limit=why.limit.images, per=per, granted=why.granted)
    key = "refused-ceiling" if why.ceiling else "refused-limit" if why.asked == 1 else "refused-limit-count"
    when = relative(why.free_at)
    return text(locale, key, used=why.used, limit=why.limit.images, per=per, asked=why.asked, when=when)
