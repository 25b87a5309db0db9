"""Asks the language model what words mean; where it gives no valid answer, the words themselves are the prompt.

Invariant: a valid answer is returned as it is, but that a first request's dropped quotations are put back.
"""

from __future__ import annotations

import re
from collections.abc import Coroutine
from dataclasses import replace
from functools import partial
from typing import Any, Protocol

from msgspec import structs

from bot.domain.invisible_characters import one_line
from bot.domain.prompt import (
    MAX_KEYWORD_CHARS,
    MAX_KEYWORDS,
    MAX_PROMPT_CHARS,
    MAX_UNDERSTOOD_CHARS,
    PromptSpec,
    as_written,
)
from bot.understanding.conversation import Request, chat_request
from bot.understanding.patience import LINE, SILENT_S
from bot.understanding.prompt_spec import Answer, AnswerInvalid, Kind, letters, read_answer
from engine.api.chat_progress import OnProgress
from engine.api.errors import BadRequest, ContentBlocked, EngineError, Unavailable
from engine.api.light_structlog import structlog
from engine.api.messages import ChatRequest

log = structlog.get_logger(__name__)

QUOTED = re.compile(
    r"“([^”]{1,100})”|„([^“”]{1,100})[“”]|«([^»]{1,100})»|「([^」]{1,100})」|『([^』]{1,100})』"
    r"|»([^«»]{1,100})«|(?<!\d)”(?=\S)([^”\n]{1,100})(?<=\S)”"
    r'|(?<!\d)"(?=\S)([^"\n]{1,100})(?<=\S)"'
)
"""Text in quotation marks; a straight mark behind a digit is inches."""
JOINT = " · "


class LanguageModel(Protocol):
    """What understanding needs of an engine; raises EngineError."""

    def chat(self, request: ChatRequest, on_progress: OnProgress = ...) -> Coroutine[Any, Any, str]: ...


async def understand(planner: LanguageModel, request: Request, *, silent_s: float = SILENT_S) -> Answer:
    """Return what the language model made of the words, or the words themselves, marked so.

    Raises Unavailable alone: the engine that also paints is gone, so the caller waits for it rather than lose the
    understanding.
    """
    answer = await _asked(planner, request, silent_s)
    if answer is None:
        return Answer(Kind.CHANGE if request.versions else Kind.NEW, fallen_back(request))
    if answer.spec and not request.versions:
        return replace(answer, spec=_with_quotes(request.words, answer.spec))
    return answer


async def _asked(planner: LanguageModel, request: Request, silent_s: float) -> Answer | None:
    """Ask, and once more with what was wrong; None where no valid answer came."""
    wrong, brief = "", False
    for _ in range(2):
        try:
            asked = chat_request(request, wrong=wrong, brief=brief)
            text = await LINE[planner].wait(partial(planner.chat, asked), silent_s)
            return read_answer(text, request.words, request.base, edits=request.edits, addressed=request.addressed)
        except Unavailable:
            raise
        except AnswerInvalid as error:
            wrong = str(error)
            log.info("understand.answer_invalid", detail=wrong)
        except (EngineError, TimeoutError) as error:
            if _is_too_long(error):
                brief = True
                log.info("understand.too_long")
                continue
            detail = "" if isinstance(error, BadRequest | ContentBlocked) else str(error)  # a service may quote words
            log.warning("understand.failed", error=type(error).__name__, detail=detail)
            break
    log.warning("understand.fell_back")
    return None


def _is_too_long(error: Exception) -> bool:
    """Whether a conversation was more than the model can read: each server says so in its own words."""
    return isinstance(error, BadRequest) and ("token" in str(error) or "context" in str(error))


def fallen_back(request: Request) -> PromptSpec:
    """Return a first request as written, or a change as the present prompt followed by the words."""
    words, base = request.words, request.base
    if base is None:
        return structs.replace(as_written(words), fell_back=True)
    room = max(0, MAX_PROMPT_CHARS - len(words) - 2)
    line = one_line(words, MAX_UNDERSTOOD_CHARS // 2)
    before = one_line(base.understood.partition(JOINT)[0], MAX_UNDERSTOOD_CHARS - len(line) - len(JOINT))
    return PromptSpec(
        understood=f"{before}{JOINT}{line}" if before else line,
        keywords=[*base.keywords[: MAX_KEYWORDS - 1], one_line(words, MAX_KEYWORD_CHARS)],
        prompt=", ".join(part for part in (base.prompt[:room].strip(" ,"), words) if part)[:MAX_PROMPT_CHARS],
        negative=base.negative,
        instruction=words,
        fell_back=True,
    )


def _with_quotes(words: str, spec: PromptSpec) -> PromptSpec:
    """Return the spec with each quotation in its prompt.

    Quotation marks around all that was asked for quote nothing, and what is to be left out stays out.
    """
    prompt = spec.prompt
    for found in QUOTED.finditer(words):
        quote = next(group for group in found.groups() if group is not None).strip()
        is_there = letters(quote) in letters(f"{prompt} {spec.negative}") if letters(quote) else quote in prompt
        alone = not any(map(str.isalnum, words.replace(found.group(), "")))
        if quote and not alone and not is_there and len(prompt) + len(quote) + 4 <= MAX_PROMPT_CHARS:
            prompt = f'{prompt}, "{quote}"'
    return structs.replace(spec, prompt=prompt)
