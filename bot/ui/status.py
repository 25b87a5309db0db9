"""The text of /status: the engine's queue, its models, requests on their way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.domain.moderation import Paused
from bot.domain.shards import ShardState
from bot.services.engine_wait import fetching_of
from bot.services.ports.engine import EngineState, ListStatus
from bot.ui.i18n import text
from bot.ui.markdown_escape import plain
from bot.ui.moderation import reason_part
from bot.ui.paging import CONTENT_CHARS, joined
from bot.ui.progress_bar import fetching_line
from bot.ui.timestamps import relative
from engine.api.errors import EngineError, ModelLoading
from engine.api.messages import Model, ModelFacts, Status

KNOWN_SHOWN, LIST_CHARS = 15, 400


def status_text(
    locale: str,
    queue: Status | EngineError,
    models: Iterable[Model],
    *,
    paused: Paused | None,
    running: int,
    since: float,
    now: float,
    shards: Sequence[ShardState] = (),
) -> str:
    """Return the answer to /status. Times are in seconds since 1970; `queue` is an error where the engine gave one."""
    lines = [f"**{text(locale, 'status-title')}**"]
    if paused:  # then no new picture begins, whatever the engine could do
        lines.append(text(locale, "status-paused", why=reason_part(locale, paused.reason)))
    else:
        lines.append(_queue(locale, queue, now))
    if isinstance(queue, ListStatus):
        lines += [f"-# {_listed(locale, engine)}" for engine in queue.engines]
    for model in models:
        if model.limner:
            lines += _model(locale, model.id, model.owned_by, model.limner)
    lines.append(text(locale, "status-running", running=running))
    if len(shards) > 1:
        up = sum(shard.is_up for shard in shards)
        lines.append(text(locale, "status-shards", up=up, count=len(shards)))
    lines.append(text(locale, "status-since", when=relative(since)))
    return joined(lines, CONTENT_CHARS)


def _queue(locale: str, queue: Status | EngineError, now: float) -> str:
    if isinstance(queue, EngineError):
        if fetching := fetching_of(queue):
            return fetching_line(locale, "status-fetching", fetching)
        return text(locale, "status-loading" if isinstance(queue, ModelLoading) else "status-away")
    if queue.waiting is None:
        return text(locale, "status-untold")
    if queue.waiting == 0:
        return text(locale, "status-idle")
    if queue.wait_s is None:
        return text(locale, "status-waiting", waiting=queue.waiting)
    return text(locale, "status-wait", waiting=queue.waiting, when=relative(now + queue.wait_s))


def _listed(locale: str, engine: EngineState) -> str:
    """Return the line of one engine of a list."""
    name, status, differs = engine.name, engine.status, engine.differs
    if differs:
        fact = text(locale, f"status-fact-{differs.fact}") if differs.fact in ("painter", "planner") else differs.fact
        facts = {"has": plain(differs.has), "other": differs.other, "others": plain(differs.others)}
        return text(locale, "status-engine-differs", engine=name, fact=fact, **facts)
    if status is None:
        return text(locale, "status-engine-loading" if engine.is_loading else "status-engine-away", engine=name)
    return text(locale, "status-engine-works", engine=name, waiting=status.waiting or 0)


def _model(locale: str, name: str, owner: str, facts: ModelFacts) -> list[str]:
    lines, comma = [text(locale, f"status-{facts.kind}", name=plain(name))], text(locale, "status-comma")
    if facts.hosted:
        lines.append(text(locale, "status-hosted", where=plain(owner)))
    if facts.lacks:
        lacks = comma.join(text(locale, f"lack-{lack}") for lack in facts.lacks)
        lines.append(text(locale, "status-lacks", lacks=lacks))
    if facts.check:
        lines.append(text(locale, f"status-check-{facts.check}"))
    if facts.loras:
        names = [lora.name for lora in facts.loras]
        shown = plain(comma.join(names[:KNOWN_SHOWN]), LIST_CHARS) + ("…" if len(names) > KNOWN_SHOWN else "")
        lines.append(text(locale, "status-loras", names=shown))
    if facts.lora_faults:
        files = [
            text(locale, "status-lora-file", file=fault.file, flaw=text(locale, f"lora-flaw-{fault.flaw}"))
            for fault in facts.lora_faults
        ]
        lines.append(text(locale, "status-loras-left-out", files=plain(comma.join(files), LIST_CHARS)))
    if facts.knows:
        known = facts.knows.get(locale.partition("-")[0]) or facts.knows.get("en") or []
        shown = plain(comma.join(known[:KNOWN_SHOWN]), LIST_CHARS) + ("…" if len(known) > KNOWN_SHOWN else "")
        lines.append(text(locale, "status-knows", knows=shown))
    return [lines[0], *(f"-# {line}" for line in lines[1:])]
