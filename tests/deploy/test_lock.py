"""The images' locks are whole, at the tested versions, with hashes; and no image installs anything past them."""

from __future__ import annotations

import re
import tomllib
from importlib import metadata

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from harness.processes import ROOT
from tools.lock import LOCKS, entries, is_apart

PINS = {
    canonicalize_name(name): version
    for name, version in re.findall(r"^([\w.-]+)==(\S+)$", (ROOT / "constraints.txt").read_text("utf-8"), re.MULTILINE)
}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
LOCKED = {name: entries((ROOT / "deploy" / f"{name}.lock").read_text("utf-8")) for name in LOCKS}


def asked_for(name: str) -> list[str]:
    project = PROJECT["project"]
    named = [one for extra in LOCKS[name].extras for one in project["optional-dependencies"][extra]]
    return [*named, *project["dependencies"]] if LOCKS[name].extras else PROJECT["build-system"]["requires"]


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_has_the_tested_versions_and_a_hash_for_each(name: str) -> None:
    for package, entry in LOCKED[name].items():
        version = entry.split()[0].partition("==")[2]
        assert PINS.get(canonicalize_name(package), version) == version, f"make lock: {package} is {version}"
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), package
    assert set(LOCKED[name]) == {name for name in LOCKED[name] if not is_apart(name)}


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_is_whole(name: str) -> None:
    """What is asked for is there, and what each of it needs, as far as it is installed here."""
    locked = {canonicalize_name(package) for package in LOCKED[name]}
    for line in asked_for(name):
        assert is_apart(Requirement(line).name) or canonicalize_name(Requirement(line).name) in locked, "make lock"
    for package in locked:
        try:
            needed = metadata.requires(package) or []
        except metadata.PackageNotFoundError:
            continue
        for need in map(Requirement, needed):
            wanted = need.marker is None or need.marker.evaluate({"extra": ""})
            assert not wanted or is_apart(need.name) or canonicalize_name(need.name) in locked, f"{package}: {need}"


@pytest.mark.parametrize("name", [name for name in LOCKS if LOCKS[name].extras])
def test_an_image_takes_nothing_that_is_in_no_lock_but_torch(name: str) -> None:
    text = (ROOT / "deploy" / f"{name}.Dockerfile").read_text("utf-8").replace("\\\n", " ")
    commands = [command.strip() for line in text.splitlines() for command in line.split("&&")]
    installs = [command.split() for command in commands if "/pip install" in command]
    for words in installs:
        hashed = "--require-hashes" in words and words[-1] in (f"deploy/{name}.lock", "deploy/build.lock")
        own = "--no-index" in words and "--no-deps" in words and words[-1] == "/wheels/*.whl"
        assert hashed or own or words[-1] == "torch", words
    assert len(installs) >= 3
    assert [words[-1] == "torch" for words in installs].count(True) == (name == "engine")


def test_a_package_goes_apart_by_its_name() -> None:
    names = ("torch", "torchao", "nvidia-nccl-cu13", "cuda-bindings", "triton")
    assert [name for name in names if not is_apart(name)] == ["torchao"]


def test_an_entry_is_read_with_all_its_hashes() -> None:
    first = "a==1 ; python_version < '4' \\\n    --hash=sha256:00 \\\n    --hash=sha256:11\n"
    second = "b-c==2 \\\n    --hash=sha256:22\n"
    assert entries(f"# head\n{first}{second}") == {"a": first, "b-c": second}
