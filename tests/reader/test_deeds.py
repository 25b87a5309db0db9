"""What things do together is told, for every picture shows them standing side by side; that they stand or sit is not."""
# ruff: noqa: E501 (lists of requests in other languages)

from __future__ import annotations

import pytest

from engine.starter.lexicon.hearing import hearing
from engine.starter.lexicon.tongue import CODES
from engine.starter.orders.word_kinds import DEEDS
from engine.starter.reader.spec import PromptSpec
from tests.reader.test_strangers import answer

DONE: dict[str, tuple[list[str], list[str]]] = {
    "a rabbit eating a carrot": (["rabbit", "carrot"], ["eating a carrot"]),
    "a parrot flying over a castle": (["parrot", "castle"], ["flying over a castle"]),
    "a gorilla rides an elephant": (["gorilla", "elephant"], ["rides an elephant"]),
    "three foxes fighting": (["three foxes"], ["fighting"]),
    "a cow sleeping on top of a small house": (["cow", "small house"], ["sleeping on top of a small house"]),
    "a frog under an umbrella": (["frog", "umbrella"], ["under an umbrella"]),
    "a flying pig at night": (["pig", "night"], ["flying"]),
    "a big sleeping bear": (["big bear"], ["sleeping"]),
    "a mouse running away from a cat": (["mouse", "cat"], ["running away from a cat"]),
    "a panda driving a red car": (["panda", "red car"], ["driving a red car"]),
    "a horse galloping in the meadow": (["horse", "meadow"], ["galloping"]),
    "ein Löwe jagt ein Zebra": (["lion", "zebra"], ["jagt ein zebra"]),
    "ein Frosch auf einer Schildkröte": (["frog", "turtle"], ["auf einer schildkröte"]),
    "ein fliegendes Schwein": (["pig"], ["fliegendes"]),
    "un conejo comiendo una zanahoria": (["rabbit", "carrot"], ["comiendo una zanahoria"]),
    "una rana encima de una tortuga": (["frog", "turtle"], ["encima de una tortuga"]),
    "un oso durmiendo en el bosque": (["bear", "forest"], ["durmiendo"]),
    "un lapin mange une carotte": (["rabbit", "carrot"], ["mange une carotte"]),
    "une grenouille sur une tortue": (["frog", "turtle"], ["sur une tortue"]),
    "un coniglio che mangia una carota": (["rabbit", "carrot"], ["mangia una carota"]),
    "un orso che dorme nella neve": (["bear", "snow"], ["dorme"]),
    "um coelho comendo uma cenoura": (["rabbit", "carrot"], ["comendo uma cenoura"]),
    "um sapo em cima de uma tartaruga": (["frog", "turtle"], ["em cima de uma tartaruga"]),
    "een konijn eet een wortel": (["rabbit", "carrot"], ["eet een wortel"]),
    "een papegaai vliegt boven een kasteel": (["parrot", "castle"], ["vliegt boven een kasteel"]),
    "królik trzyma marchewkę": (["rabbit", "carrot"], ["trzyma marchewkę"]),
    "lew je pizzę": (["lion", "pizza"], ["je pizzę"]),
    "кролик ест морковь": (["rabbit", "carrot"], ["ест морковь"]),
    "попугай летит над замком": (["parrot", "castle"], ["летит над замком"]),
    "лягушка на черепахе": (["frog", "turtle"], ["на черепахе"]),
    "兔子吃胡萝卜": (["rabbit", "carrot"], ["吃胡萝卜"]),
    "骑马的猴子": (["horse", "monkey"], ["骑马"]),
    "狗在树下睡觉": (["dog", "tree"], ["树下睡觉"]),
    "跳舞的熊在森林里": (["bear", "forest"], ["跳舞"]),
    "熊在钓鱼": (["bear"], ["钓鱼"]),
    "ニンジンを食べるウサギ": (["carrot", "rabbit"], ["ニンジンを食べる"]),
    "亀の上のカエル": (["turtle", "frog"], ["亀の上"]),
    "寝ているクマ": (["bear"], ["寝ている"]),
    "당근을 먹는 토끼": (["carrot", "rabbit"], ["당근을 먹는"]),
    "거북이 위에 개구리": (["turtle", "frog"], ["거북이 위에"]),
    "숲에서 춤추는 곰": (["bear", "forest"], ["춤추는"]),
}
"""By request what is drawn, and what of it is told."""


