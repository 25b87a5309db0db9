"""What a release holds, and what Limner says where pip installed it: nothing of make, which is not there.

`make release-check` is the whole of it: the wheel in a fresh environment and an empty folder, until it has drawn.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from bot.cli.doctor.finding import Finding
from bot.ui.i18n import LOCALES
from engine.api import installation
from tests.deploy.test_install import base_python, wheel
from tests.docs.sentences import keys
from tools import install, release, release_check, torch_index
from training.gallery.sources import DRAWINGS, NAMES

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
CHECKOUT = re.compile(r"\bmake (setup|run|clean|test)\b|\.venv|\.env\.example|constraints\.txt|\bdocs/")
"""What only a checkout has."""


@pytest.mark.parametrize("locale", LOCALES)
def test_no_remedy_speaks_of_what_only_a_checkout_has(locale: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.cli.doctor.finding.in_checkout", lambda: False)
    known = keys(locale, "doctor.ftl")
    told = 0
    for key, variables in known.items():
        if f"{key}-remedy" in known and key != "doctor-packages-other":  # which needs a checkout's constraints.txt
            facts: dict[str, str | int] = dict.fromkeys(variables | known[f"{key}-remedy"], "x")
            assert not CHECKOUT.search(Finding("fails", key, facts).remedy(locale)), key
            told += 1
    assert told > 20


@pytest.mark.parametrize("locale", LOCALES)
def test_no_other_sentence_does(locale: str) -> None:
    folder = ROOT / "bot" / "ui" / "locales" / locale
    files = sorted(file for file in folder.glob("*.ftl") if file.name != "doctor.ftl")
    lines = [line for file in files for line in file.read_text("utf-8").splitlines() if line[:1] != "#"]
    assert len(lines) > 500
    told = [line for line in lines if CHECKOUT.search(line)]
    assert [line.partition(" ")[0] for line in told] == ["export-part"], "which says that it is in the repository"


def test_the_command_that_installs_is_the_way_that_it_was_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert installation.install_command() == "make setup"
    monkeypatch.setattr(installation, "in_checkout", lambda: False)
    assert installation.install_command() == "pip install 'limner[engine]'"


def test_the_code_as_a_package_in_an_empty_folder(tmp_path: Path) -> None:
    """Without the engine's packages, `limner run` says in one sentence how to get them."""
    for name in ("bot", "engine"):
        shutil.copytree(ROOT / name, tmp_path / "site" / name, ignore=shutil.ignore_patterns("__pycache__", "starter"))
    gone = tmp_path / "site" / "sitecustomize.py"
    gone.write_text(
        "import importlib.util as u\nfind = u.find_spec\n"
        "u.find_spec = lambda name, package=None: None if name == 'torch' else find(name, package)\n"
    )
    (tmp_path / "empty").mkdir()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LIMNER_", "DISCORD_"))}
    done = subprocess.run(
        [sys.executable, "-m", "bot.cli.main", "run"],
        cwd=tmp_path / "empty",
        env={**kept, "PYTHONPATH": str(tmp_path / "site"), "LIMNER_SANDBOX_PORT": "0"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        "Limner's engine is not installed here: pip install 'limner[engine]', or set ENGINE_URL to an engine elsewhere."
    )


def test_the_check_of_a_release_installs_as_make_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", base_python()[0])
    monkeypatch.setattr(release_check, "DIST", tmp_path)
    monkeypatch.setenv("PYTHONPATH", "/nowhere")
    (tmp_path / "constraints.txt").write_text("")
    file = tmp_path / "small-1.0-py3-none-any.whl"
    file.write_bytes(wheel("small", 100))
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "venv")], check=True)
    release_check.install(str(file), tmp_path / "venv")
    assert list(tmp_path.glob("venv/lib/python*/site-packages/small.bin"))


