"""Runs every check and prints the report: lines for people, or one JSON object.

Invariant: a check that breaks is a finding too; no secret is shown, nothing is changed.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

import msgspec

from bot import settings as configuration
from bot.cli.doctor.accelerator import check_choice, check_gpu, check_memory, check_models
from bot.cli.doctor.discord_setup import check_application, check_intents, check_permissions, check_token, check_upload
from bot.cli.doctor.finding import Finding, Verdict, fails, ok, warning
from bot.cli.doctor.inputs import Inputs, gather_inputs
from bot.cli.doctor.limits import check_limits
from bot.cli.doctor.machine import check_clock, check_disk, check_jail, check_packages, check_python
from bot.cli.doctor.probes import Machine, Probes
from bot.cli.doctor.sockets import check_sockets
from bot.cli.doctor.stored_data import check_database, check_files
from bot.cli.status_line import StatusLine
from bot.cli.version import version
from bot.host.style_file import load_styles
from bot.operator_errors import CannotStart
from bot.settings import Settings
from bot.ui.i18n import text
from engine.api.env_settings import SettingsInvalid, read_environment
from engine.api.known_settings import unknown_settings

Check = Callable[[Inputs], Iterable[Finding] | AsyncIterator[Finding]]
CHECKS: tuple[Check, ...] = (
    check_python,
    check_packages,
    check_token,
    check_application,
    check_intents,
    check_permissions,
    check_upload,
    check_clock,
    check_gpu,
    check_memory,
    check_models,
    check_choice,
    check_sockets,
    check_disk,
    check_database,
    check_limits,
    check_files,
    check_jail,
)
WORST: tuple[Verdict, ...] = ("fails", "warning", "ok")
VERDICTS: dict[Verdict, str] = {"ok": "doctor-ok", "warning": "doctor-warning", "fails": "doctor-fails"}
SIGNS: dict[Verdict, str] = {"ok": "✓", "warning": "!", "fails": "✗"}


def doctor(*, as_json: bool) -> NoReturn:
    """Print what was found, and end the process: with 1 where anything fails."""
    settings, mistakes = _settings()
    findings = [*mistakes, *asyncio.new_event_loop().run_until_complete(_examine(settings))]
    with suppress(BrokenPipeError):  # whoever read has read enough
        report(findings, settings.locale, as_json=as_json)
        sys.stdout.flush()
    # At once: without a network, a thread may look for a name for half a minute yet, and Python would wait for it.
    os._exit(1 if any(finding.verdict == "fails" for finding in findings) else 0)


async def _examine(settings: Settings) -> list[Finding]:
    line = StatusLine(settings.locale)
    line.show("cli-looking")
    async with line.ticking():
        return await examine(settings, Machine())


async def examine(settings: Settings, probes: Probes) -> list[Finding]:
    """Return the findings of all checks, in their order."""
    inputs = await gather_inputs(settings, probes)
    results = await asyncio.gather(*(_run(check, inputs) for check in CHECKS))
    return [finding for findings in results for finding in findings]


async def _run(check: Check, inputs: Inputs) -> list[Finding]:
    try:
        results = check(inputs)
        if isinstance(results, AsyncIterator):
            return [finding async for finding in results]
        return await asyncio.to_thread(list, results)
    except Exception as error:
        return [warning("doctor-check-broken", check=check.__name__.removeprefix("check_"), why=type(error).__name__)]


def _settings() -> tuple[Settings, list[Finding]]:
    """Read the settings; a wrong one is a finding, and its default is gone on with."""
    settings, mistakes = configuration.load_with_mistakes()
    strange = _unknown_settings()
    if mistakes:
        sentences = [text(settings.locale, mistake.key, **mistake.facts) for mistake in mistakes]
        return settings, [fails("doctor-settings-wrong", mistake=sentence) for sentence in sentences] + strange
    try:
        load_styles(settings.styles)
    except CannotStart as error:
        wrong = fails("doctor-settings-wrong", mistake=text(settings.locale, error.key, **error.facts))
        return settings, [wrong, *strange]
    return settings, [ok("doctor-settings" if Path(".env").is_file() else "doctor-settings-none"), *strange]


def _unknown_settings() -> list[Finding]:
    """Return a warning for each name that is no setting's, in .env and the environment."""
    try:
        unknown = unknown_settings(read_environment(secrets=()))
    except SettingsInvalid:  # which is told as a mistake
        return []
    return [
        warning("doctor-settings-unknown", name=name, nearest=nearest)
        if nearest
        else warning("doctor-settings-strange", name=name)
        for name, nearest in unknown.items()
    ]


def report(findings: list[Finding], locale: str, *, as_json: bool) -> None:
    """Print the findings on stdout."""
    if as_json:
        checks = [
            {
                "check": finding.check,
                "verdict": finding.verdict,
                "fact": finding.fact(locale),
                "remedy": finding.remedy(locale),
            }
            for finding in findings
        ]
        worst = next((verdict for verdict in WORST if any(finding.verdict == verdict for finding in findings)), "ok")
        print(msgspec.json.encode({"limner": version(), "verdict": worst, "checks": checks}).decode())
        return
    for finding in findings:
        verdict = text(locale, VERDICTS[finding.verdict])
        print(f"{SIGNS[finding.verdict]} {verdict:<8} {finding.check:<12} {finding.fact(locale)}")
        if remedy := finding.remedy(locale):
            print(f"{'':24}→ {remedy}")
