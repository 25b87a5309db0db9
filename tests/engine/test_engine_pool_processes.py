"""Two engines of a list as processes with tiny random pipelines: one is killed amid a picture."""

from __future__ import annotations

import io
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from PIL import Image

from bot.services.engine_pool import EnginePool
from engine.api.address import Address, socket_path
from engine.api.client import EngineClient
from engine.api.errors import Unavailable
from engine.api.messages import Completed, ImageRequest, Progress
from tests.engine.conftest import EngineProcess

pytestmark = pytest.mark.full  # tests/engine/test_engine_pool.py runs a sample, with scripted painters

REQUEST = ImageRequest("a boat", seed=5, num_inference_steps=100, stream=True, x_progress=True)


@pytest.fixture
def engines(models: Path, tmp_path: Path) -> Iterator[list[EngineProcess]]:
    names = {"LIMNER_MODEL": str(models / "painter"), "LIMNER_PLANNER": str(models / "planner"), "OMP_NUM_THREADS": "1"}
    started = [EngineProcess(tmp_path / f"{number}", ["--name", f"gpu{number}"], **names) for number in range(2)]
    for engine in started:
        engine.wait_for("models.ready", engine=f"gpu{started.index(engine)}")
    yield started
    for engine in started:
        engine.process.kill()
        engine.process.wait()


@asynccontextmanager
async def pool_of(engines: list[EngineProcess]) -> AsyncIterator[EnginePool]:
    clients = {
        f"gpu{number}": EngineClient(Address("http://engine", socket_path(engine.home)))
        for number, engine in enumerate(engines)
    }
    pool = EnginePool(clients)
    yield pool
    await pool.close()
    for client in clients.values():
        await client.close()


async def drawn(pool: EnginePool, key: str) -> bytes:
    """Return the pixels."""
    [png] = [event.b64_json async for event in pool.images(REQUEST, key=key) if isinstance(event, Completed)]
    return Image.open(io.BytesIO(png)).tobytes()


async def test_a_picture_whose_engine_is_killed_has_the_same_pixels_from_another(engines: list[EngineProcess]) -> None:
    async with pool_of(engines) as pool:
        whole = await drawn(pool, "whole")
        with pytest.raises(Unavailable):
            async for event in pool.images(REQUEST, key="job"):
                if isinstance(event, Progress) and event.step == 5:
                    engines[0].process.send_signal(signal.SIGKILL)
        assert await drawn(pool, "job") == whole
    assert [event["job_id"] for event in engines[0].events("job.finished")] == ["whole"]
    assert [event["job_id"] for event in engines[1].events("job.finished")] == ["job"]
