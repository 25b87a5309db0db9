"""What people and servers write stays text: in logs, in archives, in headers, on the sandbox's page."""

from __future__ import annotations

import io
import json
import logging
import tarfile
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest
import structlog

from bot.sandbox.server import Sandbox
from bot.storage.backup_file import DATABASE, FORMAT, MANIFEST, NotABackup, read_archive
from engine.api.log import configure_log
from tests.logs import log_as_it_was

EVIL = "x\x1b[2J\n2026-01-01T00:00:00Z [info     ] forged\r\u2028\u202e"


@pytest.fixture
def logged(capfd: pytest.CaptureFixture[str]) -> Iterator[pytest.CaptureFixture[str]]:
    with log_as_it_was():
        yield capfd


@pytest.mark.parametrize("form", ["text", "json"])
def test_nothing_that_is_logged_begins_a_line_or_acts(form: str, logged: pytest.CaptureFixture[str]) -> None:
    configure_log("json" if form == "json" else "text", "bot", key=b"k")
    structlog.get_logger("bot.x").info("job.x", detail=EVIL, some=[EVIL], nested={"a": EVIL})
    logging.getLogger("discord.http").warning("odd %s", EVIL)
    try:
        raise ValueError(EVIL)
    except ValueError:
        structlog.get_logger("bot.x").exception("job.broke")
        logging.getLogger("asyncio").exception("broke %s", EVIL)
    shown = logged.readouterr().err
    assert not set(shown) & set("\x1b\r\u2028\u202e") or form == "json"
    assert "\x1b" not in shown
    assert "\r" not in shown
    assert [line for line in shown.splitlines() if line.startswith("2026-01-01")] == []
    assert shown.count("forged") == 7 if form == "text" else all(json.loads(line) for line in shown.strip().split("\n"))


def archive(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for member, data in members:
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return out.getvalue()


def entry(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    found = tarfile.TarInfo(name)
    found.type, found.linkname = kind, link
    return found


def manifest(size: int) -> bytes:
    about = {"format": FORMAT, "limner": "0", "made_at": "", "database_version": 1, "sealed": False}
    return json.dumps({**about, "size": size, "sha256": "0" * 64}).encode()


@pytest.mark.parametrize(
    "data",
    [
        archive((entry("../evil"), b"x")),
        archive((entry("/etc/evil"), b"x")),
        archive((entry(MANIFEST, tarfile.SYMTYPE, "/etc/passwd"), b"")),
        archive((entry(MANIFEST, tarfile.LNKTYPE, "/etc/passwd"), b"")),
        archive((entry(MANIFEST, tarfile.FIFOTYPE), b"")),
        archive((entry(MANIFEST), manifest(1)), (entry(DATABASE, tarfile.SYMTYPE, "/etc/passwd"), b"")),
        archive((entry(MANIFEST), manifest(1)), (entry("../limner.sqlite3"), b"x")),
        archive((entry(MANIFEST), manifest(1)), (entry(DATABASE), b"x" * 5_000_000)),
        archive((entry(MANIFEST), manifest(1)), (entry(DATABASE, tarfile.CHRTYPE), b"")),
    ],
    ids=range(9),
)
def test_an_archive_writes_nothing_but_what_its_manifest_says(data: bytes, tmp_path: Path) -> None:
    file, target = tmp_path / "backup", tmp_path / "folder" / "target"
    target.parent.mkdir()
    file.write_bytes(data)
    with pytest.raises(NotABackup):
        read_archive(file, target)
    assert {path.name for path in tmp_path.rglob("*")} <= {"backup", "folder", "target"}
    assert not target.exists() or target.stat().st_size <= 1


def test_a_sparse_file_in_an_archive_is_refused(tmp_path: Path) -> None:
    """It would unpack to a terabyte of zeros."""
    sparse = entry(DATABASE)
    sparse.pax_headers = {
        "GNU.sparse.major": "0",
        "GNU.sparse.minor": "1",
        "GNU.sparse.map": "0,1",
        "GNU.sparse.size": str(1 << 40),
    }
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        about = entry(MANIFEST)
        about.size = len(manifest(1 << 40))
        tar.addfile(about, io.BytesIO(manifest(1 << 40)))
        sparse.size = 1
        tar.addfile(sparse, io.BytesIO(b"x"))
    (tmp_path / "backup").write_bytes(out.getvalue())
    with pytest.raises(NotABackup, match="where it belongs"):
        read_archive(tmp_path / "backup", tmp_path / "target")


async def test_the_sandbox_cannot_be_framed_and_refuses_odd_tokens() -> None:
    async with Sandbox(0) as sandbox, aiohttp.ClientSession(sandbox.url) as session:
        async with session.get("/") as page:
            assert page.headers["X-Frame-Options"] == "DENY"
        for token in ("", "Bot x", "Bot ä", f"bot {sandbox.token}"):
            async with session.get("/api/v10/users/@me", headers={"Authorization": token}) as answer:
                assert answer.status == 401
        for told in ({"op": 2, "d": None}, {"op": 2, "d": {"token": "ä", "intents": 1}}, {"op": 6, "d": []}):
            async with session.ws_connect("/gateway") as gateway:
                await gateway.receive_json()
                await gateway.send_json(told)
                assert (await gateway.receive()).data == 4004
