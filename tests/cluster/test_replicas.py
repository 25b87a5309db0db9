"""Two replicas behind Ray's ingress: the wire is the engine's own, whichever replica answers."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from uuid import uuid4

import aiohttp
import pytest

from engine.api.address import parse_engine_url
from engine.api.client import EngineClient
from engine.api.errors import Cancelled, Unauthorized
from engine.api.messages import ChatMessage, ChatRequest, Completed, ImageRequest, Progress
from tests.cluster.world import KEY, Cluster

LONG = ImageRequest("a red boat", seed=5, size="256x256", num_inference_steps=100, stream=True, x_progress=True)
SHORT = ImageRequest("a red boat", seed=5, size="256x256", num_inference_steps=2, stream=True, x_progress=True)
WAIT_S = 120.0


async def begun(client: EngineClient, request: ImageRequest, key: str | None) -> None:
    """Ask, and close the connection after the first step."""
    async with aclosing(client.images(request, key=key)) as events:
        async for event in events:
            if isinstance(event, Progress):
                return
    raise AssertionError("no step came")


async def painted(client: EngineClient, request: ImageRequest, key: str | None) -> bytes:
    async with aclosing(client.images(request, key=key)) as events:
        [picture] = [event.b64_json async for event in events if isinstance(event, Completed)]
    return picture


async def eventually(cluster: Cluster, name: str, count: int, **fields: object) -> list[int]:
    """Wait for so many of these log events; return at which replicas."""
    async with asyncio.timeout(WAIT_S):
        while len(found := cluster.events(name, **fields)) < count:
            await asyncio.sleep(0.1)
    return [event["pid"] for event in found]


async def test_the_key_is_asked_for(cluster: Cluster) -> None:
    async with EngineClient(parse_engine_url(cluster.url)) as stranger:
        assert await stranger.ready()
        with pytest.raises(Unauthorized):
            await stranger.models()
        with pytest.raises(Unauthorized):
            await painted(stranger, SHORT, None)


async def test_both_replicas_get_work(cluster: Cluster, client: EngineClient) -> None:
    """Some rounds, since a replica that has just come is not known to Ray's proxy at once."""
    at: set[int] = set()
    async with asyncio.timeout(WAIT_S):
        while at != set(cluster.loaded()):
            keys = [uuid4().hex for _ in range(4)]
            assert len(await asyncio.gather(*(painted(client, SHORT, key) for key in keys))) == 4
            at = {event["pid"] for key in keys for event in cluster.events("job.queued", job_id=key)}
    assert len(at) == 2


async def test_a_chat_is_answered(client: EngineClient) -> None:
    assert await client.chat(ChatRequest([ChatMessage("user", "a boat")], max_tokens=8))


async def test_events_come_one_by_one_and_a_delete_reaches_the_replica(cluster: Cluster, client: EngineClient) -> None:
    """Four keys, so that by chance alone not each DELETE arrives where the work is; none of these pictures ends."""
    keys = [f"delete-{number}" for number in range(4)]
    steps: list[int] = []

    async def cancelled(key: str) -> None:
        with pytest.raises(Cancelled):
            async with aclosing(client.images(LONG, key=key)) as events:
                async for event in events:
                    if isinstance(event, Progress) and key not in asked:
                        asked.add(key)
                        steps.append(event.step)
                        await client.cancel(key)

    asked: set[str] = set()
    await asyncio.gather(*map(cancelled, keys))
    assert len(steps) == 4
    assert all(step < 100 for step in steps)
    ended = [event for event in cluster.events("job.cancelled") if event["reason"] == "This work was cancelled."]
    assert len(ended) == 4
    assert all(event["step"] < 100 for event in ended)
    assert cluster.events("cluster.cancel_everywhere") == [], "each went to the one replica that has the job"


async def test_a_delete_without_the_header_finds_the_replica_too(cluster: Cluster, client: EngineClient) -> None:
    """Four keys, so that by chance alone not each arrives where the work is."""
    before = len(cluster.events("job.cancelled", reason="This work was cancelled."))
    headers = {"Authorization": f"Bearer {KEY}"}
    async with aiohttp.ClientSession(headers=headers) as session:

        async def cancelled(key: str) -> None:
            with pytest.raises(Cancelled):
                async with aclosing(client.images(LONG, key=key)) as events:
                    async for event in events:
                        if isinstance(event, Progress) and key not in asked:
                            asked.add(key)
                            async with session.delete(f"{cluster.url}/v1/jobs/{key}") as answer:
                                assert answer.status == 204

        asked: set[str] = set()
        await asyncio.gather(*(cancelled(f"bare-{number}") for number in range(4)))
    await eventually(cluster, "job.cancelled", before + 4, reason="This work was cancelled.")


async def test_a_closed_connection_cancels_at_the_replica(cluster: Cluster, client: EngineClient) -> None:
    reason = "The client closed the connection."
    await begun(client, LONG, key=None)
    await eventually(cluster, "job.cancelled", 1, reason=reason)
    [ended] = cluster.events("job.cancelled", reason=reason)
    assert ended["step"] < 100
    await eventually(cluster, "job.stopped", 1, job_id=ended["job_id"])


async def test_a_repeated_key_joins_the_work_where_it_is(cluster: Cluster, client: EngineClient) -> None:
    """Five keys, so that chance alone does not lead each repeat to the right one of two replicas."""
    for key in (f"repeat-{number}" for number in range(5)):
        await begun(client, SHORT, key)
        first, again = await painted(client, SHORT, key), await painted(client, SHORT, key)
        assert first == again
        assert len(cluster.events("job.queued", job_id=key)) == 1
