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
import threading
import time
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tools import install

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
    """Return a wheel of about so many bytes, all that pip needs in it."""
    info = f"{name}-1.0.dist-info"
    files = {
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
        sys.executable, str(ROOT / "tools" / "install.py"), *base_python(), "install", "--disable-pip-version-check",
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
        monkeypatch.setattr(install, "has_gpu", lambda: False)
        monkeypatch.setattr(install, "ANSWER_S", 1.0)

    def test_those_for_cpus_where_their_index_answers(self, index: Index) -> None:
        chosen = install.choose_index({"TORCH_CPU_INDEX": index.url})
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
            chosen = install.choose_index({"TORCH_CPU_INDEX": url})
        assert time.monotonic() - began < install.ANSWER_S + 2.0
        assert (chosen.url, chosen.kind) == ("", "cuda")
        assert f"{url} does not answer" in chosen.why

    def test_the_one_that_is_named(self, index: Index) -> None:
        chosen = install.choose_index({"TORCH_INDEX": "http://mine/", "TORCH_CPU_INDEX": index.url})
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
        assert not install.out_of_reach(url, 2.0)
        assert not install.out_of_reach("file:///opt/wheels", 2.0)

    def test_those_for_cuda_where_there_is_a_gpu(self, index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(install, "has_gpu", lambda: True)
        assert install.choose_index({"TORCH_CPU_INDEX": index.url}).url == ""
        assert index.asked == []


def test_a_gpu_is_one_that_the_driver_lists(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if shutil.which("nvidia-smi"):
        pytest.skip("there is a driver here")
    assert not install.has_gpu()
    tool = tmp_path / "nvidia-smi"
    tool.write_text("#!/bin/sh\necho 'GPU 0: NVIDIA H100 (UUID: GPU-1)'\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert install.has_gpu()
