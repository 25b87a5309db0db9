"""The containers: a valid compose file, closed containers, and images that hold what they need and no more."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest
from dotenv import dotenv_values

from bot.cli.main import main
from bot.settings import Settings
from engine.api.env_settings import SECRETS as SECRETS_IN_FILES
from harness.processes import ROOT
from tools import images
from tools.lock import LOCKS

DEPLOY = ROOT / "deploy"
COMPOSE: dict[str, Any] = msgspec.yaml.decode((DEPLOY / "compose.yaml").read_bytes())
SERVICES = sorted(COMPOSE["services"])
SECRETS = ("DISCORD_TOKEN", "LIMNER_DATA_KEY", "PLANNER_API_KEY")
"""None of these reaches the engine."""


def compose() -> list[str] | None:
    """Return the command of Docker's compose, whichever there is."""
    docker = shutil.which("docker")
    if docker and subprocess.run([docker, "compose", "version"], capture_output=True).returncode == 0:
        return [docker, "compose"]
    return [found] if (found := shutil.which("docker-compose")) else None


@pytest.mark.skipif(compose() is None, reason="needs docker compose or docker-compose")
@pytest.mark.parametrize(
    "files",
    [["compose.yaml"], *(["compose.yaml", f"compose.{name}.yaml"] for name in ("gpu", "sandbox"))],
)
def test_the_compose_files_are_valid(files: list[str], tmp_path: Path) -> None:
    command = compose()
    assert command
    (tmp_path / "env").write_text("DISCORD_TOKEN=s3cret-token\nLIMNER_DATA_KEY=s3cret-key\n")
    named = [argument for file in files for argument in ("-f", str(DEPLOY / file))]
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("LIMNER_", "DISCORD_"))}
    result = subprocess.run(
        [*command, "--env-file", str(tmp_path / "env"), *named, "config"], capture_output=True, text=True, env=clean
    )
    assert (result.returncode, result.stderr) == (0, "")
    merged = msgspec.yaml.decode(result.stdout)["services"]
    assert merged["bot"]["environment"]["DISCORD_TOKEN"] == "s3cret-token"
    assert not set(SECRETS) & set(merged["engine"]["environment"]), "the engine needs none of these"
    assert "s3cret" not in str(merged["engine"])
    assert ("devices" in str(merged["engine"])) == ("gpu" in files[-1])
    ports = [_port(port) for port in merged["bot"].get("ports", [])]
    assert ports == (["127.0.0.1:8300:8300"] if "compose.sandbox.yaml" in files else [])
    assert "ports" not in merged["engine"]


@pytest.mark.skipif(compose() is None, reason="needs docker compose or docker-compose")
def test_two_gpus_have_an_engine_each_at_the_sockets_that_the_bot_is_given() -> None:
    command = compose()
    assert command
    files = [argument for name in ("compose", "compose.two-gpus") for argument in ("-f", str(DEPLOY / f"{name}.yaml"))]
    result = subprocess.run([*command, *files, "config"], capture_output=True, text=True, check=True)
    services = msgspec.yaml.decode(result.stdout)["services"]
    engines = [services[name] for name in ("engine", "engine1")]
    sockets = ["/run/limner/engine.sock", "/run/limner/engine-1.sock"]
    assert services["bot"]["environment"]["ENGINE_URL"] == ",".join(f"unix:{socket}" for socket in sockets)
    assert [engine["healthcheck"]["test"][-1] for engine in engines] == sockets
    assert engines[1]["command"] == ["python", "-m", "engine", "--socket", sockets[1]]
    devices = [engine["deploy"]["resources"]["reservations"]["devices"] for engine in engines]
    assert [device["device_ids"] for [device] in devices] == [["0"], ["1"]]
    closed = ("user", "read_only", "cap_drop", "security_opt", "mem_limit", "volumes", "environment", "image")
    assert all(engines[0][name] == engines[1][name] for name in closed)


def _port(port: Any) -> str:
    """Return a published port in the short form, which older composes print."""
    short = port if isinstance(port, str) else f"{port['host_ip']}:{port['published']}:{port['target']}"
    return short.removesuffix("/tcp")


