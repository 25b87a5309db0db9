"""What the services need of the world, as protocols; adapters and test fakes implement them without inheriting."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.domain.account import Account, Host
from bot.domain.delegation import Overwrites
from bot.domain.jobs import Job, JobState, Order, Painted, Place
from bot.domain.moderation import Block, ChannelRule, Channels, Entry, Paused
from bot.domain.preferences import Preferences
from bot.domain.progress import Failed, Finished, HeldForReview, Reason, Stage, Suspended
from bot.domain.prompt import PromptSpec
from bot.domain.quota import AtOnce, Refusal, Use
from bot.domain.rules import Rule, Target
from bot.domain.stats import Report, Why
from engine.api.messages import ChatRequest, ImageEvent, ImageRequest, Model, StartImage, Status

PICTURE_REASONS = ("type", "animated", "large", "small", "broken", "slow")


class Undeliverable(Exception):
    """The job's message cannot be written: it, its channel or the right to post is gone.

    Or, where it `passes`, Discord was unwell for longer than it was waited for.
    """

    def __init__(self, message: str, *, passes: bool = False) -> None:
        super().__init__(message)
        self.passes = passes


@dataclass(frozen=True, slots=True)
class Posted:
    """Where a message stands, and whether it answers the job's interaction."""

    channel_id: int
    message_id: int
    answer: bool = False


class StoreUnavailable(Exception):
    """The database cannot be written, as on a full or read-only disk; nothing was changed."""


class Gone(Exception):
    """There is no such message any more."""


class Unreadable(Exception):
    """What is kept cannot be read, as where it was sealed with a key that is lost."""


class PictureInvalid(Exception):
    """A picture cannot be taken; `reason` is one of PICTURE_REASONS."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Engine(Protocol):
    """The models. Every method raises `engine.api.errors.EngineError`."""

    async def chat(self, request: ChatRequest) -> str: ...

    def images(
        self, request: ImageRequest, *, key: str | None = None, start: StartImage | None = None
    ) -> AsyncGenerator[ImageEvent, None]: ...

    async def models(self) -> list[Model]: ...

    async def cancel(self, key: str) -> None: ...

    async def ready(self) -> bool: ...

    async def status(self) -> Status: ...


class Messenger(Protocol):
    """The one message that carries a job. All but `show` and `tell` raise Undeliverable."""

    async def post(self, job: Job) -> Posted:
        """Post the job's message and return its place."""

    def show(self, job: Job, stage: Stage) -> None:
        """Let the message show the stage soon; a newer stage replaces one not yet shown."""

    async def finish(self, job: Job, stage: Finished | Failed | HeldForReview | Suspended) -> Posted | None:
        """Let the message show the end, that moderators come first, or that it goes on later. Safe to repeat.

        Returns another message's place where it had to be that one.
        """

    async def tell(self, job: Job, failed: Failed) -> None:
        """Tell the requester alone, where the job's message cannot; as far as they let themselves be told."""

    async def find(self, job: Job) -> tuple[Posted, bool] | None:
        """Return the message's place and whether it shows the pictures already; None when there is no such message."""

    async def ping(self, job: Job) -> None:
        """Tell the requester, and no one else, that a long wait is over."""


class JobStore(Protocol):
    async def get(self, job_id: str) -> Job | None: ...

    async def unfinished(self) -> list[Job]:
        """Return the jobs that have not ended, oldest first, but for those that `unreadable` returns."""

    async def unreadable(self) -> list[Job]:
        """Return the jobs that have not ended and whose words cannot be read; they have none."""

    async def by_message(self, message_id: int) -> Job | None: ...

    async def set_posted(self, job: Job) -> None: ...

    async def set_understood(self, job: Job) -> None: ...

    async def set_painted(self, job: Job, painted: Painted) -> None:
        """Keep how the pictures were made, before they are delivered."""

    async def untold(self) -> list[tuple[Job, Reason]]:
        """Return the jobs that ended without their message saying so, and why they ended, oldest first."""

    async def set_told(self, job_id: str) -> None:
        """Note that there is no more to say about a job's end."""

    async def start_image(self, job_id: str) -> bytes | None: ...

    async def ancestors(self, job_id: str, limit: int = 25) -> list[Job]: ...

    async def of_user(self, user_id: int, offset: int, limit: int) -> list[Job]:
        """Return this user's finished jobs whose message is not known to be gone, newest first."""

    async def count_of_user(self, user_id: int) -> int:
        """Return how many jobs `of_user` has for this user."""

    async def set_deleted(self, message_id: int, at: float) -> Job | None: ...


class Members(Protocol):
    async def get(self, user_id: int) -> Preferences: ...

    async def set(self, user_id: int, preferences: Preferences) -> None: ...


class Thumbnails(Protocol):
    async def thumbnail(self, job: Job) -> str | None:
        """Return a URL of the job's first picture that works now, or None where its message cannot be read.

        Raises Gone where there is no such message.
        """


