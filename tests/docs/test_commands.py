"""Every command in the documents is run by a test, or is marked with what it needs that no test has."""

from __future__ import annotations

import ast
import io
import re
import shlex
from dataclasses import dataclass
from pathlib import Path

import pytest
from dotenv import dotenv_values

from bot.settings import read
from tests.docs.reading import ROOT, Block, blocks, documents, spans

NEWCOMER = "docs/test_newcomer.py"
RULES = "deploy/test_alerts.py"
ALERTS = f"{RULES}::test_each_alert_fires_and_is_silent_where_it_should"
HEALTH = "deploy/test_health.py"
FIGURES = "e2e/test_metrics.py::test_what_a_picture_leaves_in_both_processes_figures"
RUN = {
    "git clone <this repository> limner && cd limner": f"{NEWCOMER}::checkout",
    "make run": f"{NEWCOMER}::test_the_sandbox_in_two_commands",
    "make setup": f"{NEWCOMER}::test_what_make_would_do",
    "make test": f"{NEWCOMER}::test_what_make_would_do",
    "make bench": f"{NEWCOMER}::test_what_make_would_do",
    "make layers": f"{NEWCOMER}::test_what_make_would_do",
    "make check": f"{NEWCOMER}::test_what_make_would_do",
    "make audit": f"{NEWCOMER}::test_what_make_would_do",
    "make lock": f"{NEWCOMER}::test_what_make_would_do",
    "make quick": f"{NEWCOMER}::test_what_make_would_do",
    "make clients": f"{NEWCOMER}::test_what_make_would_do",
    "make models": f"{NEWCOMER}::test_what_make_would_do",
    "make lint": f"{NEWCOMER}::test_what_make_would_do",
    "make types": f"{NEWCOMER}::test_what_make_would_do",
    "make full": f"{NEWCOMER}::test_what_make_would_do",
    "make fuzz": f"{NEWCOMER}::test_what_make_would_do",
    "make chaos": f"{NEWCOMER}::test_what_make_would_do",
    "make crash": f"{NEWCOMER}::test_what_make_would_do",
    "make soak": f"{NEWCOMER}::test_what_make_would_do",
    "make release": f"{NEWCOMER}::test_what_make_would_do",
    "make release-check": f"{NEWCOMER}::test_what_make_would_do",
    "limner --version": "e2e/test_start.py::test_the_version_is_the_packages",
    "limner models": "deploy/test_models.py::test_the_list_has_every_model_of_the_table",
    "limner models use NAME": "deploy/test_models.py::test_use_writes_the_settings_and_leaves_the_rest",
    "make images": "deploy/test_images.py::test_make_images_says_why_it_builds_nothing",
    "limner mcp": "integration/test_agents.py::test_the_official_client_draws_changes_and_looks_up",
    "limner rekey": "deploy/test_rekey.py::test_the_database_opens_with_the_new_key_alone",
    "limner init": f"{NEWCOMER}::test_init_and_doctor",
    "limner doctor": f"{NEWCOMER}::test_init_and_doctor",
    'limner imagine "夕阳下的海滩" --out beach.png --seed 7 --json': f"{NEWCOMER}::test_a_picture_without_discord",
    "limner backup limner-monday.tar": f"{NEWCOMER}::test_the_sandbox_in_two_commands",
    "limner restore limner-monday.tar": f"{NEWCOMER}::test_the_sandbox_in_two_commands",
    "limner backup FILE": "deploy/test_backup.py::test_it_writes_exactly_the_file",
    "limner backup before-upgrade.tar": "deploy/test_backup.py::test_it_writes_exactly_the_file",
    "limner restore before-upgrade.tar": "deploy/test_backup.py::test_a_damaged_database_is_replaced_by_a_backup",
    "limner train all --things 132 --init-from engine/starter/models": (
        "training/test_init_from.py::test_all_leaves_the_text_encoders_own_training_out"
    ),
    "limner train data --pictures DIR --captions captions.json": (
        "training/test_gallery.py::test_ones_own_pictures_become_a_gallery"
    ),
    "ENGINE_API_KEY=choose-one limner engine --host 127.0.0.1 --port 8400": f"{NEWCOMER}::test_the_engine_by_itself",
    "openssl rand -base64 32": f"{NEWCOMER}::test_openssl_makes_a_data_key",
    "python -m bench --help": f"{NEWCOMER}::test_the_benchmarks_tell_their_parts",
    "python -m bot.host.heartbeat": f"{HEALTH}::test_the_bot_is_well_from_when_discord_has_it_until_it_stops",
    "curl -s http://127.0.0.1:9464/metrics": FIGURES,
    "curl -s http://127.0.0.1:9464/engine/metrics": FIGURES,
    "promtool check rules deploy/prometheus/alerts.yml": f"{RULES}::test_rules_and_configuration_are_valid",
    "promtool test rules deploy/prometheus/alerts.test.yml": ALERTS,
    "python -m engine.model_inventory": "deploy/test_doctor.py::test_the_examination_is_quick_and_loads_no_torch",
}
"""Each command, as a shell reads it, and the test that runs it: below tests/, a function of the file."""