def test_every_setting_of_the_example_file_reaches_a_container() -> None:
    example = set(dotenv_values(ROOT / ".env.example"))
    given = {name for service in COMPOSE["services"].values() for name in service["environment"]}
    assert example - given == set(), "name it in deploy/compose.yaml, with the service that reads it"


@pytest.mark.parametrize("name", SERVICES)
def test_a_stop_waits_for_longer_than_pictures_are_given(name: str) -> None:
    assert int(COMPOSE["services"][name]["stop_grace_period"].removesuffix("s")) >= Settings().grace_s + 30


@pytest.mark.parametrize("name", SERVICES)
def test_every_container_is_closed(name: str) -> None:
    service = COMPOSE["services"][name]
    assert service["user"] == "10001:10001"
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["tmpfs"]
    assert re.fullmatch(r"\$\{MEMORY_[A-Z]+:-\d+g\}", service["mem_limit"])
    assert service["pids_limit"]
    assert service["healthcheck"]["test"][:3] == ["CMD", "python", "-m"]
    assert "ports" not in service
    assert not any(volume.startswith(("/", ".")) for volume in service["volumes"]), "no folder of the host's"
    assert all(volume.split(":")[0] in COMPOSE["volumes"] for volume in service["volumes"])


@pytest.mark.parametrize("name", SERVICES)
def test_every_image_is_its_services_own_and_runs_as_nobody(name: str) -> None:
    dockerfile = ROOT / COMPOSE["services"][name]["build"]["dockerfile"]
    lines = dockerfile.read_text().splitlines()
    last = [line for line in lines if line.startswith("USER")]
    assert last == ["USER 10001:10001"]
    assert lines.index(last[0]) > max(index for index, line in enumerate(lines) if line.startswith(("RUN", "COPY")))
    folders = {volume.split(":")[1] for volume in COMPOSE["services"][name]["volumes"]}
    made = set(re.findall(r" (/[\w/]+)(?= |$)", next(line for line in lines if "install --directory" in line)))
    assert folders == made, "a new volume takes its owner from the image's folder"


@pytest.mark.parametrize("name", SECRETS_IN_FILES)
def test_a_secret_may_come_in_a_file_of_the_hosts(name: str) -> None:
    secret = name.lower()
    assert COMPOSE["secrets"][secret] == {"file": f"${{{name}_FILE:-/dev/null}}"}
    assert COMPOSE["services"]["bot"]["environment"][f"{name}_FILE"] == f"/run/secrets/{secret}"
    assert secret in COMPOSE["services"]["bot"]["secrets"]
    assert "secrets" not in COMPOSE["services"]["engine"]


@pytest.mark.parametrize("name", SERVICES)
def test_the_base_image_is_an_argument(name: str) -> None:
    lines = (ROOT / "deploy" / f"{name}.Dockerfile").read_text().splitlines()
    assert [line for line in lines if line.startswith("FROM")] == [
        "FROM ${PYTHON_IMAGE} AS build",
        "FROM ${PYTHON_IMAGE}",
    ]
    [given] = [line for line in lines if line.startswith("ARG PYTHON_IMAGE=")]
    assert lines.index(given) < lines.index("FROM ${PYTHON_IMAGE} AS build")
    default = COMPOSE["services"][name]["build"]["args"]["PYTHON_IMAGE"]
    assert default == f"${{PYTHON_IMAGE:-{given.partition('=')[2]}}}"


def test_make_images_says_why_it_builds_nothing(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "tools/images.py"], cwd=ROOT, env={"PATH": str(tmp_path)}, capture_output=True, text=True
    )
    assert done.returncode == 0
    assert done.stdout.startswith("Skipped: none of docker, podman and buildah works here")


