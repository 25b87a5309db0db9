from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from engine.api.address import parse_engine_url
from engine.api.client import EngineClient
from tests.cluster.world import KEY, NEEDS_RAY, Cluster


@pytest.fixture(scope="package")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Two replicas of the starter, for all tests of this folder: their models take longer to load than all else."""
    pytest.importorskip("ray", reason=NEEDS_RAY)
    started = Cluster(tmp_path_factory.mktemp("cluster"), replicas=2)
    try:
        yield started.up(2)
    finally:
        started.stop()


@pytest.fixture
async def client(cluster: Cluster) -> AsyncIterator[EngineClient]:
    async with EngineClient(parse_engine_url(cluster.url), KEY) as connected:
        yield connected
