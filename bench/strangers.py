"""What the starter makes of messages by people who had not seen the code, beside the words as they were written."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.result import Result
from bench.understanding import Once, engine
from bot.domain.prompt import PromptSpec, as_written
from bot.understanding.conversation import Request, Version
from bot.understanding.prompt_spec import Answer, Kind
from bot.understanding.understand import understand
from engine.starter.lexicon.order import NONE, Group, Order
from engine.starter.lexicon.order_captions import keywords

FOLDER = Path(__file__).parents[1] / "tests" / "strangers"
ROWS = FOLDER / "understanding.jsonl"
REPLIES = "replies*.jsonl"
"""What members write under a picture: chat, or a change."""
ORDERS, CHAINS = FOLDER / "orders.jsonl", FOLDER / "order_chains.jsonl"
"""Requests, and chains of changes, that keep to what the starter says it draws."""
SPOKEN = {"falling snow": "snowfall", "middle": "center"}
"""What a human calls a setting, where orders call it otherwise."""


def strangers() -> list[Result]:
    """Return the shares of first requests and changes that are whole, and of messages taken for what they are."""
    return asyncio.run(_strangers(_rows(ROWS), _sets(REPLIES)))


def _sets(names: str) -> dict[str, list[dict[str, Any]]]:
    return {path.stem: _rows(path) for path in sorted(FOLDER.glob(names))}


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


async def _strangers(rows: list[dict[str, Any]], replies: dict[str, list[dict[str, Any]]]) -> list[Result]:
    async with engine() as client:
        planner = Once(client)
        answers = [await _answer(planner, row) for row in rows]
        results = [await _orders(planner, path) for path in (ORDERS, CHAINS)]
        kinds = {name: [(row["kind"], await _kind(planner, row)) for row in own] for name, own in replies.items()}
    for kind in ("new", "change"):
        own = [(row, answer) for row, answer in zip(rows, answers, strict=True) if row["kind"] == kind]
        ours = [answer.spec is not None and _is_whole(row, answer.spec) for row, answer in own]
        plain = [_is_whole(row, as_written(row["words"])) for row, _ in own]
        name = f"strangers: {kind}, whole ({len(own)})"
        results.append(Result(name, "%", [_percent(ours)], [max(_percent(plain), 0.1)], "the words"))
    for kind in ("change", "chat", "undo"):
        taken = [answer.kind.value == kind for row, answer in zip(rows, answers, strict=True) if row["kind"] == kind]
        results.append(Result(f"strangers: {kind}, taken for it ({len(taken)})", "%", [_percent(taken)]))
    for name, pairs in kinds.items():
        for wanted in ("change", "chat"):
            taken = [kind == wanted for meant, kind in pairs if meant == wanted]
            results.append(Result(f"strangers: {name}, {wanted}, taken for it ({len(taken)})", "%", [_percent(taken)]))
    return results


async def _kind(planner: Once, row: dict[str, Any]) -> str:
    """Return what a reply is taken for."""
    spec = (await understand(planner, Request(row["picture"]))).spec or as_written(row["picture"])
    return (await understand(planner, Request(row["reply"], (Version(row["picture"], spec),)))).kind.value


async def _orders(planner: Once, path: Path) -> Result:
    """Return the share of requests, or of chains of changes, whose last picture has what a human reads, and no more."""
    rows = _rows(path)
    specs = [await _end(planner, row.get("turns", [row.get("text")])) for row in rows]
    whole = [set(spec.keywords) == set(_keywords(row.get("end", row))) for row, spec in zip(rows, specs, strict=True)]
    return Result(f"strangers: {path.stem}, whole ({len(rows)})", "%", [_percent(whole)])


def _keywords(wanted: dict[str, Any]) -> list[str]:
    groups = [
        Group(group["thing"], group["count"], group["color"] or NONE, group["size"] or NONE)
        for group in wanted["things"]
    ]
    settings = {name: wanted[name] for name in ("place", "time", "sky", "style", "position")}
    spoken = {name: SPOKEN.get(value, value) for name, value in settings.items()}
    return keywords(Order(tuple(groups), wanted["relation"] or NONE, **spoken))


async def _end(planner: Once, chain: Sequence[str]) -> PromptSpec:
    """Return the spec of the picture that a request and the replies to it end at; an undo goes back."""
    versions: list[Version] = []
    for words in chain:
        answer = await understand(planner, Request(words, tuple(versions)))
        if answer.kind is Kind.UNDO:
            at = -1 if answer.version is None else answer.version
            versions = versions[: max(1, at if at > 0 else len(versions) + at)]
        elif answer.spec:
            versions.append(Version(words, answer.spec))
    return versions[-1].spec


async def _answer(planner: Once, row: dict[str, Any]) -> Answer:
    """Understand the row's words, upon the versions that the earlier requests of its chain made."""
    versions: list[Version] = []
    for words in row["chain"]:
        spec = (await understand(planner, Request(words, tuple(versions)))).spec
        versions.append(Version(words, spec or as_written(words)))
    if row["kind"] == Kind.NEW.value:
        return await understand(planner, Request(row["words"]))
    return await understand(planner, Request(row["words"], tuple(versions)))


def _is_whole(row: dict[str, Any], spec: PromptSpec) -> bool:
    """Tell whether the prompt holds one of each group's words, and none that must not be there."""
    return all(any(_holds(spec.prompt, word) for word in group) for group in row["must"]) and not any(
        _holds(spec.prompt, word) for word in row["must_not"]
    )


def _holds(prompt: str, word: str) -> bool:
    return re.search(rf"\b{re.escape(word)}\b", prompt, re.IGNORECASE) is not None


def _percent(values: Sequence[bool]) -> float:
    return round(100 * sum(values) / max(1, len(values)), 1)
