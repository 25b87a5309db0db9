"""The child process that draws charts: JSON in on stdin, a PNG out on stdout.

Its own opaque background makes it readable on Discord's light and dark themes alike. Nothing rests on colour alone:
the colours are of Okabe and Ito's palette, and marks, dashes, hatches and the direction of bars tell the same. Words
that no font here can show are written in the plain words that come along.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ft2font import FT2Font
from matplotlib.ticker import FuncFormatter, MaxNLocator

BLUE, GREEN, VERMILION, ORANGE, PURPLE = "#0072B2", "#009E73", "#D55E00", "#E69F00", "#CC79A7"
PAPER, INK, FAINT = "#FBFBF8", "#1F2328", "#D9D9D2"
WIDTH_IN, HEIGHT_IN, DPI = 8.0, 8.2, 150
FAMILIES = ("DejaVu Sans", "Noto Sans CJK", "Noto Sans SC", "Source Han Sans", "PingFang", "Hiragino Sans GB",
            "Microsoft YaHei", "WenQuanYi", "Droid Sans Fallback", "SimHei", "Noto Serif CJK")  # fmt: skip
"""In this order; any other font that has the letters comes after them. The first comes along with matplotlib."""
LINES = (("p90", VERMILION, "s", (0, (4, 2))), ("median", GREEN, "o", "solid"))
"""The upper one first."""
SIGNS = {"s": "■", "o": "●"}
MOST_TICKS, FEWEST = 8, 7
"""Dates that are written; days that the chart is wide at least."""
APART = 0.32
"""Of a panel's height, between the names of two lines."""


def main() -> None:
    wanted = json.load(sys.stdin)
    family = family_with("".join((*wanted["words"].values(), *SIGNS.values(), "▲▼")))
    words = wanted["words"] if family else wanted["plain"]
    settings: dict[Any, Any] = {
        "font.family": list(dict.fromkeys([family or FAMILIES[0], FAMILIES[0]])), "font.size": 15,
        "text.color": INK, "axes.labelcolor": INK, "xtick.color": INK, "ytick.color": INK,
        "hatch.linewidth": 1.2, "axes.unicode_minus": False,
    }  # fmt: skip
    with mpl.rc_context(settings):
        draw(wanted, words).savefig(sys.stdout.buffer, format="png")


def family_with(letters: str) -> str | None:
    """Return the family of a font here that has all of the letters."""
    needed = {ord(letter) for letter in letters}

    def rank(font: font_manager.FontEntry) -> tuple[int, int, bool, bool]:
        known = next((n for n, name in enumerate(FAMILIES) if font.name.startswith(name)), len(FAMILIES))
        slanted, heavy = font.style != "normal", str(font.weight) not in ("400", "normal", "regular")
        return known, len(font.name), slanted, heavy  # the shortest name of a family is its plain kind's

    for font in sorted(font_manager.fontManager.ttflist, key=rank):
        try:
            if needed <= FT2Font(font.fname).get_charmap().keys():
                return font.name
        except (OSError, RuntimeError):
            continue  # a file that cannot be read has no letters
    return None


