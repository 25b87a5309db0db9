"""`limner doctor` as a process, on machines where all is well and on those where one thing is not."""

from __future__ import annotations

import asyncio
import base64
import importlib.metadata
import json
import os
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import discord as discord_library
import pytest

from bot.host.home import DATABASE, locked_home
from bot.host.permissions import to_install
from bot.storage.database import Database
from bot.storage.migrate import migrations
from bot.storage.sealed_file import check_seal
from bot.storage.sealing import Seal
from harness.processes import ROOT, Discord, environment
from harness.tiny_gguf import save_gguf
from tests.e2e.test_start import limner
from tests.engine.test_plain_planner import gpt2

TOKEN = "MTEwMDAwMDAwMDAwMDAwMDAwMA.abcdef.s3cretthatnobodymayseeanywhereatall"
NAMES = {
    *("settings", "python", "packages", "token", "application", "intents", "permissions", "upload", "clock"),
    *("gpu", "memory", "models", "sockets", "disk", "database", "files", "jail", "limits", "choice"),
}


def examined(home: Path, **changes: str) -> dict[str, Any]:
    """Run the doctor; return for each check its worst line."""
    result = limner(home, "doctor", "--json", **changes)
    return read(result)


def read(result: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert result.stderr == ""
    found = json.loads(result.stdout)
    assert set(found) == {"limner", "verdict", "checks"}
    order = ["ok", "warning", "fails"]
    worst: dict[str, Any] = {}
    for line in found["checks"]:
        assert set(line) == {"check", "verdict", "fact", "remedy"}
        assert line["fact"]
        assert bool(line["remedy"]) == (line["verdict"] != "ok"), line
        if order.index(line["verdict"]) >= order.index(worst.get(line["check"], line)["verdict"]):
            worst[line["check"]] = line
    assert set(worst) == NAMES
    assert found["verdict"] == max((line["verdict"] for line in worst.values()), key=order.index)
    assert result.returncode == (1 if found["verdict"] == "fails" else 0)
    return worst


@pytest.fixture
def home(tmp_path: Path) -> Path:
    path = tmp_path / "home"
    path.mkdir(mode=0o700)

    async def make() -> None:
        await (await Database.open(path / DATABASE)).close()

    asyncio.run(make())
    return path


def test_a_machine_where_all_is_well(home: Path) -> None:
    began = time.monotonic()
    worst = examined(home)
    assert time.monotonic() - began < 60  # it waits for nothing
    assert {path.name for path in home.iterdir()} == {DATABASE}, "it leaves nothing behind"
    assert {name: line["verdict"] for name, line in worst.items() if line["verdict"] == "fails"} == {}
    assert f"version {len(migrations())}" in worst["database"]["fact"]
    assert "8300" in worst["token"]["fact"]


def test_people_read_lines_with_a_verdict_in_words(home: Path) -> None:
    home.chmod(0o755)
    result = limner(home, "doctor")
    lines = result.stdout.splitlines()
    assert any(line.split()[:3] == ["✓", "ok", "python"] for line in lines)
    [index] = [index for index, line in enumerate(lines) if line.split()[:3] == ["!", "warning", "files"]]
    assert lines[index + 1].strip() == f"→ Run chmod 700 {home}"


def test_in_chinese(home: Path) -> None:
    assert "没有设置" in examined(home, LIMNER_LOCALE="zh-CN")["token"]["fact"]


def test_it_changes_nothing_and_needs_no_home(tmp_path: Path) -> None:
    worst = examined(tmp_path / "none")
    assert worst["database"]["verdict"] == "ok"
    assert not (tmp_path / "none").exists()


def test_it_looks_at_a_home_that_is_in_use(home: Path) -> None:
    with locked_home(home), closing(sqlite3.connect(home / DATABASE, isolation_level=None)) as bot:
        bot.execute("BEGIN IMMEDIATE")
        assert examined(home)["database"]["verdict"] == "ok"


def test_wrong_settings_are_findings_and_the_rest_is_looked_at(home: Path) -> None:
    worst = examined(home, LIMNER_LIMIT="many")
    assert worst["settings"]["verdict"] == "fails"
    assert worst["settings"]["fact"].startswith("LIMNER_LIMIT: many")


def test_a_file_of_styles_that_is_none(home: Path) -> None:
    found = examined(home, LIMNER_STYLES="/nowhere/styles.toml")["settings"]
    assert (found["verdict"], "/nowhere/styles.toml" in found["fact"]) == ("fails", True)


def test_whoever_reads_only_the_first_line_sees_no_traceback(home: Path) -> None:
    command = f"{sys.executable} -m bot.cli.main doctor | head -n 1"
    result = subprocess.run(
        ["sh", "-c", command], env=environment(home), cwd=home.parent, capture_output=True, text=True
    )
    assert (result.stderr, len(result.stdout.splitlines())) == ("", 1)


# The token


@pytest.mark.parametrize("token", ["nonsense", f"Bot {TOKEN}", TOKEN.replace(".", "-"), f'"{TOKEN}"', "abc.def.ghi"])
def test_a_malformed_token_is_told_and_not_shown(home: Path, token: str) -> None:
    result = limner(home, "doctor", "--json", DISCORD_TOKEN=token)
    assert read(result)["token"]["verdict"] == "fails"
    assert "s3cret" not in result.stdout


@pytest.fixture(scope="module")
def discord() -> Iterator[Discord]:
    started = Discord()
    yield started
    started.stop()


def doctor_at(url: str, home: Path, first: str = "", **changes: str) -> subprocess.CompletedProcess[str]:
    """Run the doctor against a Discord at this address, after the statements `first`."""
    script = (
        f"{first}\n"
        "import sys; from bot.sandbox.connect import point_discord_at; from bot.cli.main import main;"
        f"point_discord_at({url!r}); sys.exit(main(['doctor', '--json']))"
    )
    settings = environment(home, **changes)
    return subprocess.run(
        [sys.executable, "-c", script], env=settings, cwd=home.parent, capture_output=True, text=True, timeout=60
    )


def test_discord_knows_the_token(discord: Discord, home: Path) -> None:
    worst = read(doctor_at(discord.url, home, DISCORD_TOKEN=discord.token))
    for name in ("token", "application", "intents", "permissions", "clock"):
        assert worst[name]["verdict"] == "ok", worst[name]
    assert worst["token"]["fact"] == "Discord knows it: Limner"
    assert worst["permissions"]["fact"].startswith("There in the one server")


def test_discord_refuses_the_token(discord: Discord, home: Path) -> None:
    result = doctor_at(discord.url, home, DISCORD_TOKEN=TOKEN)
    worst = read(result)
    assert worst["token"]["verdict"] == "fails"
    assert "refuses" in worst["token"]["fact"]
    assert worst["permissions"]["verdict"] == "warning"
    assert "s3cret" not in result.stdout


def test_discord_cannot_be_reached(home: Path) -> None:
    result = doctor_at("http://127.0.0.1:1", home, DISCORD_TOKEN=TOKEN)
    worst = read(result)
    assert worst["token"]["verdict"] == "warning"
    assert worst["permissions"]["verdict"] == "warning"
    assert "s3cret" not in result.stdout


def test_a_network_that_never_answers_does_not_hold_it_up(home: Path) -> None:
    slow = "import socket, time; socket.getaddrinfo = lambda *_, **__: time.sleep(30)"
    began = time.monotonic()
    worst = read(doctor_at("http://discord.example", home, slow, DISCORD_TOKEN=TOKEN))
    assert time.monotonic() - began < 15
    assert worst["token"]["verdict"] == "warning"


def test_discord_knows_the_token_and_something_is_wrong_there(home: Path) -> None:
    everything = to_install().value
    files, connect = discord_library.Permissions.attach_files.flag, discord_library.Permissions.connect.flag
    guilds = [
        {"name": "Fine", "permissions": str(everything)},
        {"name": "Owned", "permissions": str(1 << 3)},
        {"name": "Bare\x1b[2J", "permissions": str(everything & ~files)},
    ]
    application = {"name": "Limner", "flags": 1 << 19, "interactions_endpoint_url": "https://x.example"}
    answers = {"/users/@me": {"username": "Limner"}, "/applications/@me": application, "/users/@me/guilds": guilds}
    with serving(answers, date="Mon, 01 Jan 2024 00:00:00 GMT") as url:
        worst = read(doctor_at(url, home, DISCORD_TOKEN=TOKEN))
        assert worst["application"]["verdict"] == "fails"
        assert worst["intents"]["verdict"] == "warning"
        assert worst["permissions"]["verdict"] == "fails"
        assert worst["permissions"]["fact"] == "In the server Bare[2J the bot lacks Attach Files."
        assert f"permissions={everything}" in worst["permissions"]["remedy"]
        assert "client_id=1100000000000000000" in worst["permissions"]["remedy"]
        assert worst["clock"]["verdict"] == "fails"
        answers["/users/@me/guilds"] = [{"name": "Mute", "permissions": str(everything & ~connect)}]
        worst = read(doctor_at(url, home, DISCORD_TOKEN=TOKEN))
        assert worst["permissions"]["verdict"] == "warning", "only the chat of voice channels needs it"
        answers["/users/@me/guilds"] = []
        answers["/applications/@me"] = {"name": "Limner", "bot_require_code_grant": True, "flags": 0}
        worst = read(doctor_at(url, home, DISCORD_TOKEN=TOKEN))
        assert worst["application"]["verdict"] == "warning"
        assert worst["permissions"]["verdict"] == "warning"


class serving:  # noqa: N801 - used as a function
    """A server on 127.0.0.1 that answers by path, with 404 where it knows none; `keys` counts what keys it got."""

    def __init__(self, answers: dict[str, Any], date: str | None = None, status: int = 404) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path = self.path.partition("?")[0]
                found = next((body for end, body in answers.items() if path.endswith(end)), None)
                body = json.dumps(found).encode()
                self.send_response_only(200 if found is not None else status)
                self.send_header("Date", date or self.date_time_string())
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)

    def __enter__(self) -> str:
        Thread(target=self.server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{self.server.server_port}"

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()


# The engine and its models


def model(folder: Path, parameters: int, *, role: str = "painter") -> Path:
    """Write a model whose weights are a hole of the right size."""
    weights = folder / "unet" if role == "painter" else folder
    weights.mkdir(parents=True)
    config = {"model_type": "qwen3", "architectures": ["Qwen3ForCausalLM"]}
    (folder / ("model_index.json" if role == "painter" else "config.json")).write_text(json.dumps(config))
    if role != "painter":
        (folder / "tokenizer.json").write_text("{}")
        (folder / "chat_template.jinja").write_text("{{ messages }}")
    header = json.dumps({"w": {"dtype": "F16", "shape": [parameters], "data_offsets": [0, parameters * 2]}}).encode()
    with (weights / "model.safetensors").open("wb") as file:
        file.write(len(header).to_bytes(8, "little") + header)
        file.truncate(8 + len(header) + parameters * 2)
    return folder


def test_a_model_that_is_here_and_fits(home: Path) -> None:
    worst = examined(home, LIMNER_SAFETY="off", LIMNER_MODEL=str(model(home.parent / "m", 50_000_000)))
    assert worst["models"]["verdict"] == worst["memory"]["verdict"] == "ok"


def test_a_model_that_does_not_fit(home: Path) -> None:
    worst = examined(home, LIMNER_SAFETY="off", LIMNER_MODEL=str(model(home.parent / "m", 900_000_000_000)))
    assert worst["memory"]["verdict"] == "fails"
    assert "4320.0 GB" in worst["memory"]["fact"], "4 bytes a parameter, and a fifth for the work"


def test_a_large_model_without_a_gpu(home: Path) -> None:
    painter = model(home.parent / "m", 500_000_000)
    assert (
        examined(home, LIMNER_SAFETY="off", LIMNER_MODEL=str(painter), PATH="/nowhere")["gpu"]["verdict"] == "warning"
    )


@pytest.mark.parametrize("damage", ["absent", "marker", "cut", "pickled", "empty", "header"])
def test_a_model_that_is_not_whole(home: Path, damage: str) -> None:
    folder = home.parent / "m"
    if damage != "absent":
        weights = model(folder, 1000) / "unet" / "model.safetensors"
        match damage:
            case "marker":
                (folder / "model_index.json").unlink()
            case "cut":
                os.truncate(weights, 500)
            case "header":
                weights.write_bytes(b"\x05" + b"\0" * 7 + b"[1,2]")
            case "pickled":
                weights.rename(weights.with_name("model.bin"))
            case "empty":
                weights.unlink()
    found = examined(home, LIMNER_SAFETY="off", LIMNER_MODEL=str(folder))["models"]
    assert found["verdict"] == "fails"
    assert ("pickles" in found["fact"]) == (damage == "pickled")


@pytest.mark.parametrize(
    ("index", "verdict", "fact"),
    [
        ({"_class_name": "QwenImageEditPipeline", "unet": ["diffusers", "X"]}, "ok", "m is here, with 1 million"),
        (
            {"vae": ["diffusers", "X"], "processor": ["transformers", "Y"], "image": [None, None]},
            "fails",
            "is no whole model: vae, processor is missing, which its model_index.json names.",
        ),
        ({"_class_name": "JabberwockPipeline"}, "fails", "is a pipeline (JabberwockPipeline) that"),
        (
            {"_class_name": "QwenImageEditPipeline", "unet": ["transformers", "Qwen2VLProcessor"]},
            "ok",
            "its processor of videos is left out, since torchvision is not installed",
        ),
    ],
    ids=["whole", "parts", "class", "videos"],
)  # fmt: skip
def test_an_editor_and_what_it_lacks(home: Path, index: dict[str, Any], verdict: str, fact: str) -> None:
    folder = model(home.parent / "m", 1000)
    (folder / "model_index.json").write_text(json.dumps(index))
    result = limner(home, "doctor", "--json", LIMNER_EDITOR=str(folder), LIMNER_SAFETY="off")
    checks = json.loads(result.stdout)["checks"]
    (found,) = (line for line in checks if line["fact"].startswith("LIMNER_EDITOR: "))
    assert (found["verdict"], fact in found["fact"]) == (verdict, True), found


def test_a_model_of_the_hub(home: Path) -> None:
    cache = home.parent / "hub"
    hub = {"HF_HUB_CACHE": str(cache)}
    assert examined(home, LIMNER_SAFETY="off", LIMNER_MODEL="owner/name", **hub)["models"]["verdict"] == "warning"
    stored = cache / "models--owner--name"
    model(stored / "snapshots" / "abc", 1000)
    (stored / "refs").mkdir()
    (stored / "refs" / "main").write_text("abc")
    assert examined(home, LIMNER_SAFETY="off", LIMNER_MODEL="owner/name", **hub)["models"]["verdict"] == "ok"
    found = examined(home, LIMNER_MODEL="owner/name", **hub)["models"]
    assert (found["verdict"], found["fact"].partition(" is")[0]) == (
        "warning",
        "LIMNER_SAFETY: Falconsai/nsfw_image_detection",
    )


@pytest.mark.parametrize("setting", ["LIMNER_PLANNER", "LIMNER_SAFETY", "LIMNER_PROMPT_GUARD"])
def test_every_model_that_is_named_is_looked_at(home: Path, setting: str) -> None:
    found = examined(home, **{setting: str(home / "none")})["models"]
    assert (found["verdict"], found["fact"].startswith(f"{setting}: there is no folder")) == ("fails", True)
    folder = model(home.parent / "m", 2_000_000, role="other")
    result = limner(home, "doctor", **{setting: str(folder)})
    assert f"{setting}: m is here, with 2 million parameters." in result.stdout


@pytest.mark.parametrize(
    ("changes", "verdict", "fact"),
    [
        ({"chat_template.jinja": None}, "warning", "no chat template, so it is asked in plain paragraphs"),
        ({"tokenizer.json": None}, "fails", "no whole model"),
        ({"config.json": "{}"}, "fails", "of a kind (config.json names none) that does not load"),
        ({"config.json": '{"model_type": "vit"}'}, "fails", "of a kind (vit) that does not load"),
        ({"config.json": '{"model_type": "jabberwock"}'}, "fails", "of a kind (jabberwock) that does not load"),
        ({}, "ok", "is here, with 2 million parameters."),
    ],
)
def test_a_language_model_that_is_here_is_ready_only_if_it_loads(
    home: Path, changes: dict[str, str | None], verdict: str, fact: str
) -> None:
    folder = model(home.parent / "m", 2_000_000, role="other")
    for name, text in changes.items():
        if text is None:
            (folder / name).unlink()
        else:
            (folder / name).write_text(text)
    result = limner(home, "doctor", "--json", LIMNER_PLANNER=str(folder))
    assert result.stderr == ""
    checks = json.loads(result.stdout)["checks"]
    found = next(line for line in checks if line["fact"].startswith("LIMNER_PLANNER: "))
    assert (found["verdict"], fact in found["fact"]) == (verdict, True), found


def test_gpt2s_class_as_it_is_saved(home: Path) -> None:
    result = limner(home, "doctor", "--json", LIMNER_PLANNER=str(gpt2(home.parent / "gpt2")))
    found = [line for line in json.loads(result.stdout)["checks"] if line["fact"].startswith("LIMNER_PLANNER: ")]
    assert {line["verdict"] for line in found} == {"warning"}
    (plain,) = (line for line in found if "no chat template" in line["fact"])
    assert "tuned to instructions" in plain["remedy"]
    assert any("one request at a time" in line["fact"] for line in found)


def test_a_gguf_file_and_its_folder(home: Path) -> None:
    folder = home.parent / "gguf"
    file = save_gguf(folder / "tiny.gguf")
    for place in (folder, file):
        result = limner(home, "doctor", LIMNER_PLANNER=str(place))
        name = "gguf" if place == folder else "tiny"
        assert f"LIMNER_PLANNER: {name} is here; unpacked, its 0 MB take 0 MB of memory. llama.cpp" in result.stdout
    save_gguf(folder / "plain.gguf", template=None)
    assert (
        "holds several GGUF files (plain.gguf, tiny.gguf)"
        in examined(home, LIMNER_PLANNER=str(folder))["models"]["fact"]
    )
    found = examined(home, LIMNER_PLANNER=str(folder / "plain.gguf"))["models"]
    assert (found["verdict"], "no chat template" in found["fact"]) == ("warning", True)
    odd = save_gguf(folder / "odd.gguf", architecture="jabberwock")
    found = examined(home, LIMNER_PLANNER=str(odd))["models"]
    assert (found["verdict"], "(jabberwock)" in found["fact"]) == ("fails", True)
    file.write_bytes(file.read_bytes()[:2_000])
    assert "cut short" in examined(home, LIMNER_PLANNER=str(file))["models"]["fact"]


def test_a_model_name_that_is_none(home: Path) -> None:
    assert examined(home, LIMNER_SAFETY="off", LIMNER_MODEL="no such thing")["models"]["verdict"] == "fails"


def test_large_pictures_are_packed(home: Path) -> None:
    painter = model(home.parent / "m", 1000)
    (painter / "limner.json").write_text('{"sizes": {"square": "2048x2048"}}')
    assert examined(home, LIMNER_SAFETY="off", LIMNER_MODEL=str(painter))["upload"]["verdict"] == "warning"
    (painter / "limner.json").unlink()
    (painter / "unet" / "config.json").write_text('{"sample_size": 128}')
    assert examined(home, LIMNER_SAFETY="off", LIMNER_MODEL=str(painter))["upload"]["verdict"] == "ok"


def nvidia(folder: Path, line: str) -> dict[str, str]:
    """Put a program in PATH that tells of a GPU as nvidia-smi does."""
    folder.mkdir()
    program = folder / "nvidia-smi"
    program.write_text(f"#!/bin/sh\necho '{line}'\n")
    program.chmod(0o755)
    return {"PATH": f"{folder}:{os.environ['PATH']}"}


def test_a_gpu(home: Path) -> None:
    """Here torch is a build for CPUs or for CUDA: each has its verdict."""
    found = examined(home, **nvidia(home.parent / "bin", "NVIDIA H100, 580.65.06, 81559, 80000"))["gpu"]
    assert "NVIDIA H100" in found["fact"]
    assert found["verdict"] == ("warning" if "+cpu" in importlib.metadata.version("torch") else "ok")


@pytest.mark.parametrize("told", ["", "No devices were found", "a,b,c,d"])
def test_a_driver_that_tells_nothing_of_use(home: Path, told: str) -> None:
    assert examined(home, **nvidia(home.parent / "bin", told))["gpu"]["verdict"] == "ok"


def test_the_socket_of_an_engine_that_is_gone(home: Path) -> None:
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(home / "engine.sock"))
    (home / "engine.sock").chmod(0o600)
    found = examined(home)["sockets"]
    assert (found["verdict"], "replaces" in found["fact"]) == ("ok", True)


