"""The bot compares no word that a person typed with words of a language: random words go the same way as real ones."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.jobs import Kind, Order
from bot.domain.prompt import PromptSpec
from bot.host.style_file import load_styles
from bot.services.draw import draw
from bot.services.versions import as_read
from bot.understanding.understand import QUOTED
from harness.right_answers import Right, load_right
from tests.fakes import FakeEngine

BOT = Path(__file__).parents[2] / "bot"
ROWS = load_right()
STYLES = load_styles()
ALLOWED = ("understanding/instructions.py", "domain/wordfilter/", "domain/outgoing.py")
"""Beside the locale files and the styles, which are no code. `outgoing` takes telephone numbers out of what leaves."""
_WORD = re.compile(r"[^\W\d_]+")


def shuffled(words: str, letters: dict[str, str]) -> str:
    """Return the words with other letters, in the same scripts and cases, so that none is of a language."""
    return "".join(letters.get(char, char) for char in words)


def painted(row: Right, words: str) -> tuple[object, ...]:
    """Return all that the painter is asked for where the model answers the row's answer."""
    import asyncio

    engine = FakeEngine(json.dumps({"kind": "change" if row.base else "new", **row.answer}))
    base = PromptSpec(**row.base) if row.base else None
    order = Order(words, base=base, style="anime", kind=Kind.REFINE if base else Kind.IMAGINE)

    async def run() -> None:
        async with aclosing(draw(engine, STYLES, order, seed=1)) as events:
            async for _ in events:
                pass

    asyncio.run(run())
    request, _ = engine.painted[-1]
    spec = PromptSpec(**row.answer)
    return request, as_read(order, spec, STYLES).style, len(engine.chats)


SEARCHES = {"compile", "search", "match", "fullmatch", "sub", "findall", "finditer", "startswith", "endswith"}
LATIN = "abcdefghijklmnopqrstuvwxyz"


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(ROWS), st.permutations(LATIN))
def test_random_words_go_the_same_way(row: Right, order: list[str]) -> None:
    if QUOTED.search(row.words):  # quotations are put back as they stand
        return
    letters = dict(zip(LATIN, order, strict=True)) | dict(zip(LATIN.upper(), map(str.upper, order), strict=True))
    for code in range(0x4E00, 0x9FA0):
        letters[chr(code)] = chr(0x9F9F - (code - 0x4E00))
    assert painted(row, shuffled(row.words, letters)) == painted(row, row.words)


def compared(file: Path) -> Iterator[tuple[int, str]]:
    """Yield the texts of a file that something may be compared with: of patterns, sets, comparisons and cases."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        within: list[ast.AST] = []
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr in (
                "compile",
                "search",
                "match",
                "fullmatch",
                "sub",
                "findall",
                "finditer",
                "startswith",
                "endswith",
            ):
                within = [*node.args]
        elif isinstance(node, ast.Compare):
            within = [node.left, *node.comparators]
        elif isinstance(node, ast.Set | ast.MatchValue):
            within = [node]
        for part in within:
            for leaf in ast.walk(part):
                if isinstance(leaf, ast.Constant) and isinstance(leaf.value, str):
                    yield leaf.lineno, leaf.value


def test_no_code_of_the_bot_holds_text_in_another_script() -> None:
    """Words of Chinese or Japanese, or with umlauts, could only be there to be compared, or to be shown."""
    found = []
    for file in sorted(BOT.rglob("*.py")):
        name = str(file.relative_to(BOT))
        if any(name.startswith(part) for part in ALLOWED):
            continue
        for line, text in compared(file):
            if any(
                ord(char) > 0x2FF and char.isalpha() for word in _WORD.findall(text) for char in word if len(word) > 1
            ):
                found.append(f"{name}:{line} {text!r}")
    assert found == []


def test_the_scan_sees_such_words(tmp_path: Path) -> None:
    file = tmp_path / "cues.py"
    file.write_text(
        'import re\nCUES = re.compile("改成|make it")\nif words in {"undo", "back"}:\n    pass\n', encoding="utf-8"
    )
    assert sorted({text for _, text in compared(file)}) == ["back", "undo", "改成|make it"]
