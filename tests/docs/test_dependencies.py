"""Each dependency says beside it why it is there, and has a lower bound that the pinned version meets."""

from __future__ import annotations

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.docs.reading import ROOT

FILE = (ROOT / "pyproject.toml").read_text("utf-8")
PROJECT = tomllib.loads(FILE)["project"]
NAMED = sorted(
    {*PROJECT["dependencies"], *(one for those in PROJECT["optional-dependencies"].values() for one in those)}
)
STUBS = "types-"
PINS = {
    canonicalize_name(name): version
    for name, version in re.findall(r"^([\w.-]+)==(\S+)$", (ROOT / "constraints.txt").read_text("utf-8"), re.MULTILINE)
}


@pytest.mark.parametrize("named", NAMED)
def test_a_dependency_has_a_bound_that_its_pin_meets_and_a_reason(named: str) -> None:
    requirement = Requirement(named)
    assert {bound.operator for bound in requirement.specifier} in ({">="}, {">=", "<"})
    assert requirement.specifier.contains(PINS[canonicalize_name(requirement.name)])
    lines = [line for line in FILE.splitlines() if line.strip().startswith(f'"{named}",')]
    assert lines
    assert requirement.name.startswith(STUBS) or all(re.search(r",  # \w", line) for line in lines), lines
