"""Prometheus and Grafana: the board is what board.py writes, its queries are valid, and the containers closed."""

from __future__ import annotations

import json
import os
import re
import runpy
import shutil
import subprocess
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.deploy.test_images import DEPLOY, compose

GRAFANA = DEPLOY / "grafana"
MONITORING: dict[str, Any] = msgspec.yaml.decode((DEPLOY / "compose.monitoring.yaml").read_bytes())
ADDED = ("prometheus", "grafana")


def queries() -> dict[str, str]:
    """Return the board's queries by panel and legend."""
    board = json.loads((GRAFANA / "dashboards" / "limner.json").read_text())
    return {
        f"{panel['title']}: {target['legendFormat']}": target["expr"]
        for panel in board["panels"]
        for target in panel.get("targets", [])
    }


def test_the_board_is_what_its_source_writes() -> None:
    written = runpy.run_path(str(GRAFANA / "board.py"))["board"]()
    assert (GRAFANA / "dashboards" / "limner.json").read_text() == written, "run: python deploy/grafana/board.py"
    assert len(queries()) > 40


@pytest.mark.skipif(shutil.which("promtool") is None, reason="needs promtool")
def test_the_board_s_queries_are_valid(tmp_path: Path) -> None:
    rules = [
        {"record": f"board:{number}", "expr": expr.replace("$__rate_interval", "5m")}
        for number, expr in enumerate(queries().values())
    ]
    (tmp_path / "rules.json").write_text(json.dumps({"groups": [{"name": "board", "rules": rules}]}))
    result = subprocess.run(["promtool", "check", "rules", tmp_path / "rules.json"], capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr
    assert f"SUCCESS: {len(rules)} rules found" in result.stdout


def test_grafana_finds_its_source_and_its_board() -> None:
    [source] = msgspec.yaml.decode((GRAFANA / "provisioning/datasources/prometheus.yml").read_bytes())["datasources"]
    assert source["uid"] == runpy.run_path(str(GRAFANA / "board.py"))["SOURCE"].uid
    assert source["url"] == "http://prometheus:9090"
    [provider] = msgspec.yaml.decode((GRAFANA / "provisioning/dashboards/limner.yml").read_bytes())["providers"]
    mounted = [volume.split(":")[:2] for volume in MONITORING["services"]["grafana"]["volumes"]]
    assert ["./grafana/dashboards", provider["options"]["path"]] in mounted
    assert ["./grafana/provisioning", "/etc/grafana/provisioning"] in mounted


@pytest.mark.skipif(compose() is None, reason="needs docker compose or docker-compose")
def test_the_compose_files_are_valid_together_and_want_a_password() -> None:
    command = compose()
    assert command
    files = ["-f", str(DEPLOY / "compose.yaml"), "-f", str(DEPLOY / "compose.monitoring.yaml")]
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("LIMNER_", "GRAFANA_"))}

    def config(**more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*command, *files, "config"], capture_output=True, text=True, env={**clean, **more})

    assert "set GRAFANA_PASSWORD in .env" in config().stderr
    result = config(GRAFANA_PASSWORD="x", LIMNER_METRICS_PORT="1")
    assert (result.returncode, result.stderr) == (0, "")
    services = msgspec.yaml.decode(result.stdout)["services"]
    port = services["bot"]["environment"]["LIMNER_METRICS_PORT"]
    jobs = msgspec.yaml.decode((DEPLOY / "prometheus" / "prometheus.yml").read_bytes())["scrape_configs"]
    assert [job["static_configs"] for job in jobs] == [[{"targets": [f"bot:{port}"]}]] * 2
    assert "ports" not in services["bot"]


@pytest.mark.parametrize("name", ADDED)
def test_each_added_container_is_closed(name: str) -> None:
    service = MONITORING["services"][name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not service["user"].startswith(("0", "root"))
    assert re.fullmatch(r"[\w/]+:v?\d+\.\d+\.\d+", service["image"]), "a version, pinned"
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))
    assert all(volume.endswith(":ro") for volume in service["volumes"] if volume.startswith("./"))
    assert service["healthcheck"]
