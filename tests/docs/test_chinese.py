"""README.zh-CN.md is README.md in Chinese: what is not language is the same in both, in the same order."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from tests.docs.reading import MARK, README, blocks, headings, links, spans, table, tables
from tests.docs.sentences import failures, remedies

CHINESE = README.with_name("README.zh-CN.md")
OTHERS = {README: "README.zh-CN.md", CHINESE: "README.md"}


def language_free(code: str) -> str:
    """Return code without what stands for a value of the reader's."""
    return re.sub(r"<[^>]+>", "<…>", code)


def test_each_leads_to_the_other() -> None:
    for page, other in OTHERS.items():
        assert links(page)[0] == other


def test_the_sections_are_the_same_in_the_same_order() -> None:
    assert [level for level, _ in headings(CHINESE)] == [level for level, _ in headings(README)]
    assert len({text for _, text in headings(CHINESE)}) == len(headings(README))


def test_the_blocks_of_code_are_the_same() -> None:
    english, chinese = (
        [(block.language, block.needs, [language_free(line) for line in block.commands()]) for block in blocks(page)]
        for page in (README, CHINESE)
    )
    assert chinese == english


@pytest.mark.parametrize("of", ["commands, settings and values", "links", "marks"])
def test_every_section_tells_of_the_same(of: str) -> None:
    for (title, english), (other, chinese) in zip(sections(README, of), sections(CHINESE, of), strict=True):
        assert chinese == english, f"{title} / {other}"


def sections(page: Path, of: str) -> list[tuple[str, Counter[str]]]:
    """Return for each section its heading, and how often it tells of what."""
    found = []
    for part in re.split(r"^(?=##? )", page.read_text("utf-8"), flags=re.MULTILINE):
        if not part.strip():
            continue
        match of:
            case "links":
                told = [link for link in re.findall(r"\]\(([^)\s]+)\)", part) if link not in OTHERS.values()]
                told = ["#" if link.startswith("#") else link for link in told]
            case "marks":
                told = MARK.findall(part)
            case _:
                told = [language_free(code) for code in re.findall(r"`([^`\n]+)`", part)]
        found.append((part.splitlines()[0], Counter(told)))
    return found


def test_the_tables_have_the_same_rows() -> None:
    shapes = [[[len(rows), *{len(row) for row in rows}] for rows in tables(page)] for page in (README, CHINESE)]
    assert shapes[0] == shapes[1]
    sizes = [[re.findall(r"\d+", row[0]) for row in table(page, head)] for page, head in MEMORY]
    assert sizes[0] == sizes[1]


MEMORY = ((README, "GPU memory"), (CHINESE, "显存"))


def test_the_doctor_says_the_same_in_its_own_words() -> None:
    english, chinese = (list(remedies(locale).items()) for locale in ("en", "zh-CN"))
    order = {((check, fact), remedy): number for number, ((check, fact), remedy) in enumerate(english)}
    expected = []
    for check, fact, remedy in table(README, "check | what it says"):
        (key, told) = chinese[order[(check, fact), remedy]]
        expected.append([*key, told])
    assert table(CHINESE, "检查 | 它说") == expected


def test_the_failures_are_the_same_in_their_own_words() -> None:
    told = [re.findall(r"^- (.+)$", page.read_text("utf-8"), flags=re.MULTILINE) for page in (README, CHINESE)]
    assert told[1] == [failures("zh-CN")[failures("en").index(sentence)] for sentence in told[0]]


def test_what_is_not_code_is_chinese() -> None:
    """No paragraph was left in English."""
    text = re.sub(r"```.*?```|`[^`]*`|<[^>]*>|\([^)]*\)|\|", " ", CHINESE.read_text("utf-8"), flags=re.DOTALL)
    for paragraph in text.split("\n\n"):
        if len(re.findall(r"[A-Za-z]{2,}", paragraph)) > 6:
            assert len(re.findall(r"[\u4e00-\u9fff]", paragraph)) > 12, paragraph


def test_the_same_sandbox_requests_are_told_first() -> None:
    first = [[span.text for span in spans(page) if span.text.startswith("/imagine ")][:2] for page in (README, CHINESE)]
    assert first[0] == first[1]
