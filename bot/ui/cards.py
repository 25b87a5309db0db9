"""The content, files and buttons of a job's message at each stage."""

from __future__ import annotations

import io
from dataclasses import dataclass

import discord

from bot.domain.jobs import Job
from bot.domain.picture_file import suffix
from bot.domain.progress import Failed, Finished, HeldForReview, InLine, Painting, Stage, Suspended, Waiting
from bot.ui.alt_text import alt_text
from bot.ui.buttons import finished_buttons, running_buttons
from bot.ui.fine_print import notes
from bot.ui.i18n import text
from bot.ui.markdown_escape import plain
from bot.ui.paging import CONTENT_CHARS, joined
from bot.ui.progress_bar import fetching_line, progress_bar
from bot.ui.timestamps import relative

WORDS_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Card:
    """`files` None keeps what the message shows; an empty tuple takes it away."""

    content: str
    view: discord.ui.View | None
    files: tuple[tuple[str, bytes, str], ...] | None = None

    def discord_files(self) -> list[discord.File]:
        """Return fresh files, since discord.py consumes them with each request."""
        return [discord.File(Upload(data), name, description=alt) for name, data, alt in self.files or ()]


class Upload(io.BytesIO):
    """A file's bytes to be sent: they are shared, where `io.BytesIO` copies all once aiohttp asks for their number."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self._data = data

    def getbuffer(self) -> memoryview:
        return memoryview(self._data)


def card(job: Job, stage: Stage | None = None) -> Card:
    """Return how the job's message looks at a stage; no stage yet means just accepted."""
    locale = job.place.locale
    match stage:
        case Finished():
            return _finished(job, stage)
        case Failed(reason=reason, detail=detail):
            where = f"<#{job.place.channel_id}>"
            sentence = text(locale, f"failed-{reason.value}", detail=plain(detail), where=where)
            words = plain(job.order.words, WORDS_SHOWN)
            return Card(text(locale, "failed", who=_who(job), words=words, sentence=sentence), None, ())
        case HeldForReview():
            lines = [_headline(job), text(locale, "held")]
            return Card(joined(lines, CONTENT_CHARS), running_buttons(locale, job.id), ())
        case Suspended():
            return Card(f"{_headline(job)}\n{text(locale, 'resting')}", running_buttons(locale, job.id), ())
        case Painting(step=step, steps=steps, preview=preview, remarks=remarks):
            lines = [_headline(job), progress_bar(locale, step, steps), *notes(job, remarks)]
            files = None if preview is None else ((f"preview.{suffix(preview)}", preview, alt_text(job, 1, 1)),)
            return Card(joined(lines, CONTENT_CHARS), running_buttons(locale, job.id), files)
        case _:
            return Card(f"{_headline(job)}\n{_waiting(locale, stage)}", running_buttons(locale, job.id))


def _waiting(locale: str, stage: Waiting | InLine | None) -> str:
    match stage:
        case InLine(position=position, ready_at=ready_at):
            line = text(locale, "queued", position=position)
            return line if ready_at is None else text(locale, "ready", what=line, when=relative(ready_at))
        case Waiting(until=None, fetching=None):
            return text(locale, "starting")
        case Waiting(until=None, fetching=fetching) if fetching is not None:
            return fetching_line(locale, "fetching", fetching)
        case Waiting(until=until) if until is not None:
            return text(locale, "waiting", when=relative(until))
        case _:
            return text(locale, "queued", position=0)


def _finished(job: Job, stage: Finished) -> Card:
    count = len(stage.pictures)
    files = tuple(
        (f"limner-{job.id[:8]}-{index}.{suffix(picture)}", picture, alt_text(job, index, count))
        for index, picture in enumerate(stage.pictures, start=1)
    )
    lines = [_headline(job), *notes(job, stage.remarks)]
    return Card(
        joined(lines, CONTENT_CHARS),
        finished_buttons(job.place.locale, job.id, count, private=job.order.private),
        files,
    )


def _headline(job: Job) -> str:
    locale, words = job.place.locale, plain(job.order.words, WORDS_SHOWN)
    if job.spec is None:
        return text(locale, "words", who=_who(job), words=words)
    if job.order.exact:
        return text(locale, "as-written", who=_who(job), words=words)
    if job.shows_unknown:  # which the line may not promise
        return text(locale, "asked-for", who=_who(job), words=words)
    return text(locale, "understood", who=_who(job), understood=plain(job.spec.understood) or words)


def _who(job: Job) -> str:
    return f"<@{job.place.user_id}>"
