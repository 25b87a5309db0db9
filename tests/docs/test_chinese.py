"""Each page for a reader is there in Chinese too: what is not language is the same in both, in the same order."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from tests.docs.reading import (
    HOSTS,
    MARK,
    MEMBERS,
    MODERATORS,
    README,
    ROOT,
    blocks,
    headings,
    links,
    spans,
    table,
    tables,
)
from tests.docs.sentences import failures, remedies

CHINESE = ".zh-CN.md"
PAGES = [README, HOSTS, MEMBERS, MODERATORS, ROOT / "CONTRIBUTING.md"]
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)


def chinese(page: Path) -> Path:
    return page.with_name(page.stem + CHINESE)


def language_free(code: str) -> str:
    """Return code without what stands for a value of the reader's."""
    return re.sub(r"<[^>]+>", "<…>", code)


@each_page
def test_each_leads_to_the_other(page: Path) -> None:
    assert links(page)[0] == chinese(page).name
    assert links(chinese(page))[0] == page.name


@each_page
def test_the_sections_are_the_same_in_the_same_order(page: Path) -> None:
    assert [level for level, _ in headings(chinese(page))] == [level for level, _ in headings(page)]
    assert len({text for _, text in headings(chinese(page))}) == len(headings(page))


@each_page
def test_the_blocks_of_code_are_the_same(page: Path) -> None:
    english, other = (
        [(block.language, block.needs, [language_free(line) for line in block.commands()]) for block in blocks(file)]
        for file in (page, chinese(page))
    )
    assert other == english


@each_page
@pytest.mark.parametrize("of", ["commands, settings and values", "links", "marks"])
def test_every_section_tells_of_the_same(page: Path, of: str) -> None:
    for (title, english), (other, theirs) in zip(sections(page, of), sections(chinese(page), of), strict=True):
        assert theirs == english, f"{title} / {other}"


def sections(page: Path, of: str) -> list[tuple[str, Counter[str]]]:
    """Return for each section its heading, and how often it tells of what."""
    found = []
    for part in re.split(r"^(?=##? )", page.read_text("utf-8"), flags=re.MULTILINE):
        if not part.strip():
            continue
        match of:
            case "links":
                told = [one_language(link) for link in re.findall(r"\]\(([^)\s]+)\)", part)]
            case "marks":
                told = MARK.findall(part)
            case _:
                told = [language_free(code) for code in re.findall(r"`([^`\n]+)`", part)]
        found.append((part.splitlines()[0], Counter(told)))
    return found


def one_language(link: str) -> str:
    """Return a link as the English page has it, without the heading that it leads to where that is translated."""
    place, _, anchor = link.partition("#")
    known = place.replace(".zh-CN.", ".")
    translated = not known or known.rpartition("/")[2] in {page.name for page in PAGES}
    return f"{known}#" if anchor and translated else link.replace(".zh-CN.", ".")


@each_page
def test_the_tables_have_the_same_rows(page: Path) -> None:
    shapes = [[[len(rows), *{len(row) for row in rows}] for rows in tables(file)] for file in (page, chinese(page))]
    assert shapes[0] == shapes[1]


def test_the_memory_is_the_same() -> None:
    heads = ((README, "GPU memory"), (chinese(README), "显存"))
    sizes = [[re.findall(r"\d+", row[0]) for row in table(page, head)] for page, head in heads]
    assert sizes[0] == sizes[1]


def test_the_doctor_says_the_same_in_its_own_words() -> None:
    english, theirs = (list(remedies(locale).items()) for locale in ("en", "zh-CN"))
    order = {((check, fact), remedy): number for number, ((check, fact), remedy) in enumerate(english)}
    expected = []
    for check, fact, remedy in table(HOSTS, "check | what it says"):
        (key, told) = theirs[order[(check, fact), remedy]]
        expected.append([*key, told])
    assert table(chinese(HOSTS), "检查 | 它说") == expected


def test_the_failures_are_the_same_in_their_own_words() -> None:
    told = [re.findall(r"^- (.+)$", page.read_text("utf-8"), flags=re.MULTILINE) for page in (HOSTS, chinese(HOSTS))]
    assert told[1] == [failures("zh-CN")[failures("en").index(sentence)] for sentence in told[0]]


@each_page
def test_what_is_not_code_is_chinese(page: Path) -> None:
    """No paragraph was left in English."""
    text = re.sub(r"```.*?```|`[^`]*`|<[^>]*>|\([^)]*\)|\|", " ", chinese(page).read_text("utf-8"), flags=re.DOTALL)
    for paragraph in text.split("\n\n"):
        if len(re.findall(r"[A-Za-z]{2,}", paragraph)) > 6:
            assert len(re.findall(r"[\u4e00-\u9fff]", paragraph)) > 12, paragraph


def test_the_same_sandbox_requests_are_told_first() -> None:
    first = [
        [span.text for span in spans(page) if span.text.startswith("/imagine ")][:2]
        for page in (README, chinese(README))
    ]
    assert first[0] == first[1]
