"""Every link that stays in the repository leads somewhere, and every document is reached from the README."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.reading import README, ROOT, anchors, documents, links


def broken(file: Path, root: Path = ROOT) -> list[str]:
    """Return the links of a document that lead nowhere, or out of the repository."""
    found = []
    for link in links(file):
        if link.startswith(("https://", "http://", "mailto:")):
            continue
        place, _, anchor = link.partition("#")
        target = (file.parent / place).resolve() if place else file
        known = target.is_relative_to(root) and target.exists()
        if target.is_dir():
            known = known and not anchor
        elif anchor and known:
            known = anchor in anchors(target)
        if not known:
            found.append(link)
    return found


@pytest.mark.parametrize("file", documents(), ids=lambda file: str(file.relative_to(ROOT)))
def test_every_link_and_anchor_leads_somewhere(file: Path) -> None:
    assert broken(file) == []


def test_a_link_that_leads_nowhere_is_found(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# One\n\n[x](b.md) [y](#two) [z](#one) [out](/etc/hosts)\n")
    assert broken(tmp_path / "a.md", tmp_path) == ["b.md", "#two", "/etc/hosts"]


def test_every_document_is_reached_from_the_readme() -> None:
    reached, ahead = {README}, [README]
    while ahead:
        file = ahead.pop()
        for link in links(file):
            target = (file.parent / link.partition("#")[0]).resolve()
            if target.suffix == ".md" and target.is_file() and target not in reached:
                reached.add(target)
                ahead.append(target)
    assert {str(file.relative_to(ROOT)) for file in {*documents()} - reached} == set()
