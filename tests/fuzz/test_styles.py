"""Any file of styles: valid styles, or a sentence that names what is wrong with it."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.style_parser import StylesInvalid, parse_styles
from bot.domain.styles import PLACE, Styles
from bot.host.style_file import load_styles
from bot.operator_errors import CannotStart
from bot.ui.i18n import LOCALES, text
from tests.fuzz.effort import fuzz
from tests.fuzz.pieces import words

FOLDER = TemporaryDirectory(prefix="limner-fuzz-")
VALUES = (
    '"x"', f'"a {PLACE}"', '"""x\ny"""', "1", "1e999", "true", "[]", '["a", "b"]', "[1]", '{ en = "x" }',
    "{ en = 1 }", "{}", '""',
    "1979-05-27", '"\\u0000"', '"\\u202e"', "9" * 5_000, "[" * 300, '"square"',
)  # fmt: skip
FIELDS = ("name", "prompt", "description", "aliases", "things", "negative", "shape", "note", "other", "a.b", '"ü"')
lines = st.one_of(
    st.builds("[{}]".format, st.sampled_from(["ink", "ink-2", "Ink", "", "a.b", '"x y"', "x" * 100])),
    st.builds("{} = {}".format, st.sampled_from(FIELDS), st.sampled_from(VALUES)),
    words,
)
files = st.lists(lines, max_size=10).map("\n".join) | words


@given(files)
@example("a" + ".a" * 3_000 + " = 1")
@example("x = " + "[" * 50_000)
@example(f'[a]\nname = "İ"\nprompt = "{PLACE}"\naliases = ["\\u0307"]')
@fuzz(250)
def test_any_file_is_styles_or_told(file: str) -> None:
    try:
        found = Styles(parse_styles(file))
    except StylesInvalid as refused:
        for locale in LOCALES:
            assert text(locale, refused.key, file="x", **refused.facts)
        return
    for style in found:
        assert style.apply("a boat").count("a boat") >= 1
        assert found.get(style.key) is style


@given(st.binary(max_size=200) | files.map(lambda file: file.encode("utf-8", "surrogatepass")))
@fuzz(80)
def test_any_bytes_are_loaded_or_told(data: bytes) -> None:
    path = Path(FOLDER.name, "styles.toml")
    path.write_bytes(data)
    try:
        load_styles(path)
    except CannotStart as refused:
        assert all(text(locale, refused.key, **refused.facts) for locale in LOCALES)


@pytest.mark.parametrize("path", [Path(FOLDER.name), Path(FOLDER.name, "none.toml"), Path("/dev/null/x")])
def test_no_file_is_told(path: Path) -> None:
    with pytest.raises(CannotStart):
        load_styles(path)
