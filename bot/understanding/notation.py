"""The notation of other image tools at the end of a request: read as their users mean it, or left out and named.

Invariant: words without it come back byte for byte. Flags count only behind words, in a tail that is flags to its end;
`—` stands for `--`, since phones write it so, and counts only directly before a flag. Brackets are words: no painter
here weighs them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache

from engine.api.messages import MAX_LORA_WEIGHT, MAX_LORAS, MAX_SEED

_NUMBER = r"\d{1,6}(?:\.\d{1,3})?"
_VALUES = {
    "ar": r"\d{1,4}(?:\.\d{1,2})?[:/x×]\d{1,4}(?:\.\d{1,2})?", "aspect": r"\d{1,4}[:/x×]\d{1,4}", "seed": r"\d{1,10}",
    "no": r"(?!\s)[^—–\[\](){}\"“”「」]{1,300}?", "s": _NUMBER, "stylize": _NUMBER, "v": _NUMBER, "version": _NUMBER,
    "q": _NUMBER, "quality": _NUMBER, "c": _NUMBER, "chaos": _NUMBER, "style": r"[\w-]{1,30}",
    "niji": rf"(?:{_NUMBER})?", "w": _NUMBER, "weird": _NUMBER, "iw": _NUMBER,
    "sw": _NUMBER, "cw": _NUMBER, "stop": _NUMBER, "r": _NUMBER,
    "repeat": _NUMBER, "sref": r"[^\s—]{1,300}", "cref": r"[^\s—]{1,300}", "p": r"[\w-]{0,30}", "tile": "", "raw": "",
    "hd": "", "fast": "", "relax": "", "turbo": "", "draft": "", "steps": _NUMBER, "cfg": _NUMBER,
}  # fmt: skip
"""What may follow each flag of Midjourney's."""
_FLAG = (
    "(?:--|—)(?:" + "|".join(rf"{name}(?:(?<!no)\s*|\s+){value}" if value else name for name, value in _VALUES.items())
    + r")\s*(?=$|\s(?:--|—))"
)  # fmt: skip
_NAMED = re.compile(r"(?:--|—)([a-z]+)\s*(.*)", re.IGNORECASE | re.DOTALL)
_STARTS = re.compile(r"(?:(?<=\s)|^)(?:--|—)(?=[a-z])", re.IGNORECASE)
_WEIGHT = re.compile(r"(?<=[^\W\d_]{2})::-?\d{1,3}(?:\.\d{1,2})?(?=\s|,|$)")
_ADAPTER = re.compile(  # the space before it, from its first on: tried from each, a long one would take its square
    r"(?:(?<!\s)\s+)?<(?P<kind>lora|lyco|hypernet)[:：](?P<name>[^<>:：\n]{1,100})(?:[:：](?P<weight>[^<>:：\n]{0,40})(?:[:：][^<>\n]{0,40})?)?>",
    re.IGNORECASE,
)
_RATIOS = {"square": 1.0, "portrait": 0.7, "landscape": 1.4, "wide": 1.78, "tall": 0.56}
MAX_FLAGS = 20


@cache
def _flag() -> re.Pattern[str]:
    """Return the pattern of a flag, compiled by the first one: no start waits for it."""
    return re.compile(_FLAG, re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Notation:
    """The words without notation, what it asked for, and what of it Limner does not know."""

    words: str
    shape: str = ""
    seed: int | None = None
    negative: str = ""
    ignored: tuple[str, ...] = ()
    loras: tuple[str, ...] = ()
    """LoRAs to paint with, as NAME:WEIGHT; whether the engine has them shows later."""


def read_notation(words: str, *, exact: bool = False) -> Notation:
    """Read the flags at the end, LoRAs anywhere, and weights; with `exact` nothing is read."""
    if exact:
        return Notation(words)
    text, flags = _tail(words)
    if not text.strip():  # of flags alone there is nothing to draw
        return Notation(words)
    loras, ignored = _adapters(text)
    ignored += [match.group().strip() for match in _WEIGHT.finditer(text)]
    text = _WEIGHT.sub("", _ADAPTER.sub("", text))
    if not ignored and not flags and not loras:
        return Notation(words)
    read = Notation(text.strip() or words, loras=loras)
    for flag in flags:
        match = _NAMED.match(flag)
        name, value = (match[1].lower(), match[2].strip()) if match else ("", "")
        if name in ("ar", "aspect") and (shape := _shape(value)):
            read = replace(read, shape=shape)
        elif name == "seed" and int(value) <= MAX_SEED:
            read = replace(read, seed=int(value))
        elif name == "no":
            read = replace(read, negative=", ".join(part for part in (read.negative, value.strip(" ,.")) if part))
        else:
            ignored.append(flag.strip())
    return replace(read, ignored=tuple(dict.fromkeys(ignored)))


def _adapters(text: str) -> tuple[tuple[str, ...], list[str]]:
    """Return the LoRAs that the words name, each once, and what else is written so; a weight left out is 1."""
    loras, ignored = dict[str, str](), list[str]()
    for match in _ADAPTER.finditer(text):
        name, weight = match["name"].strip(), _written(match["weight"] or "")
        is_lora = match["kind"].lower() == "lora" and name and weight is not None
        if is_lora and (name in loras or len(loras) < MAX_LORAS):
            loras.setdefault(name, f"{name}:{weight:g}")
        else:
            ignored.append(match.group().strip())
    return tuple(loras.values()), ignored


def _written(weight: str) -> float | None:
    """Return a LoRA's weight as the words have it, 1 where they have none; a comma may stand for the point."""
    return lora_weight(weight.strip().replace(",", ".") or "1")


def lora_weight(text: str) -> float | None:
    """Return a LoRA's weight; None for what is none, or more than the engine takes."""
    try:
        weight = float(text)
    except ValueError:
        return None
    return weight if abs(weight) <= MAX_LORA_WEIGHT else None


def _tail(words: str) -> tuple[str, list[str]]:
    """Return the words before the flags that end them, and the flags."""
    starts = [match.start() for match in _STARTS.finditer(words)][-MAX_FLAGS:]
    begin, flags, end = len(words), list[str](), len(words)
    for start in reversed(starts):
        flag = words[start:end]
        if not _flag().fullmatch(flag.rstrip()):
            break
        flags.append(flag)
        begin = end = start
    return words[:begin], flags[::-1]


def _shape(ratio: str) -> str:
    """Return the shape whose proportions are nearest to WIDTH:HEIGHT; none where one of them is 0."""
    width, height = (float(part) for part in re.split(r"[:/x×]", ratio))
    if not width or not height:
        return ""
    return min(_RATIOS, key=lambda shape: abs(_RATIOS[shape] / (width / height) - 1))