def test_a_file_where_the_socket_belongs(home: Path) -> None:
    (home / "engine.sock").write_text("in the way")
    assert examined(home)["sockets"]["verdict"] == "fails"


@pytest.mark.parametrize(
    ("status", "verdict"), [(404, "ok"), (401, "fails"), (403, "fails"), (503, "warning"), (500, "warning")]
)
def test_an_engine_elsewhere(home: Path, status: int, verdict: str) -> None:
    with serving({}, status=status) as url:
        worst = examined(home, ENGINE_URL=url, ENGINE_API_KEY="s3cret")
    assert worst["sockets"]["verdict"] == verdict
    assert worst["gpu"]["verdict"] == worst["models"]["verdict"] == worst["memory"]["verdict"] == "ok"


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "unix:/nowhere/engine.sock"])
@pytest.mark.parametrize("setting", ["ENGINE", "PLANNER"])
def test_nothing_answers_elsewhere(home: Path, setting: str, url: str) -> None:
    found = examined(home, **{f"{setting}_URL": url})["sockets"]
    assert found["verdict"] == "fails"
    assert found["fact"].startswith(f"{setting}_URL: nothing answers at")


# What is kept


def test_a_damaged_database(home: Path) -> None:
    whole = (home / DATABASE).read_bytes()
    (home / DATABASE).write_bytes(whole[:8192] + b"\xff" * 4096 + whole[12288:])
    found = examined(home)["database"]
    assert (found["verdict"], "restore" in found["remedy"]) == ("fails", True)
    (home / DATABASE).write_text("no database, but long enough to be read as one " * 100)
    assert examined(home)["database"]["verdict"] == "fails"


