"""Which words a "no", a "without" or a "remove" covers: the content words after it, in some languages those before it.

Invariant: the time is at most linear in the words, since one cue covers a bounded number of runs.
"""

from __future__ import annotations

from engine.starter.reader.words.negations import AND_ALSO
from engine.starter.reader.words.word import Kind, Word

CONTENT = {Kind.THING, Kind.COLOR, Kind.NUMBER, Kind.QUOTE}
REACH = 24
"""How many words away what belongs together may stand, and how many things one "no" covers: else a text could be made
to take as long as its length squared."""


def read_refusals(text: str, found: list[Word]) -> tuple[list[Word], list[Word], set[int], list[tuple[int, int]]]:
    """Return what is negated, what goes, the indices of all words that say so, and where they stand."""
    negated: list[Word] = []
    gone: list[Word] = []
    used: set[int] = set()
    cuts: list[tuple[int, int]] = []
    for at, word in enumerate(found):
        if word.kind in (Kind.NO, Kind.GONE):
            runs = _runs_after(text, found, at)
        elif word.kind in (Kind.NO_AFTER, Kind.GONE_AFTER):
            runs = _run_before(found, at, used)
        else:
            continue
        covered = {at, *(index for run in runs for index in run)}
        used |= covered
        if runs:
            cuts.append((found[min(covered)].start, found[max(covered)].end))
        target = negated if word.kind in (Kind.NO, Kind.NO_AFTER) else gone
        target += [_joined(text, [found[index] for index in run]) for run in runs]
    return negated, gone, used, cuts


def _runs_after(text: str, found: list[Word], cue: int) -> list[list[int]]:
    """Return the runs of content words that a cue covers: "without any text or watermark" has two."""
    runs: list[list[int]] = []
    at = cue + 1
    while at < len(found) and found[at].kind is Kind.FILLER and not found[at].spellings and at <= cue + 3:
        at += 1
    while at < len(found) and len(runs) < REACH:
        run: list[int] = []
        while at < len(found) and _is_content(found[at]) and _touches(text, found, at, run):
            run.append(at)
            at += 1
        if not run:
            break
        runs.append(run)
        following = _list_goes_on(text, found, at)
        if following is None:
            break
        at = following
    return runs


def _is_content(word: Word) -> bool:
    """Also fillers that name something: nobody asks to draw the text, but some ask for none."""
    return word.kind in CONTENT or (word.kind is Kind.FILLER and bool(word.spellings))


def _touches(text: str, found: list[Word], at: int, run: list[int]) -> bool:
    """Whether a word goes on a run: it follows at once, and is no verb ("without a helmet fighting a dragon")."""
    return not run or not (text[found[at - 1].end : found[at].start].strip() or found[at].text.endswith("ing"))


def _list_goes_on(text: str, found: list[Word], at: int) -> int | None:
    """Return where the next negated run begins: after "or", or after a comma where an "or" still comes."""
    if at >= len(found):
        return None
    between = found[at].text if found[at].kind in (Kind.FILLER, Kind.BREAK, Kind.NO) else ""
    if AND_ALSO.match(between):
        return at + 1
    if between == "," and at + 1 < len(found) and found[at + 1].kind in CONTENT:
        after = at + 1
        while after < len(found) and found[after].kind in CONTENT:
            after += 1
        if after < len(found) and found[after].text.lower() in ("or", "nor", "oder", "ni", "o", "或"):
            return at + 1
    return None


def _run_before(found: list[Word], cue: int, used: set[int]) -> list[list[int]]:
    at = cue - 1
    while at >= 0 and found[at].kind is Kind.FILLER and at >= cue - 1:
        at -= 1
    run: list[int] = []
    while at >= 0 and found[at].kind in CONTENT and at not in used:
        run.insert(0, at)
        at -= 1
    return [run] if run else []


def _joined(text: str, run: list[Word]) -> Word:
    """Return a run as one word: a single one with all its spellings, else the English of its parts together."""
    if len(run) == 1:
        return run[0]
    spelled = " ".join(word.spellings[0] if word.spellings else word.text for word in run)
    whole = text[run[0].start : run[-1].end]
    if any(word.foreign for word in run):
        spelled = whole
    return Word(whole, run[0].start, run[-1].end, Kind.THING, tuple(dict.fromkeys((spelled, whole))))
