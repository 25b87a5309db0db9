"""The text of /stats, the chart's labels and its alt text."""

from __future__ import annotations

from bot.domain.stats import Report
from bot.ui.i18n import SOURCE, text

LABELS = ("pictures", "waits", "median", "p90", "seconds", "minutes", "refused", "failed", "days")


def labels(locale: str) -> dict[str, str]:
    """Return the words on the chart."""
    return {key: text(locale, f"stats-{key}") for key in LABELS}


def plain_labels() -> dict[str, str]:
    return labels(SOURCE)


def stats_text(locale: str, report: Report, *, missing: str = "") -> str:
    """Return the figures; `missing` names the text that says why there is no chart."""
    lines = [f"**{text(locale, 'stats-title', days=len(report.days))}**"]
    busiest = max(report.days, key=lambda day: day.pictures)
    lines.append(text(locale, "stats-use", pictures=report.pictures, most=busiest.pictures))
    if report.median_s is None or report.p90_s is None:
        lines.append(text(locale, "stats-no-waits"))
    else:
        median, p90 = (_duration(locale, seconds) for seconds in (report.median_s, report.p90_s))
        lines.append(text(locale, "stats-wait", median=median, p90=p90))
    lines.append(_refusals(locale, report))
    lines.append(text(locale, "stats-failures", failed=report.failed))
    if missing:
        lines.append(f"-# {text(locale, missing)}")
    return "\n".join(lines)


def alt_text(locale: str, report: Report) -> str:
    """Return what the chart shows; Discord takes 1,024 characters."""
    return text(
        locale,
        "stats-alt",
        days=len(report.days),
        pictures=report.pictures,
        refused=sum(report.refused.values()),
        failed=report.failed,
    )


def _refusals(locale: str, report: Report) -> str:
    refused = report.refused
    line = text(locale, "stats-refusals", refused=sum(refused.values()))
    whys = text(locale, "stats-comma").join(
        text(locale, f"stats-why-{why.value}", count=count) for why, count in refused.items()
    )
    return line + text(locale, "stats-of-these", whys=whys) if whys else line


def _duration(locale: str, seconds: float) -> str:
    if seconds < 100:
        return text(locale, "stats-in-seconds", seconds=f"{seconds:.1f}")
    return text(locale, "stats-in-minutes", minutes=f"{seconds / 60:.1f}")
