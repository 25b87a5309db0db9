"""What tables alone read from a request."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.starter.reader.stated import MAX_SAID, read_stated, readable
from engine.starter.reader.words.vocabulary import Vocabulary
from engine.starter.reader.words.word import Kind


def said(words: str, kind: Kind | None = None) -> list[str]:
    return [one.english for one in read_stated(words).said if kind in (None, one.kind)]


def counted(words: str, kind: Kind = Kind.NUMBER) -> list[tuple[str, str]]:
    return [(one.english, one.head[0] if one.head else "") for one in read_stated(words).said if one.kind is kind]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("a cat on the beach at sunset", ["cat", "beach", "sunset"]),
        ("please draw me a dragon", ["dragon"]),
        ("夕阳下的海滩", ["sunset", "beach"]),
        ("un faro en la playa", ["lighthouse", "beach"]),
        ("夜の森で焚き火", ["night", "forest", "campfire"]),
        ("Heißluftballon über der Wüste", ["hot air balloon", "desert"]),
        ("画一个castle在beach上", ["castle", "beach"]),
        ("ein castle en la playa", ["castle", "beach"]),
        ("🐱🌙", ["cat", "crescent moon"]),
        ("a cat 😊🙏", ["cat"]),
        ("😊", ["smiling face"]),
        ("", []),
    ],
)
def test_things_in_five_languages_and_emoji(words: str, found: list[str]) -> None:
    assert said(words) == found


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("two cats on a roof", [("two", "cats")]),
        ("5 hot air balloons", [("five", "hot air balloons")]),
        ("twenty-three red balloons", [("twenty-three", "balloons")]),
        ("a couple of kittens", [("two", "kittens")]),
        ("三只猫", [("three", "cat")]),
        ("十二个热气球", [("twelve", "hot air balloon")]),
        ("3只小猫", [("three", "cat")]),
        ("两只红色的猫", [("two", "cat")]),
        ("dos gatos", [("two", "cat")]),
        ("二匹の猫", [("two", "cat")]),
        ("湖にボートが三隻", [("three", "boat")]),
        ("zwei Katzen am Strand", [("two", "cat")]),
        ("three cats, no wait, two cats", [("two", "cats")]),
        ("三明治", []),
        ("一只猫", []),
        ("a 4k photo from 1980s", []),
    ],
)
def test_counts_belong_to_their_noun(words: str, found: list[tuple[str, str]]) -> None:
    assert counted(words) == found


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("a red house and a blue boat", [("red", "house"), ("blue", "boat")]),
        ("红色的房子和蓝色的船", [("red", "house"), ("blue", "boat")]),
        ("una casa roja", [("red", "house")]),
        ("ein weißes Boot", [("white", "boat")]),
        ("赤い家", [("red", "house")]),
        ("make the boat blue", [("blue", "boat")]),
        ("一只黑猫", [("black", "cat")]),
        ("a black and white photo", []),
    ],
)
def test_colours_belong_to_their_noun(words: str, found: list[tuple[str, str]]) -> None:
    assert counted(words, Kind.COLOR) == found


@pytest.mark.parametrize(
    ("words", "negated"),
    [
        ("a beach with no people", ["people"]),
        ("without any text or watermark", ["text", "watermark"]),
        ("I do not want any cars, wires or lamps", ["cars", "wires", "lamps"]),
        ("forest. I don't want any animals.", ["animals"]),
        ("a knight without a helmet fighting a dragon", ["helmet"]),
        ("a house that is not red", ["red"]),
        ("not too dark", ["dark"]),
        ("没有船的湖", ["boat"]),
        ("没有人，也没有鸟", ["people", "bird"]),
        ("无车", ["car"]),
        ("un lago sin barcos ni nubes", ["boat", "clouds"]),
        ("雲なしの空", ["clouds"]),
        ("人のいない浜辺", ["people"]),
        ("ein See ohne Boote, kein Mond", ["boat", "moon"]),
        ("don't forget the moon", []),
        ("nothing but sand", []),
        ("there is no place like home", []),
        ("no, two cats", []),
        ("无人机", []),
        ("海边的别墅", []),
        ('the words "no entry"', []),
        ("a cat, but no cat", []),
    ],
)
def test_what_must_not_be_there(words: str, negated: list[str]) -> None:
    assert [one.english for one in read_stated(words).negated] == negated


@pytest.mark.parametrize(
    ("words", "gone"),
    [
        ("remove the cat", ["cat"]),
        ("take the penguin away", ["penguin"]),
        ("replace the tree with a house", ["tree"]),
        ("turn the tree into a house", ["tree"]),
        ("a castle instead of the boat", ["boat"]),
        ("去掉船", ["boat"]),
        ("把船去掉", ["boat"]),
        ("把船换成城堡", ["boat"]),
        ("把灯塔改成红色的", []),
        ("月を消して", ["moon"]),
        ("make it night", []),
    ],
)
def test_what_an_edit_takes_away(words: str, gone: list[str]) -> None:
    assert [one.english for one in read_stated(words, edit=True).gone] == gone


@pytest.mark.parametrize(
    ("words", "quoted"),
    [
        ('a sign that says "OPEN LATE"', "OPEN LATE"),
        ("a boat “Sea Breeze”", "Sea Breeze"),
        ("城堡上写着「欢迎」", "欢迎"),
        ("『おかえり』の家", "おかえり"),
        ("un barco «Esperanza»", "Esperanza"),
        ("ein Schild „Zu verkaufen“", "Zu verkaufen"),
        ("a cake with 'No regrets' on it", "No regrets"),
    ],
)
def test_quoted_text_is_kept_as_it_is(words: str, quoted: str) -> None:
    assert said(words, Kind.QUOTE) == [quoted]


def test_an_apostrophe_quotes_nothing() -> None:
    assert said("my cat's house and the dogs' garden", Kind.QUOTE) == []


def test_names_are_read_whole_and_not_translated() -> None:
    assert "Ada Lovelace" in said("a portrait of Ada Lovelace")
    assert "Luna" in said("my dog Luna on the beach")
    assert "小白" in said("我的猫名叫小白，在雪地里")
    assert "Toby" in said("mi perro Toby en la playa")
    assert "Minka" in said("meine Katze Minka im Schnee")


def test_a_word_that_only_begins_like_a_thing_is_not_that_thing() -> None:
    assert "beach" not in said("海豚")
    assert said("富士山と湖", None)[-1] == "lake"


def test_strange_words_are_stated_where_the_model_says_what_it_knows() -> None:
    vocabulary = Vocabulary(["cat", "猫", "在", "katze"])
    assert [one.text for one in read_stated("猫在书店", vocabulary).said] == ["猫", "书店"]
    assert [one.text for one in read_stated("eine Katze und ein Schnabeltier", vocabulary).said][-1] == "Schnabeltier"


def test_what_is_invisible_or_live_is_not_read() -> None:
    assert readable("a cat <@1> https://x.example/y <:pepe:12>") == "a cat pepe"


@given(st.text(max_size=300), st.booleans())
def test_any_words_can_be_read(words: str, edit: bool) -> None:
    stated = read_stated(words, edit=edit)
    for one in (*stated.said, *stated.negated, *stated.gone):
        assert 0 <= one.start < one.end <= len(stated.words)
        assert one.spellings


@pytest.mark.parametrize("piece", ["no ", '"', "一", "a", "without a cat or ", "猫", "'", "«", "Ab ", "remove the a "])
def test_long_words_of_one_kind_can_be_read(piece: str) -> None:
    words = (piece * 2_000)[:2_000]
    stated = read_stated(words, Vocabulary(["cat", "猫"]), edit=True)
    assert len(stated.said) <= MAX_SAID