@pytest.mark.parametrize(("version", "verdict"), [(999, "fails"), (1, "ok")])
def test_a_database_of_another_version(home: Path, version: int, verdict: str) -> None:
    with closing(sqlite3.connect(home / DATABASE)) as connection:
        connection.execute(f"PRAGMA user_version = {version}")
    found = examined(home)["database"]
    assert (found["verdict"], str(version) in found["fact"]) == (verdict, True)


def test_a_sealed_database_and_its_key(home: Path) -> None:
    right, wrong = (base64.b64encode(letter * 32).decode() for letter in (b"a", b"b"))

    async def seal() -> None:
        database = await Database.open(home / DATABASE, Seal(b"a" * 32))
        await check_seal(database)
        await database.close()

    asyncio.run(seal())
    assert examined(home, LIMNER_DATA_KEY=right)["database"]["verdict"] == "ok"
    for changes in ({}, {"LIMNER_DATA_KEY": wrong}):
        found = examined(home, **changes)["database"]
        assert (found["verdict"], "is sealed" in found["fact"]) == ("fails", True)


@pytest.mark.parametrize("path", [".env", "home", f"home/{DATABASE}", "home/some.key"])
def test_what_others_can_read(home: Path, path: str) -> None:
    file = home.parent / path
    if not file.exists():
        file.write_text("")
    file.chmod(0o755 if file.is_dir() else 0o644)
    found = examined(home)["files"]
    assert found["verdict"] == "warning"
    assert file.name in found["remedy"]
    file.chmod(0o700 if file.is_dir() else 0o600)
    assert examined(home)["files"]["verdict"] == "ok"


def test_the_examination_is_quick_and_loads_no_torch() -> None:
    script = "import sys, engine.model_inventory; engine.model_inventory.main(); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True).returncode == 0
