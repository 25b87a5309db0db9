"""Any .env and any value of a setting: read, or one sentence a mistake that shows no key; never a traceback."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from dotenv import dotenv_values
from hypothesis import example, given
from hypothesis import strategies as st

from bot import settings as configuration
from bot.host.env_file_editor import changed, write_private
from bot.host.token_format import application_of, is_token
from bot.settings import read
from bot.ui.i18n import LOCALES, text
from engine.api.env_settings import SettingsInvalid, read_environment
from engine.models.source import read_source
from engine.settings import read_settings
from engine.settings import sentences as engine_sentences
from tests.fuzz.effort import assert_linear, fuzz
from tests.fuzz.pieces import units, words

FOLDER = TemporaryDirectory(prefix="limner-fuzz-")
"""One for all examples; making one each costs more than reading its file."""
EXAMPLE = Path(__file__).parents[2] / ".env.example"
NAMES = sorted(dotenv_values(EXAMPLE))
odd = st.sampled_from([
    "", " ", "0", "-1", "1",
    "007", "0000000009999999", "9" * 5_000, "1e3", "١", "auto", "off", "text", "20/hour,100/day", "1/hour,,",
    "~", "~nobody-here/x", "/", "/\0", "a\nb", "\ud800", "owner/model", "../x", "/" * 5_000, "unix:/a",
    "unix:/a\0b", "unix:x",
    "http://a..b", "http://" + "a" * 300, "http://[::1", "http://[::1]:1", "http://a:99999", "http://me:s3cret@x",
    "https://x?k=s3cret",
    "http://a\r\nX: y", "http://\u2102.example", "ftp://x", "A" * 44, "QUJD",
])  # fmt: skip
values = odd | words


def sentences(refused: SettingsInvalid) -> list[str]:
    """Return every mistake in every language."""
    return [text(locale, mistake.key, **mistake.facts) for mistake in refused.mistakes for locale in LOCALES]


@given(st.dictionaries(st.sampled_from(NAMES), values, max_size=6))
@example({"LIMNER_HOME": "~nobody-here/x"})
@example({"LIMNER_SANDBOX_PORT": "0000000009999999"})  # its first nine digits were a port
@example({"ENGINE_API_KEY": "a\nX-Other: b"})
@fuzz(250)
def test_any_values_are_taken_or_told(environment: dict[str, str]) -> None:
    try:
        found = read(environment)
    except SettingsInvalid as refused:
        for sentence in sentences(refused):
            assert not set(sentence) & set("\n\r\0\x1b\u202e")
            assert len(sentence) < 500
            assert "s3cret" not in sentence
        return
    assert 0 <= found.sandbox_port <= 65_535
    assert found.at_once is None or 1 <= found.at_once <= 1_000
    assert all(0 < each < 2**63 for each in found.servers | found.blocked_users)
    assert not {"\r", "\n", "\0"} & set(
        found.discord_token + found.engine_api_key + found.planner_api_key + str(found.home)
    )


@pytest.mark.parametrize("key", ["DISCORD_TOKEN", "ENGINE_API_KEY", "PLANNER_API_KEY", "LIMNER_DATA_KEY"])
@pytest.mark.parametrize("value", ["s3cret\nX-Other: b", "s3cret\0", "s3cret\ud800"])
def test_a_key_that_no_header_can_hold_is_told_and_not_shown(key: str, value: str) -> None:
    with pytest.raises(SettingsInvalid) as refused:
        read({key: value})
    assert all(sentence.startswith(key) and "s3cret" not in sentence for sentence in sentences(refused.value))


@given(st.dictionaries(st.sampled_from(NAMES), values, max_size=6), st.booleans())
@fuzz(150)
def test_any_values_are_taken_or_told_by_the_engine(environment: dict[str, str], on_tcp: bool) -> None:
    try:
        read_settings({name: value.strip() for name, value in environment.items() if value.strip()}, on_tcp=on_tcp)
    except SettingsInvalid as refused:
        shown = sentences(refused)
        assert engine_sentences(refused) == shown[:: len(LOCALES)]
        assert not any(set(sentence) & set("\n\r\0\x1b\u202e") or "s3cret" in sentence for sentence in shown)


lines = st.builds(
    "{}{}={}".format, st.sampled_from(["", "export ", " ", "#"]), st.sampled_from([*NAMES, "A B", ""]), values
)
files = st.one_of(
    st.lists(lines | words, max_size=8).map("\n".join).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.binary(max_size=200),
    st.just(EXAMPLE.read_bytes()),
)


@given(files)
@example(b"LIMNER_HOME=\xff")
@example("LIMNER_HOME=x".encode("utf-16"))
@fuzz(150)
def test_any_file_is_read_or_told(data: bytes) -> None:
    with pytest.MonkeyPatch.context() as patch:
        folder = Path(FOLDER.name)
        (folder / ".env").write_bytes(data)
        patch.chdir(folder)
        for name in NAMES:
            patch.delenv(name, raising=False)
        try:
            configuration.load()
        except SettingsInvalid as refused:
            assert all("\n" not in sentence for sentence in sentences(refused))
        try:
            read_settings(read_environment({}), on_tcp=False)
        except SettingsInvalid as refused_too:
            assert engine_sentences(refused_too)


@given(
    words,
    st.dictionaries(st.sampled_from(NAMES), words.filter(lambda value: value.isprintable() and "${" not in value)),
)
@fuzz(150)
def test_what_is_written_into_any_file_is_read_back(before: str, new: dict[str, str]) -> None:
    folder = Path(FOLDER.name)
    old = re.sub("[\0'\"]", "", before).encode("utf-8", "ignore").decode()  # nothing can be put behind an open quote
    write_private(folder / ".env", changed(old, new))
    found = dotenv_values(folder / ".env")
    assert {name: found[name] for name in new} == new
    assert (folder / ".env").stat().st_mode & 0o777 == 0o600


@given(values)
@fuzz(100)
def test_a_token_has_its_form_or_not(token: str) -> None:
    assert not is_token(token) or application_of(token)
    application_of(token)


@given(values)
@fuzz(100)
def test_a_model_is_found_or_told(value: str) -> None:
    with suppress(ValueError):
        assert read_source("LIMNER_MODEL", value, "painter").place


@given(unit=units)
@fuzz(8)
def test_no_file_takes_long(unit: str) -> None:
    assert_linear(lambda text: changed(text, {"LIMNER_LOG": "json"}), unit)