PROGRAMS = {
    "accelerate", "apt", "apt-get", "bash", "chmod", "chown", "cp", "curl", "docker", "docker-compose", "git", "gh",
    "install", "journalctl", "kubectl", "limner", "lint-imports", "make", "mkdir", "mypy", "npm", "nvidia-modprobe",
    "nvidia-persistenced", "nvidia-smi", "openssl", "pip", "promtool", "prometheus", "pytest", "python", "python3",
    "ray", "rm", "ruff", "runuser", "serve", "sh", "sudo", "systemctl", "systemd-analyze", "systemd-run",
    "systemd-sysusers", "tar", "tensorboard", "timedatectl", "uvicorn", "wget",
}  # fmt: skip
"""What begins a command within a sentence; in a block of shell, every line is one."""
NEEDS = {"Discord", "a GPU", "GPUs", "Docker", "root", "systemd", "the network", "Prometheus", "Grafana", "Ray"}
NEEDS |= {"llama.cpp"}
SHELL = {"", "sh", "bash", "shell", "console"}


@dataclass(frozen=True)
class Command:
    """A command line, where it stands, and what its mark says that it needs."""

    where: str
    line: str
    needs: str


def plain(line: str) -> str:
    """Return a command line without what differs from page to page: the program's folder, a word in Chinese."""
    return re.sub(r"(?:/opt/limner/)?\.venv/bin/", "", line).replace("<本仓库的地址>", "<this repository>")


def is_command(text: str) -> bool:
    """Tell whether inline code is a command: a program of the list, maybe behind variables."""
    words = re.sub(r"^(?:[A-Z][A-Z_]*=\S* )+", "", plain(text)).split()
    return bool(words) and words[0] in PROGRAMS


def commands(file: Path) -> list[Command]:
    name = file.name if not file.is_relative_to(ROOT) else str(file.relative_to(ROOT))
    found = []
    for block in blocks(file):
        if block.language in SHELL:
            found += [Command(f"{name}:{block.line}", plain(line), block.needs) for line in block.commands()]
    for span in spans(file):
        if is_command(span.text):
            found.append(Command(f"{name}:{span.line}", plain(span.text), span.needs))
    return found


def uncovered(file: Path) -> list[str]:
    return [
        f"{command.where}: {command.line}"
        for command in commands(file)
        if command.line not in RUN and not command.needs and not _only_names_it(command.line)
    ]


def _only_names_it(line: str) -> bool:
    """Tell whether a sentence speaks of a program and gives no command: `make`, `git`."""
    return " " not in line


FOLLOWED = [file for file in documents() if file.parent.name != "bench"]
"""The figures' page beside the benchmarks names commands that gave its figures, once."""


@pytest.mark.parametrize("file", FOLLOWED, ids=lambda file: str(file.relative_to(ROOT)))
def test_every_command_is_run_by_a_test_or_marked(file: Path) -> None:
    assert uncovered(file) == [], "run it in a test and name that in RUN, or mark it: <!-- needs a GPU -->"


@pytest.mark.parametrize("file", FOLLOWED, ids=lambda file: str(file.relative_to(ROOT)))
def test_marks_are_of_a_few_kinds(file: Path) -> None:
    told = {need for command in commands(file) for need in command.needs.split(", ") if need}
    assert told <= NEEDS


def test_an_unknown_command_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "Run `limner fly --high` or `.venv/bin/limner doctor`.\n\n```sh\nwhatever --now  # a comment\n```\n\n"
        "<!-- needs Docker -->\n```sh\ndocker ps\n```\n\n- `nvidia-smi -L` <!-- needs a GPU -->\n- `git bisect start`\n"
    )
    assert [line.partition(": ")[2] for line in uncovered(page)] == [
        "whatever --now",
        "limner fly --high",
        "git bisect start",
    ]


def test_every_test_that_is_named_exists_and_every_command_is_still_told() -> None:
    for place in RUN.values():
        file, _, name = place.partition("::")
        body = ast.parse((ROOT / "tests" / file).read_text("utf-8")).body
        assert name in {node.name for node in body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}, place
    told = {command.line for file in FOLLOWED for command in commands(file)}
    assert set(RUN) - told == set(), "no document tells of it any more"


def test_settings_in_blocks_are_settings() -> None:
    found = [block for file in FOLLOWED for block in blocks(file) if block.language == "dotenv"]
    assert found
    for block in found:
        values = {name: value or "" for name, value in dotenv_values(stream=io.StringIO(block.text)).items()}
        assert set(values) <= set(dotenv_values(ROOT / ".env.example")), block
        read(values)


# What cannot run here can still be looked at: the files and units that such commands name are there.


def marked() -> list[Block]:
    return [block for file in FOLLOWED for block in blocks(file) if block.needs and block.language in SHELL]


def test_marked_commands_name_files_and_units_that_there_are() -> None:
    units = {file.stem for file in (ROOT / "deploy" / "systemd").iterdir()}
    seen = 0
    for command in [Command("", line, block.needs) for block in marked() for line in block.commands()]:
        words = shlex.split(command.line.replace("/opt/limner/", "").replace("&&", " "))
        for word in words:
            if word.startswith("deploy/"):
                assert list(ROOT.glob(word)), command
                seen += 1
            elif re.match(r"limner(-\w+)?(\.(service|timer))?$", word) and words[0] == "systemctl":
                assert word.partition(".")[0] in units, command
                seen += 1
    assert seen > 10