@pytest.mark.parametrize("words", DONE)
def test_what_things_do_is_told_with_its_object_and_they_are_drawn(words: str) -> None:
    found = answer(words)
    assert (found["keywords"], found["unknown"]) == DONE[words]
    assert "unknown_thing" not in found and found["kind"] == "new"


SHOWN = [
    "a dog standing in the snow", "a cat sitting beside a cow", "a rabbit with a carrot", "an owl looking at the moon",
    "a lion is in the desert", "a horse walking on the beach", "a bus parked in the city", "a car driving on the beach",
    "a balloon flying over a castle", "a plane flies over the mountains", "flying kites", "a whale swimming in the sea",
    "a tiger in front of a tree", "ein Hund steht am Strand", "ein Ballon über einem Schloss", "ein Bus fährt in die Stadt",
    "un perro sentado en la playa", "un globo volando sobre un castillo", "un chien assis dans la neige",
    "une montgolfière au-dessus d'un château", "un cane seduto in spiaggia", "um cachorro sentado na praia",
    "een hond zit op het strand", "pies stoi na plaży", "собака сидит на пляже", "狗站在雪地里", "火车穿过森林",
    "飞机飞过城市", "海に浮かぶクジラ", "浜辺に座っている犬", "나는 고양이를 원해", "해변에 앉아 있는 개",
]  # fmt: skip


@pytest.mark.parametrize("words", SHOWN)
def test_what_the_picture_shows_and_that_a_thing_stands_or_sits_is_not_told(words: str) -> None:
    found = answer(words)
    assert found["keywords"] and found["unknown"] == []


@pytest.mark.parametrize(
    ("words", "unknown"),
    [
        ("a cat holding a sword", ["sword"]),
        ("a wizard riding a pig", ["wizard"]),
        ("an axolotl sleeping under a tree", ["axolotl"]),
        ("un astronauta montando a caballo", ["astronauta"]),
        ("剣を持った猫", ["剣"]),
        ("의자 위의 고양이", ["의자"]),
    ],
)
def test_of_what_an_unknown_thing_does_or_is_used_for_the_thing_is_told(words: str, unknown: list[str]) -> None:
    found = answer(words)
    assert (found["unknown"], found["unknown_thing"]) == (unknown, unknown[0])


@pytest.mark.parametrize(
    ("words", "keywords", "unknown"),
    [
        ("make it sleep", ["cat", "beach"], ["sleep"]),
        ("add a pig and let it be dancing", ["cat", "pig", "beach"], ["dancing"]),
        ("put the cat on the horse", ["cat", "horse", "beach"], ["on the horse"]),
        ("turn the cat into a dog", ["dog", "beach"], []),
        ("remove the sleeping cat", ["beach"], []),
        ("让猫骑马", ["cat", "horse", "beach"], ["骑马"]),
        ("猫を車の上に置いて", ["cat", "car", "beach"], ["車の上"]),
        ("zrób je niebieskie", ["blue cat", "beach"], []),
        ("usa aquarela", ["cat", "beach", "watercolor"], []),
    ],
)
def test_a_change_that_no_picture_shows_is_told(words: str, keywords: list[str], unknown: list[str]) -> None:
    made = answer("a cat on the beach")
    found = answer(words, PromptSpec(made["understood"], made["keywords"], made["prompt"]))
    assert (found["kind"], found["keywords"], found["unknown"]) == ("change", keywords, unknown)


@pytest.mark.parametrize("words", ["i like dancing", "are you sleeping?", "what are you eating?"])
def test_talk_of_what_somebody_does_stays_talk(words: str) -> None:
    assert answer(words)["kind"] == "chat"


@pytest.mark.parametrize("code", CODES)
def test_a_word_for_a_deed_is_in_one_table(code: str) -> None:
    tables = hearing(code).deeds
    words = [word for table in tables.values() for word in table.split()]
    assert set(tables) <= set(DEEDS) and {"doing", "flying", "swimming"} <= set(tables)
    assert sorted(set(words)) == sorted(words)
