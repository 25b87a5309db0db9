"""A file of styles is read whole, or refused with one sentence that names the style and the field."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.style_parser import StylesInvalid, parse_styles
from bot.host.style_file import load_styles
from bot.operator_errors import CannotStart
from bot.settings import read
from bot.ui.i18n import LOCALES, text

GOOD = 'name = "X"\nprompt = "{prompt}, x"\n'
PAGE = Path(__file__).parents[2] / "docs" / "styles.md"

DAMAGED = {
    "x = \n": ("styles-toml", "line 1"),
    f"n = {'9' * 5_000}": ("styles-toml", "TOML"),
    "a = [" + "[" * 50_000: ("styles-toml", "TOML"),
    "[X]\n" + GOOD: ("styles-key", "[X]"),
    '["a/../b"]\n' + GOOD: ("styles-key", "a/../b"),
    'name = "lost"': ("styles-outside", "name"),
    "[x]\nname = 'X'": ("styles-field", "prompt"),
    "[x]\n" + GOOD + "promt = ''": ("styles-field", "promt"),
    "[x]\n" + GOOD + "aliases = 'one'": ("styles-field", "aliases"),
    "[x]\nname = 'X'\nprompt = '{promt}'": ("styles-place", "0 times"),
    "[x]\nname = 'X'\nprompt = '{prompt} {prompt}'": ("styles-place", "2 times"),
    "[x]\n" + GOOD + "shape = 'round'": ("styles-shape", "round"),
    "[x]\nname.de = 'X'\nprompt = '{prompt}'": ("styles-name", "[x]"),
    "[x]\nname = ' '\nprompt = '{prompt}'": ("styles-name", "[x]"),
    "[x]\n" + GOOD + f"aliases = {['a'] * 61}": ("styles-words", "aliases"),
    "[x]\n" + GOOD + "things = ['-']": ("styles-blank", "things"),
    "[x]\n" + GOOD + f"note = '{'n' * 201}'": ("styles-text-long", "note"),
    "[x]\n" + GOOD + 'note = "a\\u0000b"': ("styles-unprintable", "note"),
    "[x]\n" + GOOD + "[y]\n" + GOOD: ("styles-twice", "“x”"),
    "#" * 200_001: ("styles-long", "200,000"),
}


@pytest.mark.parametrize("source", DAMAGED, ids=lambda source: DAMAGED[source][0])
def test_a_mistake_is_one_sentence_that_names_its_place(source: str, tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(source)
    key, named = DAMAGED[source]
    with pytest.raises(CannotStart) as refused:
        load_styles(file)
    assert refused.value.key == key
    for locale in LOCALES:
        assert str(file) in text(locale, key, **refused.value.facts)
    sentence = text("en", key, **refused.value.facts)
    assert named in sentence
    assert "\n" not in sentence


@pytest.mark.parametrize("name", ["absent.toml", "."])
def test_a_file_that_cannot_be_read_is_told(name: str, tmp_path: Path) -> None:
    with pytest.raises(CannotStart) as refused:
        load_styles(tmp_path / name)
    assert refused.value.key == "styles-unreadable"
    assert text("en", refused.value.key, **refused.value.facts)


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_bytes(b"\xff\xfe[x]")
    with pytest.raises(CannotStart) as refused:
        load_styles(file)
    assert refused.value.key == "styles-not-text"


def test_own_styles_come_last_and_replace_by_key(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(
        "\ufeff[zebra]\n" + GOOD + "aliases = ['watercolor']\n[photo]\nname = 'Our photo'\nprompt = '{prompt}'\n"
    )
    bundled, styles = load_styles(), load_styles(file)
    assert [style.key for style in styles] == [*(style.key for style in bundled), "zebra"]
    photo, zebra = styles.get("photo"), styles.get("zebra")
    assert photo
    assert photo.name("zh-CN") == "Our photo"
    assert photo.prompt == "{prompt}"
    assert styles.find("watercolour") is styles.get("watercolor")
    assert styles.find("X") is zebra
    assert styles.find("watercolor") is styles.get("watercolor"), "a key is nobody else's word"


def test_a_long_template_may_be_broken_into_lines() -> None:
    (style,) = parse_styles('[x]\nname = "X"\nprompt = """\n  {prompt},\n  fine\n"""')
    assert style.prompt == "{prompt}, fine"


def test_the_documents_example_is_read() -> None:
    (source,) = re.findall(r"```toml\n(.*?)```", PAGE.read_text("utf-8"), flags=re.DOTALL)
    assert [style.key for style in parse_styles(source)] == ["our-mascot", "risograph"]
    assert f"[{len(load_styles())} styles]" in PAGE.read_text("utf-8")


def test_the_setting_names_the_file() -> None:
    assert read({"LIMNER_STYLES": "/etc/limner/styles.toml"}).styles == Path("/etc/limner/styles.toml")


PIECES = st.sampled_from(
    [
        *(
            "[x]\n",
            "[y-1]\n",
            "name",
            "prompt",
            "aliases",
            "shape",
            "note.en",
            "name.zh-CN",
            " = ",
            '"{prompt}"',
            "'square'",
        ),
        *(
            "\n",
            "[",
            "]",
            "{",
            "}",
            "1",
            "-",
            "1e999",
            "2026-01-01",
            "25:61:00",
            "true",
            "'''",
            '"""',
            "\\u0000",
            "\ud800",
        ),
        *("\x00", "é", "\r"),
    ]
)


@given(st.one_of(st.text(), st.lists(PIECES, max_size=40).map("".join)))
@example("a = 1e999999999")
@example("[x]\nname = 1979-05-27T07:32:00-99:99")
def test_whatever_the_file_holds_only_the_typed_error_comes(source: str) -> None:
    with suppress(StylesInvalid):
        parse_styles(source)


TOML_VALUES = st.recursive(
    st.one_of(st.text(max_size=20), st.integers(), st.booleans(), st.just("{prompt}")),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=5,
)


@given(
    st.dictionaries(st.sampled_from(["name", "prompt", "aliases", "things", "note", "shape", "negative"]), TOML_VALUES)
)
def test_any_values_of_the_fields_are_taken_or_told(fields: dict[str, object]) -> None:
    def toml(value: object) -> str:
        if isinstance(value, bool):
            return str(value).lower()
        if isinstance(value, list):
            return f"[{', '.join(map(toml, value))}]"
        if isinstance(value, int):
            return str(value)
        escaped = "".join(f"\\U{ord(char):08x}" for char in str(value) if not 0xD800 <= ord(char) < 0xE000)
        return f'"{escaped}"'

    source = "[x]\n" + "\n".join(f"{name} = {toml(value)}" for name, value in fields.items())
    with suppress(StylesInvalid):
        for style in parse_styles(source):
            assert style.apply("p") and style.name("en") and style.words
