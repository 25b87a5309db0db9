"""The files in deploy/ray/, and a replica's health, without a Ray that runs."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
import yaml

import engine.assembly
from engine.errors import LoadFailed
from tests.cluster.world import NEEDS_RAY, RAY

pytest.importorskip("ray", reason=NEEDS_RAY)

from ray.serve.schema import ServeDeploySchema

import engine.cluster
from engine.cluster import Engine, Replica, build


def test_the_file_is_what_ray_takes() -> None:
    config = ServeDeploySchema.model_validate(yaml.safe_load((RAY / "serve.yaml").read_text()))
    [application] = config.applications
    assert application.import_path == f"{build.__module__}:{build.__name__}"
    [deployment] = application.deployments
    assert deployment.name == Engine.name
    assert deployment.autoscaling_config["min_replicas"] >= 1  # with none, the first picture would wait for the models
    assert config.http_options.host == "127.0.0.1"
    assert "ENGINE_API_KEY" not in (RAY / "serve.yaml").read_text()


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
