"""`limner init`, by pipes and on a terminal."""

from __future__ import annotations

import base64
import io
import os
import pty
import select
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from dotenv import dotenv_values
from hypothesis import given
from hypothesis import strategies as st

from bot.cli.init import read_painter
from bot.cli.terminal_prompts import Asker
from bot.host.env_file_editor import changed
from bot.host.permissions import invite_link
from bot.host.token_format import application_of, is_token
from bot.operator_errors import OperatorError
from bot.sandbox.server import make_token
from bot.ui.i18n import text
from engine.api.model_catalog import PAINTERS
from harness.processes import environment
from harness.small_hub import SmallHub
from tests.engine.test_hub import MODELS, PAINTER, READER

COMMAND = [sys.executable, "-m", "bot.cli.main", "init"]
TOKEN = make_token()


def init(folder: Path, answers: str, **changes: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        COMMAND,
        input=answers,
        env=environment(folder / "home", LANG="C", **changes),
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=30,
    )


def test_five_times_enter_gives_the_sandbox(tmp_path: Path) -> None:
    result = init(tmp_path, "\n" * 5)
    assert (result.returncode, result.stderr) == (0, "")
    assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600
    assert {path.name for path in tmp_path.iterdir()} == {".env"}
    assert dotenv_values(tmp_path / ".env") == {
        "DISCORD_TOKEN": "",
        "LIMNER_MODEL": "",
        "LIMNER_PLANNER": "",
        "LIMNER_LIMIT": "",
        "LIMNER_LOCALE": "en-US",
        "LIMNER_RETENTION_DAYS": "0",
        "LIMNER_DATA_KEY": "",
    }
    assert "discord.com" not in result.stdout


def test_the_answers_are_written_and_the_invite_link_asks_for_what_is_needed(tmp_path: Path) -> None:
    result = init(tmp_path, f"{TOKEN}\n4\n5/day\nzh-CN\n30 sealed\n")
    assert result.returncode == 0, result.stderr
    values = dotenv_values(tmp_path / ".env")
    key = values.pop("LIMNER_DATA_KEY")
    assert values == {
        "DISCORD_TOKEN": TOKEN,
        "LIMNER_MODEL": "stabilityai/stable-diffusion-xl-base-1.0",
        "LIMNER_PLANNER": "Qwen/Qwen3-1.7B",
        "LIMNER_LIMIT": "5/day",
        "LIMNER_LOCALE": "zh-CN",
        "LIMNER_RETENTION_DAYS": "30",
    }
    assert key
    assert len(base64.b64decode(key, validate=True)) == 32
    assert "把机器人添加到服务器：" in result.stdout
    assert invite_link(application_of(TOKEN) or 0) in result.stdout
    assert TOKEN not in result.stdout + result.stderr
    assert key not in result.stdout + result.stderr


def test_tokens_are_told_apart_from_other_words() -> None:
    assert is_token(TOKEN)
    assert application_of(TOKEN) == 1100000000000000000
    for wrong in ("", "a.b.c", f"Bot {TOKEN}", TOKEN[1:], TOKEN.replace(".", "", 1), f"{TOKEN} ", f"{TOKEN}\n"):
        assert not is_token(wrong), wrong


OLD = "# mine\nDISCORD_TOKEN=\nLIMNER_LIMIT=1/day\n\nMY_OWN='keep # this'\nLIMNER_LIMIT=2/day\n"


def test_a_file_that_is_there_is_changed_only_after_a_yes_and_keeps_its_other_lines(tmp_path: Path) -> None:
    env = tmp_path / ".env"
    env.write_text(OLD)
    for no in ("", "n", "what"):
        result = init(tmp_path, "\n" * 5 + f"{no}\n")
        assert (result.returncode, env.read_text()) == (0, OLD)
    assert "as it was" in result.stdout
    result = init(tmp_path, "\n\n\n\n7\ny\n")
    assert result.returncode == 0, result.stderr
    lines = env.read_text().splitlines()
    assert lines[:5] == ["# mine", "DISCORD_TOKEN=", "LIMNER_LIMIT=2/day", "", "MY_OWN='keep # this'"]
    assert lines.count("LIMNER_LIMIT=2/day") == 1
    assert "LIMNER_RETENTION_DAYS=7" in lines
    assert stat.S_IMODE(env.stat().st_mode) == 0o600


def test_what_is_set_is_the_default_and_a_data_key_is_never_replaced(tmp_path: Path) -> None:
    (mine := tmp_path / "mine").mkdir()
    (mine / "model_index.json").write_text("{}")
    assert init(tmp_path, f"{TOKEN}\n{mine}\n\n\n9 sealed\n").returncode == 0
    before = dotenv_values(tmp_path / ".env")
    result = init(tmp_path, "\n" * 5 + "y\n")
    assert result.returncode == 0
    assert dotenv_values(tmp_path / ".env") == before
    assert TOKEN not in result.stdout


