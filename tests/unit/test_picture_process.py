"""Pictures are decoded in processes that know no secrets, hold little, end in time, and are two at most."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import psutil
import pytest

from bot.domain.picture_file import suffix
from bot.services.ports.pictures import PictureInvalid
from bot.workers import child_process
from bot.workers.picture_process import SCRIPT, PictureProcess
from tests import pictures
from tests.pictures import decoded, encoded, noise, plain

PNG = encoded(plain())


def script(tmp_path: Path, body: str) -> Path:
    """A decoder that does as the test says, in place of the real one."""
    file = tmp_path / "decoder.py"
    file.write_text(textwrap.dedent(body))
    return file


async def refusal(pixels: PictureProcess, data: bytes = PNG) -> str:
    with pytest.raises(PictureInvalid) as refused:
        await pixels.clean(data)
    return refused.value.reason


async def test_a_picture_comes_back_clean() -> None:
    image = decoded(await PictureProcess().clean(encoded(noise((3_000, 1_000)), "JPEG", exif=pictures.exif())))
    assert image.format == "WEBP"
    assert not {"exif", "xmp", "icc_profile"} & set(image.info)
    assert image.width <= 2_048
    assert image.width / image.height == pytest.approx(3.0, abs=0.02)


async def test_a_picture_is_converted() -> None:
    assert [suffix(await PictureProcess().convert(PNG, kind)) for kind in ("jpg", "webp")] == ["jpg", "webp"]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"no picture", "type"),
        (pictures.animation("WEBP"), "animated"),
        (pictures.png_claiming(60_000, 60_000), "large"),
        (encoded(plain((1, 1))), "small"),
        (PNG[:-40], "broken"),
    ],
)
async def test_the_reason_of_a_refusal_comes_back(data: bytes, reason: str) -> None:
    assert await refusal(PictureProcess(), data) == reason


async def test_what_fits_is_left_as_it_is() -> None:
    assert await PictureProcess().fit(PNG, len(PNG)) == PNG
    jpeg = encoded(plain(), "JPEG")
    assert await PictureProcess().fit(jpeg, 10_000) == jpeg
    webp = encoded(plain(), "WEBP")
    assert await PictureProcess().fit(webp, 10_000) == webp


async def test_what_is_too_large_is_made_to_fit() -> None:
    data = await PictureProcess().fit(encoded(noise((700, 700))), 100_000)
    assert suffix(data) == "jpg"
    assert 50_000 < len(data) <= 100_000


async def test_the_process_knows_no_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "s3cret")
    monkeypatch.setenv("ENGINE_API_KEY", "s3cret")
    spy = script(tmp_path, "import os, sys; sys.stdin.buffer.read(); print(dict(os.environ))")
    seen = (await PictureProcess(script=spy).clean(PNG)).decode()
    assert "PATH" in seen
    assert "s3cret" not in seen


async def test_neither_directory_gives_it_modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "PIL.py").write_text("raise SystemExit(9)")
    monkeypatch.chdir(tmp_path)
    assert await PictureProcess(script=script(tmp_path, SCRIPT.read_text("utf-8"))).clean(PNG)


async def test_a_decoder_that_hangs_is_ended(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    hanging = script(tmp_path, f"import os, time; open({str(note)!r}, 'w').write(str(os.getpid())); time.sleep(600)")
    started = time.monotonic()
    assert await refusal(PictureProcess(timeout_s=1.0, script=hanging), b"x" * 5_000_000) == "slow"
    assert time.monotonic() - started < 10
    assert not psutil.pid_exists(int(note.read_text()))


async def test_a_caller_who_leaves_takes_the_process_along(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    hanging = script(tmp_path, f"import os, time; open({str(note)!r}, 'w').write(str(os.getpid())); time.sleep(600)")
    task = asyncio.create_task(PictureProcess(script=hanging).clean(PNG))
    while not (note.exists() and note.read_text()):
        await asyncio.sleep(0.02)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not psutil.pid_exists(int(note.read_text()))


@pytest.mark.parametrize(
    "body", ["import os; os.abort()", "import ctypes; ctypes.string_at(0)", "raise SystemExit(1)", ""]
)
async def test_a_decoder_that_crashes_is_a_broken_picture(body: str, tmp_path: Path) -> None:
    assert await refusal(PictureProcess(script=script(tmp_path, body))) == "broken"


async def test_a_decoder_that_was_taken_over_cannot_flood_the_bot(tmp_path: Path) -> None:
    flood = script(tmp_path, "import sys\nfor _ in range(100): sys.stdout.buffer.write(b'x' * 1_000_000)")
    assert await refusal(PictureProcess(script=flood)) == "broken"


async def test_of_a_flood_little_more_than_the_bound_is_kept() -> None:
    stream = asyncio.StreamReader()
    stream.feed_data(b"x" * 5_000_000)
    stream.feed_eof()
    kept = await child_process._read(stream, 1_000_000)
    assert 1_000_000 < len(kept) <= 1_000_000 + child_process.BLOCK_BYTES


async def test_words_of_a_library_do_not_hide_the_reason(tmp_path: Path) -> None:
    noisy = script(tmp_path, "import sys; print('libpng warning: x\\nsmall 1x1', file=sys.stderr); sys.exit(3)")
    assert await refusal(PictureProcess(script=noisy)) == "small"


async def test_two_at_most_run_at_once(tmp_path: Path) -> None:
    counted = script(
        tmp_path,
        f"""
        import os, pathlib, sys, time
        here = pathlib.Path({str(tmp_path)!r}) / f"{{os.getpid()}}.run"
        here.touch(); time.sleep(0.3)
        print(len(list(here.parent.glob("*.run"))))
        here.unlink()
        """,
    )
    pixels = PictureProcess(script=counted)
    seen = [int(answer) for answer in await asyncio.gather(*(pixels.clean(PNG) for _ in range(6)))]
    assert max(seen) == 2


@pytest.mark.skipif(sys.platform != "linux", reason="other platforms may take no limit on memory")
def test_the_limits_hold(tmp_path: Path) -> None:
    body = f"""
    from bot.workers import picture_decoder as pixels
    pixels._limit()
    for act in (lambda: bytearray(2 << 30), lambda: open({str(tmp_path / "file")!r}, "wb", buffering=0).write(b"x")):
        try: act()
        except (MemoryError, OSError) as error: print(type(error).__name__)
    """
    run = subprocess.run([sys.executable, "-c", textwrap.dedent(body)], capture_output=True, text=True, env=os.environ)
    assert run.stdout.split() == ["MemoryError", "OSError"], run.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="other platforms may take no limit on time")
async def test_time_on_the_processor_is_bounded(tmp_path: Path) -> None:
    busy = script(
        tmp_path,
        """
        import resource
        resource.setrlimit(resource.RLIMIT_CPU, (1, 1))
        while True: pass
        """,
    )
    assert await refusal(PictureProcess(script=busy)) == "slow"


def test_the_bot_imports_no_decoder() -> None:
    check = "import sys, bot.workers.picture_process, bot.ui.attachments; sys.exit('PIL' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0
