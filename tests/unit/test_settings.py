"""Settings: defaults, every mistake at once, no secret shown."""

from __future__ import annotations

import base64
from dataclasses import replace
from pathlib import Path

import pytest
from dotenv import dotenv_values

from bot.domain.account import Host
from bot.domain.quota import Limit
from bot.host import engine_process
from bot.settings import Settings, load_with_mistakes, read
from bot.ui.i18n import LOCALES, text
from engine.api.env_settings import MAX_SECRET_BYTES, SECRETS, Mistake, SettingsInvalid, read_environment
from engine.settings import SENTENCES, read_settings


def test_nothing_set_gives_the_defaults() -> None:
    assert read({}) == Settings()
    assert read({"LIMNER_LIMIT": " ", "LIMNER_HOME": ""}) == Settings()


def test_the_example_file_holds_the_defaults() -> None:
    example = Path(__file__).parents[2] / ".env.example"
    values = {name: value or "" for name, value in dotenv_values(example).items()}
    assert read(values) == Settings()


def test_what_is_set_is_read() -> None:
    settings = read({"LIMNER_LIMIT": "5/week", "LIMNER_AT_ONCE": "1", "ENGINE_URL": "unix:/run/x.sock"})
    assert settings.limits == (Limit(5, "week"),)
    assert settings.at_once == 1
    assert [engine.socket for engine in settings.engines] == [Path("/run/x.sock")]


def test_the_sandbox_has_no_limit_unless_one_is_set() -> None:
    assert read({}).host == Host((), 50, ())
    assert read({"LIMNER_LIMIT": "5/week"}).host == Host((Limit(5, "week"),), 50, (Limit(25, "week"),))


def test_on_discord_the_ceiling_is_five_times_the_default_unless_it_is_set() -> None:
    usual = Host((Limit(20, "hour"), Limit(100, "day")), 3, (Limit(100, "hour"), Limit(500, "day")))
    assert read({"DISCORD_TOKEN": "t"}).host == usual
    given = read(
        {"DISCORD_TOKEN": "t", "LIMNER_LIMIT": "none", "LIMNER_CEILING": "7/day", "LIMNER_CEILING_PER": "Server"}
    )
    assert given.host == Host((), 3, (Limit(7, "day"),), "server")
    assert read({"DISCORD_TOKEN": "t", "LIMNER_CEILING": "none"}).host == replace(usual, ceiling=())


def test_ids_of_people_and_servers_are_read() -> None:
    settings = read({"LIMNER_BLOCKED_USERS": "12, 34 56", "LIMNER_SERVERS": "78"})
    assert (settings.blocked_users, settings.servers) == (frozenset({12, 34, 56}), frozenset({78}))
    for wrong in ("ada", "0", "-1", "1.5", ",", str(2**63), "<@12>"):
        with pytest.raises(SettingsInvalid):
            read({"LIMNER_SERVERS": wrong})


def test_every_mistake_is_told_at_once() -> None:
    wrong = {
        "LIMNER_LIMIT": "many",
        "LIMNER_AT_ONCE": "0",
        "ENGINE_URL": "ftp://x",
        "LIMNER_SANDBOX_PORT": "70000",
        "LIMNER_LOG": "xml",
    }
    with pytest.raises(SettingsInvalid) as refused:
        read(wrong)
    lines = [text("en", mistake.key, **mistake.facts) for mistake in refused.value.mistakes]
    assert sorted(line.partition(": ")[0] for line in lines) == sorted(wrong)
    assert "LIMNER_AT_ONCE: 0 is not a whole number from 1 to 1,000" in lines


def test_secrets_are_not_shown() -> None:
    names = ("DISCORD_TOKEN", "ENGINE_API_KEY", "PLANNER_API_KEY")
    assert "s3cret" not in repr(read(dict.fromkeys(names, "s3cret")))
    key = base64.b64encode(b"s3cret" + bytes(26)).decode()
    settings = read({"LIMNER_DATA_KEY": key})
    assert settings.data_key == b"s3cret" + bytes(26)
    assert "s3cret" not in repr(settings)


@pytest.mark.parametrize("key", ["s3cret", base64.b64encode(bytes(31)).decode(), "ä" * 44, "A" * 43])
def test_a_wrong_data_key_is_told_and_not_shown(key: str) -> None:
    with pytest.raises(SettingsInvalid) as refused:
        read({"LIMNER_DATA_KEY": key})
    [mistake] = refused.value.mistakes
    sentence = text("en", mistake.key, **mistake.facts)
    assert sentence.startswith("LIMNER_DATA_KEY: this is no key of 32 bytes in base64")
    assert key not in sentence


@pytest.mark.parametrize(
    "url", ["https://me:s3cret@x.example/v1", "https://x.example/v1?api-key=s3cret", "x://s3cret@y"]
)
def test_a_key_in_an_address_is_refused_and_not_shown(url: str) -> None:
    with pytest.raises(SettingsInvalid) as refused:
        read({"PLANNER_URL": url})
    [mistake] = refused.value.mistakes
    assert "s3cret" not in text("en", mistake.key, **mistake.facts)