def draw(wanted: dict[str, Any], words: dict[str, str]) -> Figure:
    """Three panels, one below the other, over the same days."""
    figure = Figure(figsize=(WIDTH_IN, HEIGHT_IN), dpi=DPI, facecolor=PAPER, layout="constrained")
    figure.set_layout_engine("constrained", w_pad=0.12, h_pad=0.1)
    top, middle, bottom = figure.subplots(3, 1, sharex=True, height_ratios=(5, 5, 4))
    days = range(len(wanted["dates"]))
    pictures(top, days, wanted, words)
    waits(middle, days, wanted, words)
    ends(bottom, days, wanted, words)
    for axes in (top, middle, bottom):
        axes.set_facecolor(PAPER)
        axes.grid(axis="y", color=FAINT)
        axes.set_axisbelow(True)
        axes.spines[["top", "right", "left"]].set_visible(False)
        axes.tick_params(length=0)
    step = -(-len(days) // MOST_TICKS)
    shown = [day for day in days if (len(days) - 1 - day) % step == 0]  # today always
    bottom.set_xticks(shown, [wanted["dates"][day][5:] for day in shown])
    spare = max(0.6, (FEWEST - len(days)) / 2)
    bottom.set_xlim(-spare, len(days) - 1 + spare)
    bottom.set_xlabel(words["days"])
    return figure


def pictures(axes: Axes, days: Sequence[int], wanted: dict[str, Any], words: dict[str, str]) -> None:
    counts = wanted["pictures"]
    axes.bar(days, counts, color=BLUE, width=0.8)
    title(axes, f"{words['pictures']}: {sum(counts)}")
    scale(axes, counts)
    name_peak(axes, days, counts)


def waits(axes: Axes, days: Sequence[int], wanted: dict[str, Any], words: dict[str, str]) -> None:
    """Days on which nothing was finished have no wait, so the lines break there."""
    title(axes, words["waits"])
    longest = max([second for second in wanted["p90_s"] if second is not None], default=0.0)
    unit, name = (60.0, words["minutes"]) if longest >= 180 else (1.0, words["seconds"])
    top = 1.25 * max(1.0, longest / unit)
    heights = []
    for key, colour, mark, dashes in LINES:
        values = [float("nan") if second is None else second / unit for second in wanted[f"{key}_s"]]
        size = 7 if len(days) <= 31 else 4
        axes.plot(days, values, color=colour, marker=mark, markersize=size, linestyle=dashes, linewidth=2.2)
        heights.append(next((value / top for value in reversed(values) if value == value), None))
    axes.set_ylabel(name)
    scale(axes, [longest / unit], whole=False)
    name_lines(axes, heights, top, words)


def ends(axes: Axes, days: Sequence[int], wanted: dict[str, Any], words: dict[str, str]) -> None:
    """Refusals point up, failures down."""
    refused, failed = wanted["refused"], wanted["failed"]
    axes.bar(days, refused, color=ORANGE, edgecolor=INK, linewidth=0.6, hatch="//", width=0.8)
    axes.bar(days, [-count for count in failed], color=PURPLE, edgecolor=INK, linewidth=0.6, hatch="xx", width=0.8)
    axes.axhline(0, color=INK, linewidth=1)
    title(axes, f"▲ {words['refused']}: {sum(refused)}    ▼ {words['failed']}: {sum(failed)}")
    up, down = max([1, *refused]), max([1, *failed])
    axes.set_ylim(-1.25 * down - 0.3 * up, 1.25 * up + 0.3 * down)
    axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{abs(round(value))}"))
    name_peak(axes, days, refused)
    name_peak(axes, days, failed, down=True)


def title(axes: Axes, words: str) -> None:
    axes.set_title(words, loc="left", fontsize=17, fontweight="bold", pad=8)


def scale(axes: Axes, values: Iterable[float], whole: bool = True) -> None:
    axes.set_ylim(0, 1.25 * max([1.0, *values]))
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=whole))


def name_peak(axes: Axes, days: Sequence[int], counts: Sequence[int], *, down: bool = False) -> None:
    """Write the largest count at its bar."""
    peak = max(counts)
    if peak:
        axes.annotate(
            str(peak), (days[counts.index(peak)], -peak if down else peak), xytext=(0, -4 if down else 4),
            textcoords="offset points", ha="center", va="top" if down else "bottom",
        )  # fmt: skip


def name_lines(axes: Axes, heights: Sequence[float | None], top: float, words: dict[str, str]) -> None:
    """Write right of each line what it is and where it stood last; the upper first, and none over the other."""
    before = 2.0
    for (key, _, mark, _), height in zip(LINES, heights, strict=True):
        if height is not None:
            before = min(max(height, 0.1), before - APART)
            label = f"{SIGNS[mark]} {words[key]}\n{height * top:.3g}"
            axes.text(1.015, before, label, transform=axes.transAxes, va="center")


if __name__ == "__main__":
    main()