@pytest.mark.parametrize(
    "answers",
    ["", "\n\n", f"{TOKEN}\n", "\n\n\n\n"],
    ids=["none", "two empty", "a token", "four empty"],  # a token is another in each process
)
def test_no_terminal_and_no_answers_is_one_sentence(tmp_path: Path, answers: str) -> None:
    result = init(tmp_path, answers)
    assert result.returncode == 1
    assert result.stderr.splitlines()[-1].startswith("The answers ended before the last question")
    assert "Traceback" not in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_auto_is_known_and_the_models_of_the_table_are_offered(tmp_path: Path) -> None:
    result = init(tmp_path, "\nauto\n\n\n\n")
    assert result.returncode == 0, result.stderr
    values = dotenv_values(tmp_path / ".env")
    assert (values["LIMNER_MODEL"], values["LIMNER_PLANNER"]) == ("auto", "auto")
    for known in PAINTERS:
        offered = f"{known.name} ({known.licence}; {known.fetch_bytes / 1e9:.1f} GB to fetch"
        assert (offered in result.stdout) is known.is_free


def test_the_bundled_painters_can_be_named() -> None:
    asker = Asker("en-US")
    assert [read_painter(asker, name) for name in ("starter", "starter-one-step")] == ["starter", "starter-one-step"]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("sdxl", "sdxl is no model"),
        ("77", "77 is no model"),
        ("{folder}", "no model_index.json in it"),
        ("/nowhere/at/all", "no model_index.json in it"),
        ("Qwen/Qwen3-1.7B", "is no painter but a single model"),
    ],
)
def test_what_is_no_painter_is_refused_by_itself(answer: str, words: str, tmp_path: Path) -> None:
    asker = Asker("en-US")
    with pytest.raises(OperatorError) as refused:
        read_painter(asker, answer.format(folder=tmp_path))
    assert words in text("en", refused.value.key, **refused.value.facts)


def test_the_hub_is_asked_about_other_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    hub, asker = SmallHub(MODELS), Asker("en-US")
    for name, value in hub.environment(tmp_path / "hf").items():
        monkeypatch.setenv(name, value)
    try:
        for name, words in ((READER, "is no painter"), ("nobody/nothing", "The hub knows no model")):
            with pytest.raises(OperatorError) as refused:
                read_painter(asker, name)
            assert words in text("en", refused.value.key, **refused.value.facts)
        assert read_painter(asker, PAINTER) == PAINTER
        assert capsys.readouterr().out == ""
    finally:
        hub.stop()
    assert read_painter(asker, PAINTER) == PAINTER, "who has no network writes it too"
    assert "cannot be asked" in capsys.readouterr().out


@pytest.mark.parametrize(
    "answers",
    [
        "not a token\n\n\n\n\n",
        "\n\nmany\n\n\n",
        "\n\n\nklingon\n\n",
        "\n\n\n\nnever\n",
        "\n\n\n\n9 open\n",
        "\n\n\n\n-1\n",
    ],
)
def test_a_wrong_answer_without_a_terminal_writes_nothing(tmp_path: Path, answers: str) -> None:
    result = init(tmp_path, answers)
    assert result.returncode == 1
    assert list(tmp_path.iterdir()) == []


def test_a_directory_that_takes_no_file(tmp_path: Path) -> None:
    (tmp_path / ".env").mkdir()
    result = init(tmp_path, "\n" * 6)
    assert result.returncode == 1
    assert "cannot be read or written" in result.stderr


def test_on_a_terminal_the_token_does_not_show_and_a_wrong_answer_is_asked_again(tmp_path: Path) -> None:
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(tmp_path)
        os.execve(sys.executable, COMMAND, environment(tmp_path / "home", LANG="C"))
    seen = read_until(terminal, "1. The bot's token")
    for answer, then in (
        ("nonsense", "does not have the form"),
        (TOKEN, "2. The models"),
        ("", "3. How many"),
        ("lots", "not understood"),
        ("", "4. The language"),
        ("", "5. After how many"),
        ("", "Now run limner doctor"),
    ):
        os.write(terminal, answer.encode() + b"\n")
        seen += read_until(terminal, then)
    _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    assert TOKEN not in seen
    assert dotenv_values(tmp_path / ".env")["DISCORD_TOKEN"] == TOKEN


def read_until(terminal: int, words: str, seconds: float = 20) -> str:
    seen, end = "", time.monotonic() + seconds
    while words not in seen:
        assert time.monotonic() < end, seen
        if select.select([terminal], [], [], 0.2)[0]:
            seen += os.read(terminal, 65536).decode(errors="replace")
    time.sleep(0.3)  # until the question is whole and echo is off again
    return seen


values = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=30)


@given(values.map(str.strip), values.map(str.strip))
def test_every_value_is_read_back_as_it_was(first: str, second: str) -> None:
    text = changed("OTHER=1\nA=old\n", {"A": first, "B": second})
    assert dotenv_values(stream=io.StringIO(text), interpolate=False) == {"OTHER": "1", "A": first, "B": second}
