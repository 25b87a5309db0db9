"""A private file is replaced as a whole, also where a writer died, and where two write at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.host.env_file_editor import write_private


def test_what_a_writer_that_died_left_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / ".env.new").write_text("LIMNER_DATA_KEY=of-a-writer-that-died, and longer than the next\n")
    (tmp_path / ".env.new").chmod(0o644)
    write_private(tmp_path / ".env", "A=1\n")
    assert [file.name for file in tmp_path.iterdir()] == [".env"]
    assert (tmp_path / ".env").read_text() == "A=1\n"
    assert (tmp_path / ".env").stat().st_mode & 0o777 == 0o600


def test_of_two_writers_each_writes_all(tmp_path: Path) -> None:
    texts = [f"{number}={'x' * 20_000}\n" for number in range(8)]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda text: write_private(tmp_path / ".env", text), texts * 10))
    assert (tmp_path / ".env").read_text() in texts
    assert [file.name for file in tmp_path.iterdir()] == [".env"]


def test_where_nothing_can_be_written_all_stays(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("A=1\n")
    with pytest.raises(UnicodeEncodeError):
        write_private(tmp_path / ".env", "A=\ud800\n")
    assert (tmp_path / ".env").read_text() == "A=1\n"
    assert [file.name for file in tmp_path.iterdir()] == [".env"]
