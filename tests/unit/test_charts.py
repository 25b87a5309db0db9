"""The chart of /stats: drawn in a process of its own, opaque, in letters that there are, and not by colour alone."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from matplotlib import font_manager
from matplotlib.figure import Figure
from PIL import Image

from bot.domain.stats import DAY_S, Ended, Report, Why, report
from bot.services.ports.statistics import ChartFailed
from bot.ui.stats import labels, plain_labels
from bot.workers import charts
from bot.workers.chart_process import SCRIPT, ChartProcess

LAST = 20_780


def some(days: int) -> Report:
    ended = [Ended(day * DAY_S + 5.0, day % 4, 10.0 + day % 50) for day in range(LAST - days + 1, LAST + 1, 2)]
    refused = [(day, Why.LIMIT, 1 + day % 3) for day in range(LAST - days + 1, LAST + 1, 3)]
    return report(LAST - days + 1, LAST, ended, refused)


def opened(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data))


@pytest.mark.parametrize("days", [1, 2, 90])
async def test_a_picture_comes_back_that_is_opaque(days: int) -> None:
    image = opened(await ChartProcess().draw(some(days), labels("en"), plain_labels()))
    assert (image.format, image.size) == ("PNG", (1_200, 1_230))
    alpha = image.convert("RGBA").getchannel("A")
    assert alpha.getextrema() == (255, 255)


async def test_days_of_nothing_are_drawn_too() -> None:
    assert opened(await ChartProcess().draw(report(1, 7, [], []), labels("en"), plain_labels())).format == "PNG"


WANTED = {
    "words": labels("zh-CN"), "plain": plain_labels(), "dates": ["2026-11-23", "2026-11-24"], "pictures": [0, 5],
    "median_s": [None, 400.0], "p90_s": [None, 900.0], "refused": [3, 0], "failed": [0, 2],
}  # fmt: skip


def test_no_letter_is_missing_from_the_font() -> None:
    """matplotlib warns of each that is; here a warning ends it."""
    command = [sys.executable, "-W", "error::UserWarning", str(SCRIPT)]
    done = subprocess.run(command, input=json.dumps(WANTED).encode(), capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout.startswith(b"\x89PNG")


def test_without_a_font_that_has_the_letters_the_plain_words_are_written(
    monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    latin = [font for font in font_manager.fontManager.ttflist if font.name == "DejaVu Sans"]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", latin)
    assert charts.family_with("图片") is None
    assert charts.family_with("Pictures ▲▼■●") == "DejaVu Sans"
    written: list[dict[str, str]] = []
    draw = charts.draw

    def drawn(wanted: dict[str, Any], words: dict[str, str]) -> Figure:
        written.append(words)
        return draw(wanted, words)

    monkeypatch.setattr(charts, "draw", drawn)
    monkeypatch.setattr("sys.stdin", BytesIO(json.dumps(WANTED).encode()))
    charts.main()
    assert written == [plain_labels()]
    assert capsysbinary.readouterr().out.startswith(b"\x89PNG")


def test_nothing_rests_on_colour_alone() -> None:
    wanted = WANTED | {"words": plain_labels()}
    figure = charts.draw(wanted, plain_labels())
    _, waits, ends = figure.axes
    lines = [line for line in waits.lines if line.get_marker() != "None"]
    assert len({(line.get_marker(), line.get_linestyle()) for line in lines}) == 2
    assert {text.get_text().partition("\n")[0] for text in waits.texts} == {"■ 90 % within", "● Median"}
    up = [bar for bar in ends.patches if bar.get_height() > 0]  # type: ignore[attr-defined]
    down = [bar for bar in ends.patches if bar.get_height() < 0]  # type: ignore[attr-defined]
    assert {bar.get_hatch() for bar in up}.isdisjoint({bar.get_hatch() for bar in down})
    assert ends.get_title(loc="left") == "▲ Refused: 3    ▼ Failed: 2"


async def test_a_chart_that_fails_or_takes_too_long_says_so(tmp_path: Path) -> None:
    broken, slow = tmp_path / "broken.py", tmp_path / "slow.py"
    broken.write_text("raise SystemExit('no font')")
    slow.write_text(textwrap.dedent("import time; time.sleep(30)"))
    for script in (broken, slow):
        with pytest.raises(ChartFailed):
            await ChartProcess(timeout_s=2.0, script=script).draw(some(2), labels("en"), plain_labels())
