"""The alerts: each fires in its promtool test and is silent in it before, and the tests notice every number changed."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from harness.processes import ROOT

PROMETHEUS = ROOT / "deploy" / "prometheus"
RULES: dict[str, Any] = msgspec.yaml.decode((PROMETHEUS / "alerts.yml").read_bytes())
TESTS: dict[str, Any] = msgspec.yaml.decode((PROMETHEUS / "alerts.test.yml").read_bytes())
ALERTS: dict[str, dict[str, Any]] = {rule["alert"]: rule for group in RULES["groups"] for rule in group["rules"]}
needs_promtool = pytest.mark.skipif(shutil.which("promtool") is None, reason="needs promtool")

NUMBER = re.compile(r"(?<=[=<>] )\d+(?:e\d+)?(?:\.\d+)?")
WINDOW = re.compile(r"(?<=\[)\d+(?=m\])")


def promtool(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["promtool", *map(str, arguments)], capture_output=True, text=True, timeout=120)


def cases(alert: str) -> list[dict[str, Any]]:
    """Return the test groups that evaluate this alert."""
    return [group for group in TESTS["tests"] if any(case["alertname"] == alert for case in group["alert_rule_test"])]


@needs_promtool
def test_rules_and_configuration_are_valid() -> None:
    for kind, file in (("rules", "alerts.yml"), ("config", "prometheus.yml")):
        result = promtool("check", kind, PROMETHEUS / file)
        assert result.returncode == 0, result.stdout + result.stderr


@needs_promtool
def test_each_alert_fires_and_is_silent_where_it_should() -> None:
    result = promtool("test", "rules", PROMETHEUS / "alerts.test.yml")
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("alert", ALERTS)
def test_each_alert_has_both_cases_and_says_what_to_do(alert: str) -> None:
    for group in cases(alert):
        fires = [bool(case.get("exp_alerts")) for case in group["alert_rule_test"] if case["alertname"] == alert]
        assert set(fires) == {True, False}, group["name"]
    assert cases(alert)
    assert ALERTS[alert]["labels"]["severity"] in ("page", "warn")
    assert f"| `{alert}` |" in (ROOT / "deploy" / "README.md").read_text(), "deploy/README.md says what to do"


def changed(rule: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the rule with each of its numbers a little higher and lower, and its times twice as long and half."""

    def with_expr(found: re.Match[str], value: str) -> dict[str, Any]:
        expr = rule["expr"]
        return {**rule, "expr": f"{expr[: found.start()]}{value}{expr[found.end() :]}"}

    for found in NUMBER.finditer(rule["expr"]):
        number = float(found[0])
        for value in (number * 1.1, number * 0.9) if number % 1 or number > 10 else (number + 1, number - 1):
            if number or value > 0:  # nothing that is counted falls below zero
                yield f"{found[0]} becomes {value:g}", with_expr(found, f"{value!r}")
    for found in WINDOW.finditer(rule["expr"]):
        for value in (int(found[0]) * 2, int(found[0]) // 2):
            yield f"[{found[0]}m] becomes [{value}m]", with_expr(found, str(value))
    if minutes := int(rule.get("for", "0m").removesuffix("m")):
        for seconds in (minutes * 120, minutes * 30):
            yield f"for {minutes}m becomes {seconds}s", {**rule, "for": f"{seconds}s"}


@needs_promtool
@pytest.mark.parametrize("alert", ALERTS)
def test_a_changed_number_makes_a_test_fail(alert: str, tmp_path: Path) -> None:
    rules = {"as it is": ALERTS[alert], **dict(changed(ALERTS[alert]))}
    assert len(rules) > 1
    for number, rule in enumerate(rules.values()):
        tests = {**TESTS, "tests": cases(alert), "rule_files": [f"{number}.rules.json"]}
        (tmp_path / f"{number}.rules.json").write_text(json.dumps({"groups": [{"name": "limner", "rules": [rule]}]}))
        (tmp_path / f"{number}.json").write_text(json.dumps(tests))
    result = promtool("test", "rules", *(tmp_path / f"{number}.json" for number in range(len(rules))))
    passed = [int(number) for number in re.findall(r"(\d+)\.json\n  SUCCESS", result.stdout)]
    assert [list(rules)[number] for number in passed] == ["as it is"]
    assert result.stderr.count("  FAILED:\n") == len(rules) - 1, result.stderr


def test_what_the_alerts_look_for_is_what_the_bot_tells() -> None:
    """A value of a label that is never told would keep an alert silent for ever."""
    from bot.domain.progress import Reason
    from engine.api.errors import WIRE_ERRORS

    known = {
        "reason": {reason.value for reason in Reason},
        "outcome": {"ok", "refused", "failed"},
        "status": {"429"},
        "code": set(WIRE_ERRORS),
        "end": set(WIRE_ERRORS) | {"done", "failed", "cancelled"},
        "kind": {"total", "free", "allocated", "peak"},
        "job": {"limner-bot", "limner-engine"},
    }
    for rule in ALERTS.values():
        for label, values in re.findall(r'(\w+)=~?"([^"]*)"', rule["expr"]):
            assert set(values.split("|")) <= known[label], rule["alert"]
