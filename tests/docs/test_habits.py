"""What GitHub and pre-commit run for a contributor is what the Makefile runs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.docs.reading import ROOT
from tools.images import DIGESTS

GITHUB = ROOT / ".github"
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")


def read(file: Path) -> dict[Any, Any]:
    found = yaml.safe_load(file.read_text("utf-8"))
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize(
    ("name", "on", "commands"),
    [("test", "push", {"test": ".ci/run", "audit": "make audit"}), ("quick", "pull_request", {"quick": "make quick"})],
)
def test_a_workflow_runs_its_buttons_and_may_only_read(name: str, on: str, commands: dict[str, str]) -> None:
    workflow = read(GITHUB / "workflows" / f"{name}.yml")
    assert on in workflow[True]  # YAML takes the word "on" for a truth
    assert workflow["permissions"] == {"contents": "read"}
    run = {name: [step["run"] for step in job["steps"] if "run" in step] for name, job in workflow["jobs"].items()}
    assert run == {name: [command] for name, command in commands.items()}


def test_a_tag_publishes_the_images() -> None:
    workflow = read(GITHUB / "workflows" / "images.yml")
    assert workflow[True] == {"push": {"tags": ["v*"]}}
    assert workflow["permissions"] == {"contents": "read", "packages": "write"}
    (job,) = workflow["jobs"].values()
    build, tell = [step["run"] for step in job["steps"][-2:]]
    assert build == "make images PUSH=1"
    assert tell == f'cat {DIGESTS.relative_to(ROOT)} >> "$GITHUB_STEP_SUMMARY"'
    assert re.search(r"^images:", MAKEFILE, re.MULTILINE)
    assert not any("${{ secrets" in step.get("run", "") for step in job["steps"]), "no secret stands in a command line"


def test_the_long_lanes_run_by_themselves() -> None:
    workflow = read(GITHUB / "workflows" / "long.yml")
    assert workflow[True]["schedule"]
    assert workflow["permissions"] == {"contents": "read"}
    (job,) = workflow["jobs"].values()
    assert job["steps"][-1]["run"] == "make ${{ matrix.lane }}"
    lanes = job["strategy"]["matrix"]["lane"]
    assert set(lanes) == {"full", "fuzz", "chaos", "crash", "audit"}
    assert all(re.search(rf"^{lane}:", MAKEFILE, re.MULTILINE) for lane in lanes)


def test_ci_runs_make_test() -> None:
    assert (ROOT / ".ci" / "run").read_text("utf-8").rstrip().endswith("\nmake test")


def test_each_hook_is_what_the_makefile_runs() -> None:
    hooks = [hook for repo in read(ROOT / ".pre-commit-config.yaml")["repos"] for hook in repo["hooks"]]
    assert {hook["language"] for hook in hooks} == {"system"}, "nothing is fetched at a commit"
    run = {re.sub(r" --force-exclude", "", hook["entry"]).removeprefix(".venv/bin/") for hook in hooks}
    checks = re.findall(r"^\t\$\(BIN\)/((?:ruff|mypy|lint-imports)[^\n]*)", MAKEFILE, re.MULTILINE)
    assert run == {check.removesuffix(" .") for check in checks}


@pytest.mark.parametrize("form", [*(GITHUB / "ISSUE_TEMPLATE").glob("[!c]*.yml")], ids=lambda file: file.stem)
def test_a_form_asks_for_something_that_is_required(form: Path) -> None:
    fields = [field for field in read(form)["body"] if field["type"] != "markdown"]
    assert len({field["id"] for field in fields}) == len(fields)
    assert any(field.get("validations", {}).get("required") for field in fields)