@pytest.mark.parametrize("builder", images.BUILDERS)
def test_make_images_builds_and_tries_both(builder: str, tmp_path: Path) -> None:
    program = tmp_path / builder
    digest = f"sha256:{'0a' * 32}"
    inspected = f'case "$*" in *inspect*) echo debian@{digest};; esac'
    program.write_text(f'#!/bin/sh\necho "$0 $*" >> {tmp_path}/calls\n{inspected}\n')
    program.chmod(0o755)
    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin", "IMAGE_PREFIX": "place/limner", "PYTHON_IMAGE": "debian:mine"}
    only = f"import sys; from tools import images; images.BUILDERS = ({builder!r},); "
    only += f"images.find_builder.__defaults__ = (({builder!r},),); "
    only += f"images.DIGESTS = images.Path({str(tmp_path / 'images.txt')!r}); sys.exit(images.main(['--push']))"
    done = subprocess.run([sys.executable, "-c", only], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    calls = (tmp_path / "calls").read_text().replace(f"{tmp_path}/", "").splitlines()
    builds = [call for call in calls if " build " in call]
    assert len(builds) == 2
    assert [call for call in calls if " pull " in call] == [f"{builder} pull debian:mine"]
    assert all(f"--build-arg PYTHON_IMAGE=debian@{digest}" in call for call in builds), "both on the same base"
    assert all(f"--label org.opencontainers.image.base.digest={digest}" in call for call in builds)
    assert (tmp_path / "images.txt").read_text().splitlines() == [
        f"base debian@{digest}", f"bot place/limner-bot@{digest}", f"engine place/limner-engine@{digest}"
    ]  # fmt: skip
    assert all("TORCH_INDEX" not in call for call in builds)
    tried = [call for call in calls if " run " in call]
    assert [call.split()[-2:] for call in tried] == [
        ["limner", "--version"], ["--channel", "1"], ["engine", "--help"], ["limner", "models"]
    ]  # fmt: skip
    assert all("--read-only --network none" in call for call in tried) or builder == "buildah"
    assert sum(" push " in call for call in calls) == 4


def test_an_image_is_given_the_arguments_that_it_takes() -> None:
    """Builders warn of others, above what matters."""
    environment = {"TORCH_INDEX": "https://torch.invalid/cpu", "PIP_INDEX_URL": "https://pip.invalid"}
    built = {name: " ".join(images.build_command("podman", name, ["t"], environment)) for name in images.TRIED}
    assert all("--build-arg PIP_INDEX_URL=https://pip.invalid" in command for command in built.values())
    assert [name for name in built if "TORCH_INDEX=https://torch.invalid/cpu" in built[name]] == ["engine"]


@pytest.mark.parametrize("index", ["", "https://torch.invalid/cpu"])
def test_a_named_index_is_the_only_one_that_is_asked_for_torch(index: str, tmp_path: Path) -> None:
    """pip would else take the usual index's torch, which is for CUDA, wherever the named one has none."""
    text = (DEPLOY / "engine.Dockerfile").read_text().replace("\\\n", " ")
    [install] = [part for line in text.splitlines() for part in line.split("&&") if part.strip().endswith(" torch")]
    [told] = [part for line in text.splitlines() for part in line.split("&&") if "Next: " in part]
    pip = tmp_path / "pip"
    pip.write_text('#!/bin/sh\necho "$*"\n')
    pip.chmod(0o755)
    command = install.replace("/opt/limner/bin/pip", str(pip))
    done = subprocess.run(
        ["sh", "-c", f"{told} && {command}"],
        cwd=ROOT,
        env={"TORCH_INDEX": index, "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
    )
    before, asked = done.stdout.splitlines()
    assert re.fullmatch(rf"Next: torch==[\d.]+, which has to be at {index or 'the usual index, .*'}", before)
    only = f"--index-url {index} " if index else ""
    assert asked == f"install --constraint constraints.txt {only}torch"


def source(name: str, target: Path) -> Path:
    """Carry out what the image's COPY lines say, into `target`."""
    for line in (DEPLOY / f"{name}.Dockerfile").read_text().splitlines():
        if line.startswith("COPY") and "--from" not in line:
            *files, where = line.split()[1:]
            for file in files:
                place = target / where / Path(file).name if where.endswith("/") else target / where
                place.parent.mkdir(parents=True, exist_ok=True)
                if (ROOT / file).is_dir():
                    shutil.copytree(ROOT / file, place, ignore=shutil.ignore_patterns("__pycache__"))
                else:
                    shutil.copy(ROOT / file, place)
    return target


WITHOUT = (
    "import sys\n"
    "class Gone:\n"
    "    def find_spec(self, name, path=None, target=None):\n"
    "        if name.split('.')[0] in GONE: raise ModuleNotFoundError(name)\n"
    "sys.meta_path.insert(0, Gone())\n"
)


def runs(folder: Path, gone: tuple[str, ...], script: str) -> str:
    """Run the script without these packages; return what is on stderr."""
    program = f"GONE = {gone!r}\n{WITHOUT}\n{script}"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stderr


def test_what_the_bots_image_holds_is_all_that_the_bot_needs(tmp_path: Path) -> None:
    folder = source("bot", tmp_path)
    assert not (folder / "engine" / "starter").exists()
    gone = ("torch", "diffusers", "transformers", "numpy", "starlette", "uvicorn", "tokenizers")
    commands = "bot.cli.run, bot.cli.main, bot.cli.doctor, bot.cli.init, bot.cli.backup, bot.cli.imagine"
    script = f"import {commands}, bot.host.heartbeat"
    runs(folder, gone, f"{script}; assert bot.__file__.startswith({str(folder)!r})")
    runs(folder, gone, "from bot.ui.i18n import text; text('en', 'init-next'); text('zh-CN', 'init-next')")


def test_what_the_engines_image_holds_is_all_that_the_engine_needs(tmp_path: Path) -> None:
    folder = source("engine", tmp_path)
    assert sorted(path.name for path in (folder / "bot").rglob("*.py")) == [
        "__init__.py", "__init__.py", "main.py", "version.py"
    ]  # fmt: skip
    gone = ("discord", "aiosqlite", "aiohttp", "fluent")
    script = "import engine.__main__, engine.process, engine.health, engine.model_inventory"
    runs(folder, gone, f"{script}; assert engine.__file__.startswith({str(folder)!r})")
    assert (folder / "engine" / "starter" / "models" / "painter" / "model_index.json").exists()
    for typed in ("run", "doctor", "init", "imagine x", "backup x", "restore x", "rekey", "mcp --user 1 --channel 1"):
        assert_absent(folder, gone, typed)


def test_a_program_that_is_not_installed_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("bot.cli.main.find_spec", lambda name: None)
    assert main(["train", "--help"]) == 1
    assert capsys.readouterr().err == "limner train needs training, which is not installed here; limner engine is.\n"


def assert_absent(folder: Path, gone: tuple[str, ...], typed: str) -> None:
    told = runs(folder, gone, f"from bot.cli.main import main; assert main({typed.split()}) == 1")
    needed = r"needs [\w.]+, which is not installed here; limner engine is\.\n"
    assert re.fullmatch(rf"limner {typed.split()[0]} {needed}", told)


def test_a_builder_that_is_silent_is_said_to_go_on(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(images, "SILENT_S", 1.0)
    assert images.run(["sh", "-c", "echo one; sleep 2.5; echo two >&2; exit 3"], "bot") == 3
    first, *told, last = capfd.readouterr().out.splitlines()
    assert (first, last) == ("one", "two")
    assert [line.partition(",")[0] for line in told] in (["  … the bot's image"], ["  … the bot's image"] * 2)


def test_a_closed_container_has_what_nobody_can_add_to_it() -> None:
    """Its root is read-only, so the extras of what the bot's documents tell are in the image."""
    assert set(LOCKS["bot"].extras) == {"charts", "mcp"}


def test_nothing_but_source_reaches_a_build() -> None:
    lines = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and line[0] != "#"]
    assert lines[0] == "*"
    allowed = {line.removeprefix("!").split("/")[0] for line in lines if line.startswith("!")}
    assert "!deploy/*.lock" in lines, "a host's .env may lie in that folder"
    copied = {
        file.split("/")[0]
        for name in SERVICES
        for line in (DEPLOY / f"{name}.Dockerfile").read_text().splitlines()
        if line.startswith("COPY") and "--from" not in line
        for file in line.split()[1:-1]
    }
    assert allowed == copied
