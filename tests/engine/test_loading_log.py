"""While models load, the log says every few seconds what is loaded, and since when."""

from __future__ import annotations

import time

import pytest
from structlog.testing import capture_logs

from engine.api.model_store import Loading
from engine.models import loading_log
from engine.models.loading_log import LoadingLog


def test_what_lasts_is_logged_and_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading_log, "TOLD_EVERY_S", 0.05)
    passed: list[Loading] = []
    stages = [Loading("a/painter", 1_000_000_000, 4_000_000_000), Loading("a/painter"), Loading("a/planner")]
    with capture_logs() as logs:
        with LoadingLog(passed.append) as aloud:
            time.sleep(0.12)
            for stage in stages:
                aloud.report(stage)
                time.sleep(0.12)
        count = len(logs)
        time.sleep(0.1)
    assert len(logs) == count, "once loaded, it is silent"
    assert passed == stages
    told = list(dict.fromkeys((entry["event"], entry["model"], entry.get("percent")) for entry in logs))
    assert told == [
        ("models.loading", "torch", None),
        ("model.fetching", "a/painter", 25),
        ("models.loading", "a/painter", None),
        ("models.loading", "a/planner", None),
    ]