@pytest.mark.parametrize(
    ("url", "chat", "local"),
    [
        ("https://api.example.com", "https://api.example.com/v1/chat", False),
        ("https://api.example.com/v1", "https://api.example.com/v1/chat", False),
        ("https://api.example.com/v1/", "https://api.example.com/v1/chat", False),
        ("https://api.example.com/openai/v1", "https://api.example.com/openai/v1/chat", False),
        ("https://api.example.com/api", "https://api.example.com/api/v1/chat", False),
        ("https://api.example.com/api/paas/v4", "https://api.example.com/api/paas/v4/chat", False),
        ("https://api.example.com/v1beta/openai/", "https://api.example.com/v1beta/openai/chat", False),
        ("http://127.0.0.1:8000/v1", "http://127.0.0.1:8000/v1/chat", True),
        ("http://[::1]:8000", "http://[::1]:8000/v1/chat", True),
        ("http://localhost:8000", "http://localhost:8000/v1/chat", True),
        ("http://localhost.example.com", "http://localhost.example.com/v1/chat", False),
        ("http://192.168.1.9:8000", "http://192.168.1.9:8000/v1/chat", False),
        ("unix:/run/x.sock", "http://engine/v1/chat", True),
    ],
)
def test_an_address_with_or_without_its_version(url: str, chat: str, local: bool) -> None:
    address = read({"PLANNER_URL": url}).planner
    assert address is not None
    assert (address.url("chat"), address.local) == (chat, local)
    assert address.url("/readyz").endswith(("/readyz",))


@pytest.mark.parametrize(
    "url", ["https://", "https://x.example:port", "http://[::1", "x.example", "https://x.example#v1"]
)
def test_no_address(url: str) -> None:
    with pytest.raises(SettingsInvalid):
        read({"PLANNER_URL": url})


@pytest.mark.parametrize("key", SENTENCES)
def test_the_engine_says_of_each_mistake_what_the_bot_says(key: str) -> None:
    facts: dict[str, str | int] = {"name": "N", "value": "v", "why": "w", "choices": "a, b", "low": 1, "high": 1024}
    assert SENTENCES[key].format(**facts) == text("en", key, **facts)
    assert all(text(locale, key, **facts).count("N") for locale in LOCALES)


def test_both_processes_read_one_file_in_one_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("LIMNER_HOME=from-file\nLIMNER_GRACE_SECONDS= \nLIMNER_LOG=json\nLIMNER_MODEL=\n")
    monkeypatch.chdir(tmp_path)
    environment = read_environment({"LIMNER_HOME": "from-environment", "OTHER": "", "LIMNER_MODEL": " "})
    assert environment == {"LIMNER_HOME": "from-environment", "LIMNER_LOG": "json"}
    bot, engine = read(environment), read_settings(environment, on_tcp=False)
    assert (bot.home, bot.log, bot.grace_s) == (engine.home, engine.log, engine.grace_s) == (bot.home, "json", 20)


def test_an_unreadable_file_is_one_mistake_and_the_defaults_stand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_bytes(b"LIMNER_HOME=\xff")
    monkeypatch.chdir(tmp_path)
    unreadable = Mistake("settings-file", {"name": ".env", "why": "it is no text in UTF-8"})
    assert load_with_mistakes() == (Settings(), [unreadable])
    with pytest.raises(SettingsInvalid) as refused:
        read_environment({})
    assert refused.value.mistakes == [unreadable]


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_may_stand_in_a_file_of_its_own(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (file := tmp_path / "secret").write_text("s3cret\n")
    (tmp_path / ".env").write_text(f"{name}_FILE={file}\n{name}=\n")
    assert read_environment({})[name] == "s3cret"
    assert read_environment({name: "mine"})[name] == "mine", "what is set itself goes before it"
    assert name not in read_environment({}, secrets=()), "who does not need it does not read it"
    file.write_text("\n")
    assert name not in read_environment({}), "an empty file counts as not set"


@pytest.mark.parametrize("content", [None, b"\xff\xfe", b"x" * (MAX_SECRET_BYTES + 1)])
def test_a_secrets_file_that_cannot_be_read_is_one_mistake(
    content: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    if content is not None:
        (tmp_path / "secret").write_bytes(content)
    with pytest.raises(SettingsInvalid) as refused:
        read_environment({"DISCORD_TOKEN_FILE": str(tmp_path / "secret")})
    [mistake] = refused.value.mistakes
    told = text("en", mistake.key, **mistake.facts)
    assert told.startswith(f"DISCORD_TOKEN_FILE: {tmp_path}/secret cannot be read")


def test_the_engine_of_the_bots_own_is_handed_no_secret_and_no_file_of_one() -> None:
    assert set(engine_process.SECRETS) == {*SECRETS, *(f"{name}_FILE" for name in SECRETS)}


def test_mistakes_of_engine_and_bot_hold_no_key() -> None:
    for name in ("DISCORD_TOKEN", "ENGINE_API_KEY", "PLANNER_API_KEY", "LIMNER_DATA_KEY"):
        with pytest.raises(SettingsInvalid) as refused:
            read({name: "s3cret\nx"})
        assert "s3cret" not in repr(refused.value.mistakes)


def test_aliases_of_models_are_names_with_commas_between() -> None:
    given = {"LIMNER_MODEL_ALIASES": "gpt-image-1, gpt-4o,openai/gpt-4o:latest,gpt-4o"}
    names = ("gpt-image-1", "gpt-4o", "openai/gpt-4o:latest")
    assert read_settings(given, on_tcp=False).aliases == names
    for wrong in ("gpt 4", "a,,b", ",", "a;b", "x" * 200, ",".join(f"m{number}" for number in range(40))):
        with pytest.raises(SettingsInvalid) as refused:
            read_settings({"LIMNER_MODEL_ALIASES": wrong}, on_tcp=False)
        assert [mistake.key for mistake in refused.value.mistakes] == ["settings-names"]
