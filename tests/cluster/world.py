"""A Ray on this machine with replicas of the starter, from the files that operators use."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import yaml

from harness.processes import ROOT, environment, until

RAY = ROOT / "deploy" / "ray"
KEY = "a key for the tests"
NEEDS_RAY = "needs Ray: the extra cluster"
UP_S = 1200.0
"""Far above what is needed; a busy machine loads two replicas' models in minutes."""


PATIENCE = {
    "RAY_raylet_start_wait_time_s": "900",
    "RAY_worker_register_timeout_seconds": "900",
    "RAY_SERVE_PROXY_READY_CHECK_TIMEOUT_S": "900",
}
"""Ray gives up on its own processes after 30, 60 and 5 s, which a busy machine may need."""
AGENTS = ("--dashboard-agent-grpc-port", "--runtime-env-agent-port", "--metrics-export-port")
ATTEMPTS = 5
LISTENING = "dashboard_agent_listen_port"
START = ("--head", "--block", "--num-cpus=8", "--include-dashboard=false", "--include-log-monitor=false")
STARTED = "Ray runtime started"
STORE_BYTES = 80 << 20


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def ray_environment(home: Path, **changes: str) -> dict[str, str]:
    """Return what Ray runs in: the lines of ray.env, the engine's settings, a token that keeps others out."""
    lines = (RAY / "ray.env").read_text().splitlines()
    named = dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    kept = {name: value for name, value in environment(home).items() if not name.startswith("RAY_")}
    engine = {"ENGINE_API_KEY": KEY, "LIMNER_LOG": "json", "OMP_NUM_THREADS": "1"}
    return {**kept, **named, "RAY_AUTH_TOKEN": secrets.token_hex(32), **engine, **PATIENCE, **changes}


class Cluster:
    """The engine on a Ray of its own. Everything that it starts is gone after `stop`."""

    def __init__(self, folder: Path, replicas: int, **options: object) -> None:
        """`options` are the deployment's, in place of those in serve.yaml."""
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._log = folder / "ray.log"
        self._temp = Path(tempfile.mkdtemp(prefix="limner-ray-", dir="/tmp"))  # Ray's sockets need a short path
        self._folder, self._environment = folder, ray_environment(folder / "home")
        config = self._configured(folder, replicas, options)
        gcs = free_port()
        listen = free_port()
        ports = [f"{option}={free_port()}" for option in (*AGENTS, "--ray-client-server-port")]
        ports.append(f"--dashboard-agent-listen-port={listen}")
        size = (f"--port={gcs}", f"--object-store-memory={STORE_BYTES}", f"--temp-dir={self._temp}")
        self._head = self._started("ray.scripts.scripts", "start", *START, *ports, *size)
        try:
            self._tell_port(listen)
            until(lambda: self._head.poll() is not None or STARTED in self.log(), "Ray", UP_S)
            address = f"--address=127.0.0.1:{gcs}"
            run = ("ray.serve.scripts", "run", "--non-blocking", address, str(config))  # waits 60 s for Ray's proxy
            assert any(self._started(*run).wait(UP_S) == 0 for _ in range(ATTEMPTS)), self.log()
        except BaseException:
            self.stop()
            raise

    def up(self, replicas: int) -> Cluster:
        """Wait until so many replicas have their models."""
        until(lambda: self._head.poll() is not None or len(self.loaded()) >= replicas, "the replicas", UP_S)
        assert self._head.poll() is None, self.log()
        return self

    def _tell_port(self, port: int) -> None:
        """Write down the one port that Ray's main process cannot be told, before its agent does.

        Ray waits 15 s for the agents' ports and then crashes (ray-project/ray#65983); a busy machine needs longer.
        """
        file = until(lambda: next(iter(self._temp.glob("session_2*/gcs_server_port_*")), None), "Ray's folder", UP_S)
        file.with_name(file.name.replace("gcs_server_port", LISTENING)).write_text(str(port))

    def _started(self, module: str, *arguments: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", module, *arguments]
        with self._log.open("a") as log:
            return subprocess.Popen(
                command, env=self._environment, cwd=self._folder, stdout=log, stderr=subprocess.STDOUT
            )

    def loaded(self) -> list[int]:
        """Return the process ids of the replicas that live and have their models."""
        living = {process.pid for process in self.processes()}
        return [event["pid"] for event in self.events("models.ready") if event["pid"] in living]

    def processes(self) -> list[psutil.Process]:
        try:
            return psutil.Process(self._head.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            return []

    def events(self, name: str, **fields: object) -> list[dict[str, Any]]:
        """Return the engines' log events of this name with these fields, each with its replica's process id."""
        found = []
        for path in self._temp.glob("session_2*/logs/worker-*.err"):
            for line in path.read_text(errors="replace").splitlines():
                with suppress(ValueError):
                    event = json.loads(line)
                    if isinstance(event, dict) and event.get("event") == name and fields.items() <= event.items():
                        found.append({**event, "pid": int(path.stem.rsplit("-", 1)[1])})
        return sorted(found, key=lambda event: event["timestamp"])

    def log(self) -> str:
        return self._log.read_text()

    def stop(self) -> None:
        """End all of it."""
        started = [psutil.Process(self._head.pid), *self.processes()] if self._head.poll() is None else []
        for end, patience in ((psutil.Process.terminate, 5), (psutil.Process.kill, 30)):  # Ray's wait for others
            for process in started:
                with suppress(psutil.NoSuchProcess):
                    end(process)
            _, started = psutil.wait_procs(started, timeout=patience)
        self._head.wait(30)
        shutil.rmtree(self._temp, ignore_errors=True)

    def _configured(self, folder: Path, replicas: int, options: dict[str, object]) -> Path:
        config = yaml.safe_load((RAY / "serve.yaml").read_text())
        config["http_options"]["port"] = self.port
        deployment = config["applications"][0]["deployments"][0]
        deployment["ray_actor_options"]["num_gpus"] = 0
        deployment["autoscaling_config"] |= {"min_replicas": replicas, "max_replicas": replicas}
        deployment |= options
        path = folder / "serve.yaml"
        path.write_text(yaml.safe_dump(config))
        return path


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
