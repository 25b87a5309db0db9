"""GET /v1/models and /v1/models/{id}: the loaded models and their aliases, each as a whole entry of OpenAI's format."""

from __future__ import annotations

from typing import Any

from msgspec import json
from starlette.requests import Request
from starlette.responses import Response

from engine.api.errors import ModelNotFound
from engine.api.messages import Model
from engine.frontend import DEFAULT, Frontend


async def list_models(request: Request) -> Response:
    """Answer with the painter, the language model, and the names that the host lets stand for them."""
    return _answer({"object": "list", "data": [_entry(model) for model in _models(request)]})


async def show_model(request: Request) -> Response:
    """Answer with one of the list's entries; under `default` with the painter's. Raises ModelNotFound."""
    name, models = request.path_params["name"], _models(request)
    if name == DEFAULT:
        return _answer({**_entry(models[0]), "id": DEFAULT})
    for model in models:
        if model.id == name:
            return _answer(_entry(model))
    there = ", ".join(model.id for model in models)
    raise ModelNotFound(f"model: {name!r} is not loaded here; there is {there}.", param="model")


def _models(request: Request) -> list[Model]:
    frontend: Frontend = request.app.state.frontend
    return frontend.listed()


def _entry(model: Model) -> dict[str, Any]:
    """Return every field of OpenAI's, which a struct would leave out where it has its default, and Limner's own."""
    entry = {"id": model.id, "object": "model", "created": model.created, "owned_by": model.owned_by}
    return entry if model.limner is None else {**entry, "limner": model.limner}


def _answer(body: dict[str, Any]) -> Response:
    return Response(json.encode(body), media_type="application/json")
