from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from importlib.util import find_spec

import pytest

from engine.api.address import parse_engine_url
from engine.api.client import EngineClient
from tests.cluster.world import KEY, Cluster

if not find_spec("ray"):
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    started = Cluster(tmp_path_factory.mktemp("cluster"), replicas=2)
    try:
        yield started.up(2)
    finally:
        left = started.stop()
    assert not left, "Ray ends with all of its processes"


@pytest.fixture
async def client(cluster: Cluster) -> AsyncIterator[EngineClient]:
    async with EngineClient(parse_engine_url(cluster.url), KEY) as connected:
        yield connected
