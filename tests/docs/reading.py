"""What the documents hold: blocks of code, commands in sentences, tables, links and headings, and their marks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
HOSTS, MEMBERS, MODERATORS = (ROOT / "docs" / f"{reader}.md" for reader in ("hosts", "members", "moderators"))
"""What each reader is told beyond the README."""
MARK = re.compile(r"<!-- needs ([^>]+?) -->")
"""Stands before a block, or within a paragraph, a list's item or a table's row, whose commands no test can run."""


def documents() -> list[Path]:
    """Return the documents that people follow."""
    found = [
        *ROOT.glob("*.md"),
        *ROOT.glob("docs/**/*.md"),
        *ROOT.glob("deploy/**/*.md"),
        ROOT / "bench" / "RESULTS.md",
    ]
    return sorted(file for file in found if file.name != "CHANGELOG.md")


@dataclass(frozen=True)
class Block:
    """A fenced block, and what its mark says that it needs: empty without one."""

    file: Path
    line: int
    language: str
    text: str
    needs: str

    def commands(self) -> list[str]:
        """Return the command lines: without comments, with continued lines joined."""
        joined = re.sub(r"\\\n\s*", "", self.text)
        lines = (re.sub(r"(^|\s)#.*$", "", line).strip() for line in joined.splitlines())
        return [line for line in lines if line]


@dataclass(frozen=True)
class Span:
    """Inline code, and what the mark within its paragraph says."""

    file: Path
    line: int
    text: str
    needs: str


def blocks(file: Path) -> list[Block]:
    found, needs = [], ""
    lines = iter(enumerate(file.read_text("utf-8").splitlines(), 1))
    for number, line in lines:
        if match := MARK.fullmatch(line.strip()):
            needs = match[1]
        elif fence := re.match(r"\s*(```+)(\w*)", line):
            body = []
            for _, inner in lines:
                if inner.strip() == fence[1]:
                    break
                body.append(inner)
            found.append(Block(file, number, fence[2], "\n".join(body), needs))
            needs = ""
        elif line.strip():
            needs = ""
    return found


def paragraphs(file: Path) -> Iterator[tuple[int, str]]:
    """Yield paragraphs, list items and table rows, with the number of their first line; no blocks of code."""
    start, fenced = 0, False
    held: list[str] = []
    for number, line in enumerate([*file.read_text("utf-8").splitlines(), ""], 1):
        fence = re.match(r"\s*```", line)
        if fence:
            fenced = not fenced
        elif fenced:
            continue
        begins = re.match(r"\s*(\||[-*] |\d+\. |#+ )", line)
        if held and (begins or fence or not line.strip()):
            yield start, "\n".join(held)
            held = []
        if line.strip() and not fence:
            start = start if held else number
            held.append(line.strip())


def spans(file: Path) -> list[Span]:
    found = []
    for start, paragraph in paragraphs(file):
        mark = MARK.search(paragraph)
        for match in re.finditer(r"(`+)(.+?)\1", paragraph, flags=re.DOTALL):
            line = start + paragraph[: match.start()].count("\n")
            found.append(Span(file, line, re.sub(r"\s+", " ", match[2]).strip(), mark[1] if mark else ""))
    return found


def tables(file: Path) -> list[list[list[str]]]:
    """Return the tables' rows of cells, their heads first."""
    found: list[list[list[str]]] = []
    previous = 0
    for number, row in paragraphs(file):
        if not row.startswith("|"):
            continue
        cells = [MARK.sub("", cell).strip() for cell in row.strip("|").split(" | ")]
        if number != previous + 1:
            found.append([])
        previous = number
        if not re.fullmatch(r"[-| :]+", row):
            found[-1].append([cell.strip("| ") for cell in cells])
    return found


def table(file: Path, head: str) -> list[list[str]]:
    """Return the rows below the one head that begins so."""
    (rows,) = [rows for rows in tables(file) if " | ".join(rows[0]).startswith(head)]
    return rows[1:]


def headings(file: Path) -> list[tuple[int, str]]:
    """Return each heading's level and text."""
    found = [re.match(r"(#+) (.+)", text) for _, text in paragraphs(file) if text.startswith("#")]
    return [(len(match[1]), match[2]) for match in found if match]


def anchors(file: Path) -> set[str]:
    """Return what a link may have behind its #, as GitHub makes it of the headings."""
    found: set[str] = set()
    for _, heading in headings(file):
        slug = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        found.add(next(name for name in (slug, *(f"{slug}-{n}" for n in range(1, 9))) if name not in found))
    return found


def links(file: Path) -> list[str]:
    """Return where links and pictures lead, in order."""
    text = "\n\n".join(re.sub(r"`[^`]*`", "`", text) for _, text in paragraphs(file))
    return re.findall(r"\]\(([^)\s]+)\)", text)
