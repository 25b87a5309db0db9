"""Stand-ins at our own ports: an engine without models, a messenger without Discord, a clock that stands still."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from typing import Any

from bot.domain.held_pictures import Held
from bot.domain.jobs import Job
from bot.domain.moderation import Action, Entry
from bot.domain.progress import Failed, Finished, HeldForReview, Stage, Suspended, Unknown
from bot.domain.stats import Report
from bot.services.ports.messaging import Posted, Undeliverable
from bot.services.ports.statistics import ChartFailed
from engine.api.chat_progress import OnProgress, ignore_progress
from engine.api.errors import EngineError
from engine.api.messages import (
    ChatRequest,
    Completed,
    ImageEvent,
    ImageRequest,
    Model,
    PartialImage,
    Progress,
    Queued,
    StartImage,
    Status,
)

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
SPEC: dict[str, Any] = {
    "understood": "a red boat",
    "keywords": ["red", "boat"],
    "prompt": "a red boat on a calm lake",
    "negative": "",
}


def never() -> bool:
    """Answer a question such as whether the models cannot be loaded, where nothing of the kind happens."""
    return False


class FakeEngine:
    """Answers at once; `hold` is awaited before each picture, `fails` are raised first, one a call."""

    def __init__(self, answer: str = json.dumps(SPEC), models: list[Model] | None = None) -> None:
        self.answer, self.listed, self.alive = answer, models or [], True
        self.broken = False
        """Whether the supervisor knows that the models cannot be loaded."""
        self.queue: Status | EngineError = Status(waiting=0, wait_s=0.0)
        self.chats: list[ChatRequest] = []
        self.painted: list[tuple[ImageRequest, str | None]] = []
        self.starts: list[StartImage | None] = []
        self.cancelled: list[str] = []
        self.fails: list[EngineError] = []
        self.hold: Callable[[], Awaitable[object]] | None = None
        self.previews = False
        self.drafts = False
        """Whether a preview comes before the first step."""
        self.picture = PNG
        """What is painted."""
        self.distinct = False
        """Whether each picture has bytes of its own."""
        self.unread: str | None = None
        self.scores: list[float | None] = []
        """Of the first pictures of each request; the others have none."""

    async def chat(self, request: ChatRequest, on_progress: OnProgress = ignore_progress) -> str:
        self.chats.append(request)
        return self.answer

    async def images(
        self, request: ImageRequest, *, key: str | None = None, start: StartImage | None = None
    ) -> AsyncGenerator[ImageEvent, None]:
        self.painted.append((request, key))
        self.starts.append(start)
        yield Queued(1, 4.0)
        if self.drafts and request.partial_images:
            yield PartialImage(PNG)
        if self.hold:
            await self.hold()
        if self.fails:
            raise self.fails.pop(0)
        yield Progress(1, 2)
        if self.previews and request.partial_images:
            yield PartialImage(PNG)
        for index in range(request.n):
            seed, score = (request.seed or 0) + index, self.scores[index] if index < len(self.scores) else None
            picture = self.picture + b"%d-%d" % (len(self.painted), index) if self.distinct else self.picture
            yield Completed(
                picture, index, request.size, seed, steps=2, model="fake", nsfw_score=score, unread=self.unread
            )

    async def models(self) -> list[Model]:
        return self.listed

    async def cancel(self, key: str) -> None:
        self.cancelled.append(key)

    async def ready(self) -> bool:
        return self.alive

    async def status(self) -> Status:
        if isinstance(self.queue, EngineError):
            raise self.queue
        return self.queue


class FakeClock:
    def __init__(self, at: float = 1_800_000_000.0) -> None:
        self.at = at

    def now(self) -> float:
        return self.at


class FakeMessenger:
    """Remembers what each job's message showed last."""

    def __init__(self) -> None:
        self.shown: dict[str, list[Stage]] = {}
        self.pings: list[str] = []
        self.told: list[tuple[str, Failed]] = []
        self.confided: list[tuple[str, Unknown]] = []
        self.gone = False

    async def post(self, job: Job, finished: Finished | None = None) -> Posted:
        self.shown[job.id] = [] if finished is None else [finished]
        if self.gone:
            raise Undeliverable("the channel is gone")
        return Posted(job.place.channel_id, len(self.shown))

    def show(self, job: Job, stage: Stage) -> None:
        self.shown[job.id].append(stage)

    async def finish(self, job: Job, stage: Finished | Failed | HeldForReview | Suspended) -> Posted | None:
        if self.gone:
            raise Undeliverable("the message is gone")
        self.shown[job.id].append(stage)
        return None

    async def tell(self, job: Job, failed: Failed) -> None:
        self.told.append((job.id, failed))

    def confide(self, job: Job, unknown: Unknown) -> None:
        self.confided.append((job.id, unknown))

    async def find(self, job: Job) -> tuple[Posted, bool] | None:
        return None

    async def delete(self, job: Job) -> None:
        del self.shown[job.id]

    async def ping(self, job: Job) -> None:
        self.pings.append(job.id)


def entry(before: object = (), granted: int = 0) -> Entry:
    """Return an entry of the log for a change whose entry does not matter."""
    return Entry(9, Action.LIMIT_SET, 0.0)


class FakeRooms:
    """Channels of which those in `adult` are age-restricted."""

    def __init__(self) -> None:
        self.adult: set[int] = set()

    async def age_restricted(self, channel_id: int) -> bool:
        return channel_id in self.adult


class FakeBoard:
    """A moderators' channel that shows nothing."""

    async def show(self, guild_id: int, channel_id: int, held: Held, pictures: tuple[bytes, ...]) -> int | None:
        return None

    async def hint(self, guild_id: int, channel_id: int, held: Held) -> None: ...

    async def close(self, guild_id: int, held: Held, entry: Entry | None) -> None: ...


class FakeMirror:
    """Remembers where each entry was shown."""

    def __init__(self) -> None:
        self.shown: list[tuple[int, int, Entry]] = []

    async def post(self, guild_id: int, channel_id: int, entry: Entry) -> None:
        self.shown.append((guild_id, channel_id, entry))


class FakeCharts:
    """Draws a dot; remembers what it was to draw, and fails where it is told to."""

    def __init__(self) -> None:
        self.drawn: list[tuple[Report, Mapping[str, str], Mapping[str, str]]] = []
        self.fails = False

    async def draw(self, report: Report, words: Mapping[str, str], plain: Mapping[str, str]) -> bytes:
        if self.fails:
            raise ChartFailed("no matplotlib")
        self.drawn.append((report, words, plain))
        return PNG


class FakePixels:
    """Takes every picture as it is; `fits` counts what was asked to be made smaller."""

    def __init__(self) -> None:
        self.fits = 0

    async def clean(self, data: bytes) -> bytes:
        return data

    async def keep(self, data: bytes, most: int) -> bytes:
        return data

    async def fit(self, data: bytes, limit: int) -> bytes:
        self.fits += len(data) > limit
        return data[:limit]

    async def mask(self, picture: bytes, mask: bytes) -> bytes:
        return b"mask " + mask

    async def grid(self, picture: bytes) -> bytes:
        return b"grid " + picture

    async def cells(self, picture: bytes, chosen: int) -> bytes:
        return b"cells %d " % chosen + picture

    async def surround(self, picture: bytes, size: tuple[int, int], share: float) -> tuple[bytes, bytes]:
        return b"%dx%d %.2f " % (*size, share) + picture, b"around"
