"""A Hugging Face hub of a few models on 127.0.0.1, for HF_ENDPOINT: files by ranges, and connections that break."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import unquote, urlsplit

COMMIT = "c0ffee" + "0" * 34
LARGE_BYTES = 10_000
"""Files from this size on are told with their SHA-256, as the hub tells those in its large storage."""


@dataclass
class SmallHub:
    """Serves `models`, each a map of paths to bytes, until it is stopped.

    `cuts` breaks the connection after so many bytes of a file, once for each number; `gated` models ask for an
    agreement; files of `damaged` have other bytes; `sizes` are told in place of true ones. `asked` has
    each request, with its range.
    """

    models: Mapping[str, Mapping[str, bytes]]
    gated: frozenset[str] = frozenset()
    cuts: dict[str, list[int]] = field(default_factory=dict)
    damaged: frozenset[str] = frozenset()
    sizes: Mapping[str, int] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        hub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                _answer(hub, self)

            def do_HEAD(self) -> None:
                _answer(hub, self)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def environment(self, home: Path) -> dict[str, str]:
        """Return what makes a process use this hub, with a cache in `home`."""
        return {
            "HF_ENDPOINT": self.url,
            "HF_HOME": str(home),
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "HF_HUB_OFFLINE": "0",
            "HF_TOKEN": "",
        }


def _answer(hub: SmallHub, request: BaseHTTPRequestHandler) -> None:
    path = unquote(urlsplit(request.path).path)
    ranged = request.headers.get("Range", "")
    hub.asked.append(f"{request.command} {path} {ranged}".strip())
    if path.startswith("/api/models/"):
        owner, name, *rest = path.removeprefix("/api/models/").split("/")
        _list(hub, request, f"{owner}/{name}", tree=rest[:1] == ["tree"])
        return
    owner, name, *rest = path.removeprefix("/").split("/", 4)
    model, file = f"{owner}/{name}", rest[-1] if len(rest) == 3 else ""
    if model in hub.gated:
        _send(request, 403, b"", {"X-Error-Code": "GatedRepo"})
    elif file not in hub.models.get(model, {}):
        _send(request, 404, b"", {"X-Error-Code": "EntryNotFound"})
    else:
        _file(hub, request, f"{model}/{file}", hub.models[model][file], ranged)


def _list(hub: SmallHub, request: BaseHTTPRequestHandler, name: str, *, tree: bool) -> None:
    files = hub.models.get(name)
    if files is None:
        _send(request, 404, b"{}", {"X-Error-Code": "RepoNotFound"})
        return
    listed = []
    for path, data in files.items():
        size = hub.sizes.get(f"{name}/{path}", len(data))
        entry: dict[str, object] = {"size": size, "rfilename": path, "blobId": hashlib.sha1(data).hexdigest()}
        entry |= {"type": "file", "path": path, "oid": entry["blobId"]}
        if len(data) >= LARGE_BYTES:
            digest = hashlib.sha256(data).hexdigest()
            entry["lfs"] = {"sha256": digest, "oid": digest, "size": size, "pointerSize": 130}
        listed.append(entry)
    body: object = listed if tree else {"id": name, "modelId": name, "sha": COMMIT, "siblings": listed}
    _send(request, 200, json.dumps(body).encode(), {"Content-Type": "application/json"})


def _file(hub: SmallHub, request: BaseHTTPRequestHandler, place: str, data: bytes, ranged: str) -> None:
    digest = hashlib.sha256(data).hexdigest() if len(data) >= LARGE_BYTES else hashlib.sha1(data).hexdigest()
    if place in hub.damaged:
        data = bytes(len(data))
    first = int(ranged.removeprefix("bytes=").partition("-")[0]) if ranged else 0
    headers = {"ETag": f'"{digest}"', "X-Repo-Commit": COMMIT, "Accept-Ranges": "bytes"}
    if ranged:
        headers["Content-Range"] = f"bytes {first}-{len(data) - 1}/{len(data)}"
    body = data[first:]
    cuts = hub.cuts.get(place, [])
    if request.command == "GET" and cuts:
        _send(request, 206 if ranged else 200, body[: cuts.pop(0)], headers, length=len(body))
        request.close_connection = True
        return
    _send(request, 206 if ranged else 200, body, headers)


def _send(
    request: BaseHTTPRequestHandler, status: int, body: bytes, headers: Mapping[str, str], *, length: int | None = None
) -> None:
    request.send_response(status)
    for name, value in headers.items():
        request.send_header(name, value)
    request.send_header("Content-Length", str(len(body) if length is None else length))
    request.end_headers()
    if request.command != "HEAD":
        request.wfile.write(body)
