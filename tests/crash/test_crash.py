"""A sample of `make crash`, and the shim itself: it must count, fail, tear and lose what no fsync made last."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from harness.processes import ROOT
from tests.crash.mutants import MUTANTS
from tests.crash.shim import How, build, strike

pytestmark = pytest.mark.skipif(shutil.which("cc") is None, reason="there is no C compiler (cc) to build the shim")
WRITER = """
import os, sys
from pathlib import Path
from tests.crash.mutants import MUTANTS
from tests.crash.shim import Strike
home, how, at, counter = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), Path(sys.argv[4])
Strike(how, at, counter).arm(home)
file = os.open(home / "file", os.O_RDWR | os.O_CREAT)
os.pwrite(file, b"first", 0)
os.fsync(file)
os.pwrite(file, b"other", 0)
os.write(os.open(home / "new", os.O_WRONLY | os.O_CREAT), b"new")
os.rename(home / "new", home / "file")
"""


@pytest.fixture(scope="module")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    built = build(tmp_path_factory.mktemp("shim"))
    assert built
    return built


@pytest.mark.parametrize(
    ("how", "at", "code", "held"),
    [
        ("count", 1, 0, b"new"),
        ("kill", 3, -signal.SIGKILL, b"first"),
        ("torn", 3, -signal.SIGKILL, b"otrst"),
        ("kill", 4, -signal.SIGKILL, b"other"),
        ("power", 4, -signal.SIGKILL, b"first"),
        ("power", 2, -signal.SIGKILL, b""),
        ("kill", 6, 0, b"new"),
        ("EIO", 2, 1, b"first"),
        ("ENOSPC", 1, 1, b""),
    ],
)
def test_a_call_is_struck(shim: Path, tmp_path: Path, how: How, at: int, code: int, held: bytes) -> None:
    home, struck = tmp_path / "home", strike(how, at, tmp_path / "calls")
    home.mkdir()
    command = [sys.executable, "-c", WRITER, str(home), how, str(at), str(struck.counter)]
    environment = {**os.environ, "LD_PRELOAD": str(shim), "PYTHONPATH": str(ROOT)}
    assert subprocess.run(command, env=environment, cwd=ROOT, capture_output=True).returncode == code
    assert (home / "file").read_bytes() == held
    assert struck.count() == (5 if code == 0 else at)


def test_a_rename_without_an_fsync_of_its_folder_is_lost(shim: Path, tmp_path: Path) -> None:
    home, struck = tmp_path / "home", strike("power", 6, tmp_path / "calls")
    home.mkdir()
    after = "\nos.pwrite(os.open(home / 'last', os.O_WRONLY | os.O_CREAT), b'x', 0)"
    command = [sys.executable, "-c", WRITER + after, str(home), "power", "6", str(struck.counter)]
    environment = {**os.environ, "LD_PRELOAD": str(shim), "PYTHONPATH": str(ROOT)}
    assert subprocess.run(command, env=environment, cwd=ROOT).returncode == -signal.SIGKILL
    assert (home / "file").read_bytes() == b"first"
    assert (home / "new").read_bytes() == b"", "what it held was not made last either"


COMMITTER = """
import json, os, sqlite3, sys
from pathlib import Path
from tests.crash.shim import Strike, strike
folder = Path(sys.argv[1])

def life(how, at, each):
    home = folder / f"{how}-{at}-{each}"
    (home / "home").mkdir(parents=True)
    struck = strike(how, at, home / "calls", each=each)
    database = sqlite3.connect(home / "home" / "db", isolation_level=None)
    for sql in ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL", "CREATE TABLE t (x)"):
        database.execute(sql)
    database.close()
    if not (child := os.fork()):
        struck.arm(home / "home")
        database = sqlite3.connect(home / "home" / "db", isolation_level=None)
        database.execute("PRAGMA synchronous = FULL")
        for number in range(2):
            database.execute("BEGIN")
            for _ in range(2):
                database.execute("INSERT INTO t VALUES (?)", (str(number) * 3000,))
            database.execute("COMMIT")
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        os._exit(0)
    os.waitpid(child, 0)
    left = sqlite3.connect(home / "home" / "db").execute("SELECT count(*) FROM t").fetchone()[0]
    return struck.count(), left

few, many = life("count", 0, False)[0], life("count", 0, True)[0]
found = {"counted": few, "each": many}
for how in ("torn", "power"):
    ends = [(False, few), (True, many)]
    found[how] = [[life(how, at, each)[1] for at in range(1, number + 1)] for each, number in ends]
print(json.dumps(found))
"""


def test_calls_that_are_not_counted_leave_what_counted_ones_leave(shim: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "LD_PRELOAD": str(shim), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", COMMITTER, str(tmp_path)]
    ran = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    found = json.loads(ran.stdout)
    assert found["counted"] * 2 < found["each"]
    for how in "torn", "power":
        counted, each = found[how]
        assert sorted({*counted}) == [0, 2, 4], "dying before, between and after two commits"
        assert each == sorted(each)
        assert {*each} == {*counted}


AILING = """
import os, sys, time
from pathlib import Path
from tests.crash.shim import ail, strike
home = Path(sys.argv[1])
struck = strike("count", 0, home.parent / "calls")
struck.arm(home)
file = os.open(home / "file", os.O_RDWR | os.O_CREAT)
for how in "slow", "failing", "well":
    ail(struck.counter, how)
    began = time.monotonic()
    try:
        os.pwrite(file, how.encode(), 0)
    except OSError as error:
        print(how, error.errno)
    print(how, time.monotonic() - began > 0.05)
"""


def test_a_disk_ails_until_it_is_well(shim: Path, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    environment = {**os.environ, "LD_PRELOAD": str(shim), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", AILING, str(tmp_path / "home")]
    ran = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True)
    assert ran.stdout.splitlines() == ["slow True", "failing 5", "failing False", "well False"], ran.stderr
    assert (tmp_path / "home" / "file").read_bytes() == b"well"


@pytest.mark.parametrize("name", MUTANTS)
def test_what_a_mutant_takes_out_is_there(name: str) -> None:
    source = (ROOT / MUTANTS[name].file).read_text("utf-8")
    assert [before for before, _ in MUTANTS[name].edits if before not in source] == []


def test_nothing_is_lost_doubled_or_unbalanced() -> None:
    command = [sys.executable, "-m", "tests.crash", "--story", "people", "--how", "kill", "power", "ENOSPC"]
    command += ["--every", "11", "--at-once", "2"]
    ran = subprocess.run(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.count(" calls, ") == 3
    assert "0 lost, 0 doubled, 0 unbalanced, 0 orphaned, 0 exceeded, 0 shown, 0 mistold" in ran.stdout