class Pixels(Protocol):
    """Picture files, looked at and rewritten outside the bot's process. Both raise PictureInvalid."""

    async def clean(self, data: bytes) -> bytes:
        """Return a foreign PNG, JPEG or WebP as an upright, opaque RGB PNG of at most 2,048 pixels on a side.

        Nothing but its pixels stays.
        """

    async def fit(self, data: bytes, limit: int) -> bytes:
        """Return a finished picture in at most `limit` bytes: as it is, else as a smaller PNG, WebP or JPEG."""


class QuotaLedger(Protocol):
    async def reserve(self, job: Job, host: Host, start: bytes | None = None) -> Refusal | AtOnce | None:
        """Insert the job, with the picture that it starts from, and hold its pictures, in one transaction.

        Or return why not, having changed nothing.
        """

    async def refusal(self, place: Place, asked: int, now: float, host: Host) -> Refusal | AtOnce | None:
        """Return why `reserve` would not take so many pictures as things stand; None where it would."""

    async def settle(
        self, job_id: str, end: JobState, at: float, painted: Painted | None = None, untold: Reason | None = None
    ) -> bool:
        """End the job and spend or release what it held, in one transaction. False when it had ended before.

        `untold` is why it ended, where its message is still to say so. Without `painted`, what set_painted kept stays.
        """

    async def uses(self, user_id: int, guild_id: int | None, since: float) -> list[Use]:
        """Return what counts against this user there since that time: held and spent, not released."""

    async def account(self, place: Place, now: float) -> Account:
        """Return what the member there has used and under which rules."""


Noted = Callable[[Sequence[Rule], int], Entry]
"""Returns the entry of a change, given the rules that the target had before it, and what was left of its grant."""


class Policies(Protocol):
    """Rules and grants of servers. Every change is one transaction, with its entry of the log where one is `noted`."""

    async def rules(self, guild_id: int, now: float) -> list[Rule]:
        """Return the server's rules that count."""

    async def set(self, guild_id: int, rule: Rule, noted: Noted | None = None) -> list[Rule]:
        """Put the rule in place of the target's over the same window. Return all that the target had before."""

    async def reset(
        self, guild_id: int, target: Target, now: float, noted: Noted | None = None
    ) -> tuple[list[Rule], int]:
        """Take away the target's rules, and what is left of a user's grant. Return both."""

    async def grant(self, guild_id: int, user_id: int, images: int, noted: Noted | None = None) -> int:
        """Add pictures to the user's grant. Return how many were left of it before."""


class Gate(Protocol):
    """A server's door for orders."""

    async def check(self, order: Order, place: Place) -> None:
        """Raises Barred where the order may not be taken."""

    async def allows(self, spec: PromptSpec, place: Place) -> bool:
        """Whether what the words were understood as may be painted there."""


class DecisionStore(Protocol):
    """What moderators decided for a server; each change is written with its entry of the log, or not at all."""

    async def block_of(self, guild_id: int, user_id: int) -> Block | None: ...

    async def paused(self, guild_id: int) -> Paused | None: ...

    async def words(self, guild_id: int) -> tuple[str, ...]: ...

    async def channels(self, guild_id: int) -> Channels: ...

    async def log_channel(self, guild_id: int) -> int | None: ...

    async def set_block(self, guild_id: int, user_id: int, block: Block | None, entry: Entry) -> None: ...

    async def set_word(self, guild_id: int, word: str, blocked: bool, entry: Entry) -> None: ...

    async def set_channel(self, guild_id: int, channel_id: int, rule: ChannelRule | None, entry: Entry) -> None: ...

    async def set_paused(self, guild_id: int, paused: Paused | None, entry: Entry) -> None: ...

    async def set_log_channel(self, guild_id: int, channel_id: int | None, entry: Entry) -> None: ...


class AuditLog(Protocol):
    """Newest first; `about` is a user, as doer or as concerned, and None everyone."""

    async def entries(self, guild_id: int, about: int | None, offset: int, limit: int) -> list[Entry]: ...

    async def count(self, guild_id: int, about: int | None) -> int: ...


class Tally(Protocol):
    async def refused(self, guild_id: int | None, why: Why, at: float) -> None:
        """Count a refusal; one in direct messages is no server's. Raises StoreUnavailable."""


class Figures(Protocol):
    async def days(self, guild_id: int, first: int, last: int) -> Report:
        """Return the report of these days, both counted from 1970 in UTC and both among them."""


class ChartFailed(Exception):
    """The chart could not be drawn."""


class Charts(Protocol):
    async def draw(self, report: Report, words: Mapping[str, str], plain: Mapping[str, str]) -> bytes:
        """Return a PNG, labelled with `words` or, where no font has their letters, `plain`. Raises ChartFailed."""


class OverwritesUnknown(Exception):
    """Discord does not tell now who may use a command."""


class CommandSettings(Protocol):
    """What servers' owners set about who may use which command."""

    async def overwrites(self, guild_id: int, command: str) -> Overwrites:
        """Raises OverwritesUnknown."""


class Mirror(Protocol):
    async def post(self, guild_id: int, channel_id: int, entry: Entry) -> None:
        """Show the entry in the channel. What goes wrong is logged, not raised."""


class Clock(Protocol):
    def now(self) -> float:
        """Return the wall clock in seconds since 1970."""
