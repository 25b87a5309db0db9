"""The engine as a deployment of Ray Serve: as many replicas as there are GPUs, behind one address.

Invariant: a repeated Idempotency-Key, and a DELETE with it, reach the replica that has its work, while that lives.
"""

from __future__ import annotations

import asyncio
import random
from collections import OrderedDict
from typing import Any

from ray import serve
from ray.serve import Application
from ray.serve.config import AutoscalingContext, RequestRouterConfig
from ray.serve.request_router import PendingRequest, ReplicaID, RequestRouter, RunningReplica
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from engine.api.env_settings import SettingsInvalid, read_environment
from engine.api.errors import ModelLoading, NotFound
from engine.api.light_structlog import structlog
from engine.api.log import configure_log
from engine.assembly import assemble
from engine.frontend import Frontend
from engine.settings import API_KEY, read_settings, sentences

log = structlog.get_logger()

WAIT_S = "wait_s"
POLL_S = 0.1
CANCEL_S = 5.0
KEPT_KEYS = 10_000
MAX_ONGOING = 200
"""Above the length of an engine's own queue, so that requests wait there: fair across users, with events, bounded."""


class KeyRouter(RequestRouter):
    """Sends a request to the least busy replica, and one whose key it has seen to the replica that has the key's job.

    The key is Ray's session id, which `RAY_SERVE_SESSION_ID_HEADER_KEY` names the header of. Each proxy has its router,
    and knows the keys that it saw itself; elsewhere the seed paints the same picture again.
    """

    def initialize_state(self, **_: Any) -> None:
        self._places: OrderedDict[str, ReplicaID] = OrderedDict()

    async def choose_replicas(
        self, candidate_replicas: list[RunningReplica], pending_request: PendingRequest | None = None
    ) -> list[list[RunningReplica]]:
        if pending_request is None:
            return [candidate_replicas]
        pending_request.routing_context.should_backoff = True  # else a full house is asked without a pause
        place = self._places.get(pending_request.metadata.session_id)
        known = [replica for replica in candidate_replicas if replica.replica_id == place]
        return [known or random.sample(candidate_replicas, len(candidate_replicas))]  # of equals Ray takes the first

    def on_request_routed(self, pending_request: PendingRequest, replica_id: ReplicaID, result: Any) -> None:
        if key := pending_request.metadata.session_id:
            self._places[key] = replica_id
            self._places.move_to_end(key)
            if len(self._places) > KEPT_KEYS:
                self._places.popitem(last=False)


class ForecastPolicy:
    """How many replicas there should be: so many that one more picture would wait `target_s` at each.

    Ray applies delays and bounds. Until every replica has a forecast, the requests that are under way decide.
    """

    def __init__(self, target_s: float) -> None:
        self._target_s = target_s

    def __call__(self, context: AutoscalingContext) -> tuple[float, dict[str, Any]]:
        waits = (context.aggregated_metrics or {}).get(WAIT_S, {})
        if waits.keys() >= set(context.running_replicas):
            return sum(waits.values()) / self._target_s, {}
        return context.total_num_requests / context.config.get_target_ongoing_requests(), {}


class Replica:
    """The engine as it is, with models of its own, configured by the environment of its Ray node."""

    def __init__(self) -> None:
        """Begin to load the models. Raises RuntimeError with a sentence for each wrong setting, which Ray logs."""
        try:
            settings = read_settings(read_environment(secrets=(API_KEY,)), on_tcp=True)
        except SettingsInvalid as error:
            raise RuntimeError("\n".join(sentences(error))) from None
        configure_log(settings.log, "engine")
        self._engine = assemble(settings, lambda sentence: None)  # `_loaded` finds it
        self._engine.model_thread.start()
        self._engine.watchdog.start()  # Ray starts another replica where it ends this one

    async def __serve_build_asgi_app__(self) -> Starlette:
        """Return the app once the models work; until then Ray sends no request. Raises RuntimeError saying why not."""
        await _loaded(self._engine.frontend)
        here = serve.get_replica_context()
        self._all = serve.get_deployment_handle(here.deployment, here.app_name)
        app = self._engine.app
        app.state.picture_addresses = None  # the next request may reach another replica
        app.router.routes.insert(0, Route("/v1/jobs/{key:path}", self._cancel, methods=["DELETE"]))
        return app

    async def check_health(self) -> None:
        """Ray replaces a replica for which this raises."""
        if self._engine.model_thread.join(0):
            raise RuntimeError("The thread with the models has ended.")

    async def cancel_key(self, key: str) -> bool:
        """Cancel what this replica does under this key; False where it knows none."""
        return self._engine.jobs.cancel_key(key)

    async def record_autoscaling_stats(self) -> dict[str, float]:
        """Return what ForecastPolicy reads: how long one more picture would wait here; nothing before it is known."""
        wait_s = self._engine.jobs.status().wait_s
        return {} if wait_s is None else {WAIT_S: wait_s}

    async def _cancel(self, request: Request) -> Response:
        """Cancel here, where the router sends a DELETE with its key; what is not known here, at every replica."""
        key = request.path_params["key"]
        if self._engine.jobs.cancel_key(key):
            return Response(status_code=204)
        log.info("cluster.cancel_everywhere")
        broadcast = self._all.broadcast("cancel_key", key)
        answers = await broadcast.results_async(timeout_s=CANCEL_S, return_exceptions=True)
        if not any(answer is True for answer in answers):
            raise NotFound("No work is known under this key.")
        return Response(status_code=204)


async def _loaded(frontend: Frontend) -> None:
    """Wait until the models work. Raises RuntimeError where they cannot be loaded."""
    while True:
        try:
            frontend.models.describe()
            return
        except ModelLoading:
            if frontend.failure is not None:
                raise RuntimeError(frontend.failure) from None
        await asyncio.sleep(POLL_S)


Engine: Any = serve.deployment(
    name="Engine",
    max_ongoing_requests=MAX_ONGOING,
    health_check_period_s=5,
    graceful_shutdown_timeout_s=120,  # a replica that is not needed any more ends its pictures first
    request_router_config=RequestRouterConfig(request_router_class=KeyRouter),
)(serve.ingress()(Replica))


def build(_: dict[str, str]) -> Application:
    """Return the application for `serve run` and `serve deploy`, whose configuration sets the number of replicas."""
    return Engine.bind()
