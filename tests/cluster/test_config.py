"""The files in deploy/ray/, and a replica's health, without a Ray that runs."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

import engine.assembly
from engine.errors import LoadFailed
from tests.cluster.world import NEEDS_RAY, PATIENCE, RAY

pytest.importorskip("ray", reason=NEEDS_RAY)

from ray.serve.config import AutoscalingConfig
from ray.serve.schema import ServeDeploySchema

import engine.cluster
from engine.cluster import Engine, ForecastPolicy, Replica, build


def test_the_file_is_what_ray_takes() -> None:
    config = ServeDeploySchema.model_validate(yaml.safe_load((RAY / "serve.yaml").read_text()))
    [application] = config.applications
    assert application.import_path == f"{build.__module__}:{build.__name__}"
    [deployment] = application.deployments
    assert deployment.name == Engine.name
    assert deployment.autoscaling_config["min_replicas"] >= 1  # with none, the first picture would wait for the models
    policy = AutoscalingConfig(**deployment.autoscaling_config).policy
    assert policy.get_policy() is ForecastPolicy
    assert ForecastPolicy(**policy.policy_kwargs)
    assert config.http_options.host == "127.0.0.1"
    assert "ENGINE_API_KEY" not in (RAY / "serve.yaml").read_text()


def context(waits: dict[str, float], replicas: int = 2, requests: float = 0.0) -> Any:
    """What Ray tells a policy, as far as ours reads it."""
    return SimpleNamespace(
        aggregated_metrics={"wait_s": waits} if waits else {},
        running_replicas=[f"replica {number}" for number in range(replicas)],
        total_num_requests=requests,
        config=AutoscalingConfig(target_ongoing_requests=4, max_replicas=9),
    )


@pytest.mark.parametrize(
    ("waits", "requests", "replicas"),
    [
        ((0.0, 0.0), 0.0, 0.0),
        ((30.0, 30.0), 99.0, 4.0),
        ((15.0, 15.0), 99.0, 2.0),
        ((3.0, 4.5), 99.0, 0.5),
        ((30.0,), 12.0, 3.0),
        ((), 2.0, 0.5),
    ],
    ids=["idle", "long waits", "as is wanted", "too many", "one without a forecast", "none measured"],
)
def test_as_many_replicas_as_the_forecast_asks_for(waits: tuple[float, ...], requests: float, replicas: float) -> None:
    told = {f"replica {number}": wait for number, wait in enumerate(waits)}
    assert ForecastPolicy(target_s=15)(context(told, requests=requests)) == (replicas, {})


@pytest.mark.full
def test_the_token_s_file_is_its_owner_s_alone_from_the_start(tmp_path: Path) -> None:
    (line,) = (line for line in (RAY / "README.md").read_text().splitlines() if "get-auth-token" in line)
    command = line.partition("#")[0].replace(".venv/bin/ray", f"{sys.executable} -m ray.scripts.scripts")
    subprocess.run(["sh", "-c", f"umask 022; {command}"], env={**os.environ, "HOME": str(tmp_path)}, check=True)
    file = tmp_path / ".ray" / "auth_token"
    assert file.read_text()
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert "chmod" not in line, "a file that is closed afterwards was open before"


def test_the_readme_names_what_gives_ray_time() -> None:
    readme = (RAY / "README.md").read_text()
    assert all(f"`{name}={value}`" in readme for name, value in PATIENCE.items())


def test_nothing_is_told_to_rays_makers() -> None:
    assert "RAY_USAGE_STATS_ENABLED=0" in (RAY / "ray.env").read_text().splitlines()


def test_a_replica_needs_a_key(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)  # where there is no .env
    monkeypatch.delenv("ENGINE_API_KEY", raising=False)
    with pytest.raises(RuntimeError, match="ENGINE_API_KEY: an engine on a network port needs a key"):
        Replica()


async def test_a_replica_without_models_says_why_and_is_not_healthy(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise LoadFailed("There is no such model.")

    monkeypatch.setenv("ENGINE_API_KEY", "secret")
    monkeypatch.setattr(engine.cluster, "configure_log", lambda _form, _package: None)
    monkeypatch.setitem(vars(engine.assembly), "load", fail)
    replica = Replica()
    with pytest.raises(RuntimeError, match="no such model"):
        async with asyncio.timeout(60):
            await replica.__serve_build_asgi_app__()
    with pytest.raises(RuntimeError, match="has ended"):
        await replica.check_health()