def test_the_check_of_a_release_is_never_silent_for_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert release_check.TOLD_EVERY_S < 10
    monkeypatch.setattr(release_check, "TOLD_EVERY_S", 0.1)
    told = release_check.step("slow", ["sh", "-c", "cat; sleep 1"], tmp_path, answers="yes")
    assert told == "yes"
    first, *between, last = capsys.readouterr().out.splitlines()
    assert first == "- slow …"
    assert {re.sub(r"\d+", "n", line) for line in between} == {"  … n s so far"}
    assert re.fullmatch(r"  \d\.\d s", last)


def test_the_notes_are_the_versions_section_of_the_changelog() -> None:
    assert release.notes("0.0.0-unknown") == release.notes("Unreleased")
    assert release.notes("Unreleased").startswith("### ")
    assert "\n## " not in release.notes("Unreleased")


def test_the_bill_of_materials_holds_every_pinned_package() -> None:
    bill = release.bill(PROJECT)
    components = bill["components"]
    assert isinstance(components, list)
    pins = re.findall(r"^([\w.-]+)==(\S+)$", (ROOT / "constraints.txt").read_text("utf-8"), re.MULTILINE)
    assert [(each["name"], each["version"]) for each in components] == pins
    assert all(each["purl"].startswith("pkg:pypi/") for each in components)


def test_the_description_has_no_link_that_only_a_checkout_has() -> None:
    text = (ROOT / PROJECT["readme"]).read_text("utf-8")
    links = re.findall(r"\]\(([^)]+)\)", text)
    assert all(link.startswith("https://") for link in links), links
    extras = set(PROJECT["optional-dependencies"])
    named = {one for group in re.findall(r"`limner\[([\w,]+)\]`", text) for one in group.split(",")}
    assert named
    assert named <= extras


def test_the_description_names_the_index_that_setup_takes_and_how_much_each_build_is() -> None:
    text = (ROOT / PROJECT["readme"]).read_text("utf-8")
    assert f"--extra-index-url {torch_index.CPU_INDEX}\n" in text
    assert f"about {install.FETCHED_GB['cpu']} GB to fetch in all and not {install.FETCHED_GB['cuda']}" in text


def test_the_notice_names_each_set_that_the_starter_was_made_from_with_its_licence() -> None:
    notice = (ROOT / "NOTICE").read_text("utf-8")
    for source in (DRAWINGS, NAMES):
        assert f"{source.package} {source.version}" in notice
        assert f"{source.license} License\n" in notice
    assert "SPDX-License-Identifier: Unicode-3.0" in notice, "of CLDR, whose names these are"
    assert set(PROJECT["license"].split(" AND ")) == {"Apache-2.0", DRAWINGS.license, NAMES.license, "Unicode-3.0"}


@pytest.mark.parametrize("name", ["bot", "engine"])
def test_an_image_is_built_with_the_notices(name: str) -> None:
    """The wheel in it would have none: a file that is not copied is not there to be packed."""
    dockerfile = (ROOT / "deploy" / f"{name}.Dockerfile").read_text()
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", dockerfile, re.MULTILINE)
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    for file in PROJECT["license-files"]:
        assert any(file in line.split() for line in copied)
        assert f"!{file}" in ignored


needs_release = pytest.mark.skipif(not list((ROOT / "dist").glob("*.whl")), reason="needs make release")


@needs_release
def test_the_wheel_holds_the_starter_whole_and_the_notices() -> None:
    (wheel,) = (ROOT / "dist").glob("*.whl")
    held = set(zipfile.ZipFile(wheel).namelist())
    models = [path for path in (ROOT / "engine" / "starter" / "models").rglob("*") if path.is_file()]
    assert models
    assert {str(path.relative_to(ROOT)) for path in models} <= held
    assert {f"limner-{PROJECT['version']}.dist-info/licenses/{file}" for file in PROJECT["license-files"]} <= held


@needs_release
def test_the_wheel_holds_what_runs_and_nothing_else() -> None:
    (wheel,) = (ROOT / "dist").glob("*.whl")
    tops = {name.partition("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert tops == {"bot", "engine", "training", f"limner-{PROJECT['version']}.dist-info"}
