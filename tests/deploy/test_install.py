"""The installer on a slow line: a real pip, and an index on 127.0.0.1 that sends its files as slowly as is wanted."""

from __future__ import annotations

import base64
import hashlib
import io
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import threading
import time
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tools import install, torch_index
from tools.unpacking import Unpacking, places_of

ROOT = Path(__file__).parents[2]
SILENT_S = 10.0
"""Nothing is silent for longer."""


def base_python() -> list[str]:
    """Return the Python below this virtual environment, which has pip; the one that make uses."""
    path = Path(sys.base_prefix) / "bin" / "python3"
    found = [str(path), "-m", "pip"]
    if subprocess.run([*found, "--version"], capture_output=True).returncode:
        pytest.skip("needs a Python with pip")
    return found


def wheel(name: str, size: int) -> bytes:
    """Return a wheel of about so many bytes, all that pip needs in it, and a package that it carries along."""
    info = f"{name}-1.0.dist-info"
    files = {
        f"{name}_vendor/other-2.0.dist-info/METADATA": b"",
        f"{name}.bin": os.urandom(size),
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n".encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    hashes = [
        f"{path},sha256={base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b'=').decode()},{len(data)}"
        for path, data in files.items()
    ]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for path, data in files.items():
            archive.writestr(path, data)
        archive.writestr(f"{info}/RECORD", "\n".join([*hashes, f"{info}/RECORD,,"]))
    return packed.getvalue()


class Index(ThreadingHTTPServer):
    """A simple index; `wheels` by name, each sent within so many seconds."""

    daemon_threads = True

    def __init__(self) -> None:
        self.wheels: dict[str, tuple[bytes, float]] = {}
        self.asked: list[str] = []
        super().__init__(("127.0.0.1", 0), _Pages)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/simple"


