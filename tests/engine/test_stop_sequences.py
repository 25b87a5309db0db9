"""Stop sequences, wherever a text is cut into pieces; for models with slots and without."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from engine.chatting.stop_sequences import StopSequences

stops = st.lists(st.text("ab", min_size=1, max_size=4), max_size=3)


@given(st.lists(st.text("abc", max_size=4), max_size=8), stops)
def test_what_is_let_through_ends_where_a_stop_sequence_is_complete(pieces: list[str], given_stops: list[str]) -> None:
    stop, through, whole = StopSequences(given_stops), "", ""
    for piece in pieces:
        through, whole = through + stop.feed(piece), whole + piece
        assert whole.startswith(through)
        assert not any(each in through for each in given_stops)
        assert stop.is_over == any(each in whole for each in given_stops)
        if stop.is_over:
            assert any(whole.startswith(each, len(through)) for each in given_stops)
            break
    if not stop.is_over:
        assert through + stop.end() == whole == stop.cut(whole)
    assert stop.end() == ""


def test_text_is_held_back_no_longer_than_it_may_be_a_beginning() -> None:
    stop = StopSequences(["<end>"])
    assert [stop.feed(piece) for piece in ("a<", "e", "x<", "en", "d>", "more")] == ["a", "", "<ex", "", "", ""]
    assert stop.is_over