class _Pages(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        assert isinstance(self.server, Index)
        self.server.asked.append(self.path)
        parts = self.path.strip("/").split("/")
        if parts[0] == "simple" and len(parts) == 2:
            name = parts[1]
            body = f'<a href="/files/{name}-1.0-py3-none-any.whl">{name}-1.0-py3-none-any.whl</a>'.encode()
            self._send(body, 0.0, "text/html")
        elif parts[0] == "files":
            data, seconds = self.server.wheels[parts[1].partition("-")[0]]
            self._send(data, seconds, "application/octet-stream")
        else:
            self.send_error(404)

    def _send(self, body: bytes, seconds: float, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "max-age=600")
        self.end_headers()
        pieces = max(1, int(seconds * 10))
        step = -(-len(body) // pieces)
        for start in range(0, len(body), step):
            try:
                self.wfile.write(body[start : start + step])
            except OSError:  # the other side is gone
                return
            time.sleep(seconds / pieces)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def index() -> Iterator[Index]:
    server = Index()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def start(folder: Path, index: Index, *names: str) -> subprocess.Popen[str]:
    command = [
        "env", "--default-signal=INT",  # a shell starts what it runs in the background with SIGINT ignored
        sys.executable, "-m", "tools.install", *base_python(), "install", "--disable-pip-version-check",
        "--trusted-host", "127.0.0.1", "--target", str(folder / "there"), "--index-url", index.url,
        "--cache-dir", str(folder / "cache"), *names,
    ]  # fmt: skip
    environment = {**os.environ, "TORCH_INDEX": index.url, "PIP_CONFIG_FILE": os.devnull}
    return subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment,
        cwd=ROOT,
        start_new_session=True,
    )


def read(process: subprocess.Popen[str]) -> tuple[list[str], float]:
    """Return what is printed to the end, and for how many seconds nothing was, at the longest."""
    assert process.stdout
    lines, longest, before = [], 0.0, time.monotonic()
    for line in process.stdout:
        longest, before = max(longest, time.monotonic() - before), time.monotonic()
        lines.append(line.rstrip())
    process.wait()
    return lines, max(longest, time.monotonic() - before)


def test_a_slow_file_is_shown_as_it_comes(tmp_path: Path, index: Index) -> None:
    index.wheels["slow"] = wheel("slow", 21_000_000), 13.0
    process = start(tmp_path, index, "slow")
    lines, longest = read(process)
    assert process.returncode == 0, lines
    assert longest < SILENT_S
    assert any(line.strip() == "slow-1.0-py3-none-any.whl (21.0 MB)" for line in lines), lines
    amounts = [float(found[1]) for line in lines if (found := re.search(r"([\d.]+) MB of 21 MB", line))]
    assert len(amounts) >= 2, lines
    assert amounts == sorted(amounts)
    assert 1.0 < amounts[0] < 20.0, "it tells how far the file is, not only that there is one"
    assert lines[-1].startswith("Fetched 21 MB in 1 files"), lines
    assert (tmp_path / "there" / "slow.bin").stat().st_size == 21_000_000


def test_after_a_ctrl_c_it_goes_on_with_the_next_file(tmp_path: Path, index: Index) -> None:
    index.wheels |= {"first": (wheel("first", 2_000_000), 0.2), "second": (wheel("second", 3_000_000), 30.0)}
    process = start(tmp_path, index, "first", "second")
    until = time.monotonic() + 60
    while not any("files/second" in path for path in index.asked) and time.monotonic() < until:
        time.sleep(0.05)
    time.sleep(0.5)
    os.killpg(process.pid, signal.SIGINT)
    lines, _ = read(process)
    assert process.returncode == 130
    assert lines[-1].startswith("Stopped. Files that came whole are kept")
    assert not any("Traceback" in line for line in lines), lines
    index.wheels["second"] = index.wheels["second"][0], 0.1
    index.asked.clear()
    process = start(tmp_path, index, "first", "second")
    lines, _ = read(process)
    assert process.returncode == 0, lines
    assert not any("files/first" in path for path in index.asked), "what came whole is not fetched again"
    assert (tmp_path / "there" / "second.bin").exists()


def test_files_that_pip_removes_meanwhile_silence_nothing(tmp_path: Path) -> None:
    """A state that cannot be told would end the thread that shows it."""
    state = install.State(0.5, tmp_path, size=1e6)
    done = threading.Event()

    def unpack() -> None:
        while not done.is_set():
            folder = tmp_path / "pip-unpack-x"
            folder.mkdir()
            (folder / "file").write_bytes(b"x" * 1000)
            shutil.rmtree(folder)

    unpacking = threading.Thread(target=unpack)
    unpacking.start()
    try:
        end = time.monotonic() + 1.0
        while time.monotonic() < end:
            assert "of 1.0 MB" in state.line(0.0)
    finally:
        done.set()
        unpacking.join()


def kept_wheel(folder: Path, name: str, size: int) -> Path:
    path = folder / f"{name}-1.0-py3-none-any.whl"
    path.write_bytes(wheel(name, size))
    return path


def test_what_is_unpacked_is_told_with_its_bytes(tmp_path: Path) -> None:
    there = tmp_path / "there"
    wheels = [kept_wheel(tmp_path, "Big_one", 3_000_000), kept_wheel(tmp_path, "small", 500_000)]
    unpacking = Unpacking(["no-wheel", " Big.One", " small", " itself"], wheels, [there])
    assert 3_500_000 < unpacking.total < 3_502_000
    assert unpacking.look() == ("unpacking big-one (2 of 4)", 0)
    info = there / "Big_one-1.0.dist-info"
    info.mkdir(parents=True)
    (there / "Big_one.bin").touch()
    (there / "Big_one_vendor" / "other-2.0.dist-info").mkdir(parents=True)
    (there / "Big_one_vendor" / "other-2.0.dist-info" / "METADATA").touch()
    assert unpacking.look() == ("unpacking big-one (2 of 4)", 3_000_000)
    for name in ("METADATA", "WHEEL", "RECORD"):
        (info / name).touch()
    what, done = unpacking.look()
    assert (what, done > 3_000_000) == ("compiling big-one (2 of 4)", True)
    (info / "INSTALLER").touch()
    assert unpacking.look() == ("unpacking small (3 of 4)", done)


def test_unpacking_is_no_silence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pip that takes its time between two lines, as over torch."""
    path, slow = kept_wheel(tmp_path, "torch", 2_000_000), tmp_path / "slow_pip.py"
    slow.write_text(
        "import pathlib, sys, time\n"
        f"print('Processing {path}\\nInstalling collected packages: torch, limner', flush=True)\n"
        "time.sleep(0.5)\n"
        "place = pathlib.Path(sys.argv[1])\n"
        "(place / 'torch.bin').touch()\n"
        "time.sleep(0.5)\n"
    )
    monkeypatch.setattr(install, "TOLD_EVERY_S", 0.1)
    monkeypatch.setattr(install, "places_of", lambda command, folder: [tmp_path])
    out = io.StringIO()
    code = install.install([sys.executable, str(slow), str(tmp_path)], torch_index.Index("", "cuda", ""), out)
    assert code == 0
    lines = out.getvalue().splitlines()
    assert any(line.startswith("  unpacking torch (1 of 2) · 0:") for line in lines), lines
    assert any("2.0 MB of 2.0 MB" in line for line in lines), lines
    assert not any("GB" in line for line in lines), "of what is on this disk already nothing has to be fetched"


def test_it_asks_the_interpreter_where_packages_go() -> None:
    assert places_of(["pip", "--python", sys.executable, "install"], Path("/")) == [Path(sysconfig.get_path("purelib"))]
    assert places_of(["no-such-python"], Path("/")) == []


@pytest.mark.parametrize(
    ("line", "announced"),
    [
        ("Processing /opt/wheels/torch-2.13.0+cpu-cp311-cp311-manylinux_2_28_x86_64.whl", False),
        ("  Using cached torch-2.13.0-cp311-cp311-manylinux_2_28_x86_64.whl (899.8 MB)", False),
        ("  Downloading torch-2.13.0-cp311-cp311-manylinux_2_28_x86_64.whl.metadata (29 kB)", False),
        ("  Downloading torch-2.13.0-cp311-cp311-manylinux_2_28_x86_64.whl (899.8 MB)", True),
        ("  Downloading torchvision-0.20-cp311-cp311-linux_x86_64.whl (7 MB)", False),
    ],
)
def test_gigabytes_are_announced_only_where_torch_comes(tmp_path: Path, line: str, announced: bool) -> None:
    state = install.State(3.5, tmp_path, fetched=1e6)
    state.take(line)
    assert ("of about 3.5 GB" in state.line(time.monotonic())) is announced


def test_of_a_failure_what_pip_said_is_shown(tmp_path: Path, index: Index) -> None:
    process = start(tmp_path, index, "no-such-thing==7")
    lines, _ = read(process)
    assert process.returncode == 1
    assert any("no-such-thing" in line for line in lines)
    assert lines[-1].startswith("pip did not finish; what it said is above")


class TestTorch:
    """Which builds of torch are taken."""

    @pytest.fixture(autouse=True)
    def without_a_gpu(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(torch_index, "has_gpu", lambda: False)
        monkeypatch.setattr(torch_index, "ANSWER_S", 1.0)

    def test_those_for_cpus_where_their_index_answers(self, index: Index) -> None:
        chosen = torch_index.choose_index({"TORCH_CPU_INDEX": index.url})
        assert (chosen.url, chosen.kind) == (index.url, "cpu")
        assert index.asked == ["/simple/torch/"]

    @pytest.mark.parametrize("how", ["closed", "silent", "missing"])
    def test_the_usual_ones_where_it_does_not(self, index: Index, how: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            port = listening.getsockname()[1]
            if how == "closed":
                listening.close()
            url = f"{index.url}/else" if how == "missing" else f"http://127.0.0.1:{port}/simple"
            began = time.monotonic()
            chosen = torch_index.choose_index({"TORCH_CPU_INDEX": url})
        assert time.monotonic() - began < torch_index.ANSWER_S + 2.0
        assert (chosen.url, chosen.kind) == ("", "cuda")
        assert f"{url} does not answer" in chosen.why

    def test_the_one_that_is_named(self, index: Index) -> None:
        chosen = torch_index.choose_index({"TORCH_INDEX": "http://mine/", "TORCH_CPU_INDEX": index.url})
        assert (chosen.url, index.asked) == ("http://mine/", [])

    @pytest.mark.parametrize("how", ["closed", "silent"])
    def test_the_one_that_is_named_must_answer(self, how: str, capfd: pytest.CaptureFixture[str]) -> None:
        """Pip would ask it for each of sixty packages, and wait for minutes each time."""
        with socket.create_server(("127.0.0.1", 0)) as listening:
            port = listening.getsockname()[1]
            if how == "closed":
                listening.close()
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv("TORCH_INDEX", f"http://me:s3cret@127.0.0.1:{port}/simple")
                patch.setattr(install, "GIVEN_S", 1.0)
                assert install.main(["false", "limner[engine]"]) == 1
        told = capfd.readouterr()
        assert told.err == (
            f"Nothing answers at http://127.0.0.1:{port}/simple: correct TORCH_INDEX, or leave it out for torch's own "
            "index.\n"
        )
        assert "s3cret" not in told.out

    @pytest.mark.parametrize("where", ["simple", "nothing-here"])
    def test_pip_judges_the_one_that_is_named_and_answers(self, index: Index, where: str) -> None:
        url = index.url.replace("simple", where).replace("//", "//me:s3cret@")
        assert not torch_index.out_of_reach(url, 2.0)
        assert not torch_index.out_of_reach("file:///opt/wheels", 2.0)

    def test_those_for_cuda_where_there_is_a_gpu(self, index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(torch_index, "has_gpu", lambda: True)
        assert torch_index.choose_index({"TORCH_CPU_INDEX": index.url}).url == ""
        assert index.asked == []


def test_a_gpu_is_one_that_the_driver_lists(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if shutil.which("nvidia-smi"):
        pytest.skip("there is a driver here")
    assert not torch_index.has_gpu()
    tool = tmp_path / "nvidia-smi"
    tool.write_text("#!/bin/sh\necho 'GPU 0: NVIDIA H100 (UUID: GPU-1)'\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert torch_index.has_gpu()
