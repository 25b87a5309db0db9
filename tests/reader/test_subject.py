"""Which thing of a request the starter is asked for and does not know, and what it offers in its place."""

from __future__ import annotations

import json
from typing import Any

import pytest

from engine.starter.reader.near import Near
from engine.starter.reader.read import Reader
from engine.starter.reader.spec import PromptSpec
from tests.reader.drawn import reader

BASE = PromptSpec("a boat on a lake", ["boat", "lake"], "a boat on a lake at day, clouds", "")


def answer(words: str, base: PromptSpec | None = None) -> dict[str, Any]:
    made = json.dumps({"understood": words, "keywords": ["lake"], "prompt": "a lake at day", "negative": ""})
    found: dict[str, Any] = json.loads(reader(offers=True).answer(words, base, lambda _: made))
    return found


@pytest.mark.parametrize(
    ("words", "thing"),
    [
        ("a dragon", "dragon"),
        ("a dragon on the beach", "dragon"),
        ("a cat with a hat", ""),
        ("a cat with a wizard hat", ""),
        ("a dragon and a boat", "dragon"),
        ("a boat and a dragon", "dragon"),
        ("a castle in Paris", ""),
        ("a cat and a castle", ""),
        ("a cat riding a dragon", ""),
        ("a pangolin riding a skateboard in the park", "pangolin"),
        ("two dragons at night", "dragons"),
        ("a beautiful sunset over the sea", ""),
        ("a gloomy lake at night", ""),
        ("a beach with a dragon", "dragon"),
        ("dragon beach night", "dragon"),
        ("portrait of a woman", "woman"),
        ("a photo of a dog in the snow", "dog"),
        ("watercolor of a fox", "fox"),
        ("🐉 at night", "🐉"),
        ("the Eiffel Tower at night", "Eiffel Tower"),
        ("Paris at night", "Paris"),
        ("a castle, cinematic lighting, highly detailed, octane render", ""),
        ("a castle and cinematic lighting", ""),
        ("a castle and a pangolin", "pangolin"),
        ("a house by the lake and a dragon", "dragon"),
        ("a dog chases a cat", "dog"),
        ("a cat chases a dog", ""),
        ("a cat plays guitar", ""),
        ("a dragon plays guitar", "dragon"),
        ("something magical", ""),
        ("a haunted castle", ""),
        ("a burning dragon", "dragon"),
        ("a shiny red pangolin under the stars", "pangolin"),
        ("medieval city", ""),
        ("brown horse next to a barn in the morning", "horse"),
        ("three yellow ducks on a pond, its raining", "ducks"),
        ("big green dinosaur in a city, cartoon style", "dinosaur"),
        ("a snowman with a red scarf beside a christmas tree at night", ""),
        ("pizza on a wooden table", "pizza"),
        ("four white sheep in a field under a rainbow", "sheep"),
        ("please draw me a nice unicorn, thanks", "unicorn"),
        ("hello can you make a tiger?", "tiger"),
        ("a boat without people", ""),
        ("no dragons, a boat", ""),
        ("a sailboat made of paper", ""),
        ("a hot air balloon shaped like a heart", ""),
        ("a kitten", ""),
        ("a ship in a bottle", ""),
        ("a night market in Tokyo", ""),
        ("cat, dog, bird", "dog"),
        ("海滩上的龙", "龙"),
        ("一条龙", "龙"),
        ("戴帽子的猫", ""),
        ("猫戴着帽子", ""),
        ("城堡前的恐龙", "恐龙"),
        ("一只穿山甲", "穿山甲"),
        ("龙和船", "龙"),
        ("巴黎的城堡", ""),
        ("一个机器人给小女孩送花", "机器人"),
        ("一辆黄色公交车停在学校左边", "公交车"),
        ("夜晚的森林里有一只猫头鹰", "猫头鹰"),
        ("雪山脚下的红色小房子，天刚亮", ""),
        ("海边三棵椰子树，晴天", ""),
        ("古筝旁边趴着一只橘猫", ""),
        ("夕阳下的海滩", ""),
        ("雪地里的红房子 晚上", ""),
        ("海报上的城堡", ""),
        ("赛博朋克风格的城市", ""),
        ("海辺のドラゴン", "ドラゴン"),
        ("帽子をかぶった猫", ""),
        ("城の前のドラゴン", "ドラゴン"),
        ("猫とドラゴン", "ドラゴン"),
        ("ドラゴンと船", "ドラゴン"),
        ("夜の海に青いクジラ", "クジラ"),
        ("桜の木の下で寝ている白い犬", "犬"),
        ("公園のベンチに座っているおじいさん", "おじいさん"),
        ("夜の城", ""),
        ("un dragón en la playa", "dragón"),
        ("un gato peludo con sombrero", ""),
        ("un castillo medieval", ""),
        ("un burro gris en el desierto al atardecer", "burro"),
        ("dos loros verdes en un árbol", "loros"),
        ("una guitarra a la derecha de una silla verde", "guitarra"),
        ("un barco y un dragón", "dragón"),
        ("taza de café y un croissant en la cocina", "taza"),
        ("un globo aerostático rojo sobre las montañas", ""),
        ("ein Drache am Strand", "Drache"),
        ("ein flauschiger Drache am Strand", "Drache"),
        ("ein Nacktmull neben einer Dudelsackspielerin", "Nacktmull"),
        ("ein schwarzer Hund vor einem Zelt am See", "Hund"),
        ("vier Pilze im Wald bei Nebel", ""),
        ("kleines Segelboot bei Sturm", ""),
        ("ein grüner Traktor auf dem Feld, morgens", "Traktor"),
        ("Oma mit einer Katze auf dem Sofa", "Oma"),
        ("eine Katze spielt Gitarre", ""),
        ("eine Katze und ein Hund", "Hund"),
        ("ein gemütliches Haus im Wald", ""),
        ("a boat and also a dragon", "dragon"),
        ("a very old dragon", "dragon"),
        ("a cat, very fluffy, studio lighting", ""),
        ("the sea with waves", ""),
        ("sunset over mountains with birds", "birds"),
        ("a campfire with marshmallows", ""),
        ("a house in the style of Van Gogh", ""),
        ("Ein Schloss bei Neuschwanstein", ""),
        ("Neuschwanstein bei Nacht", "Neuschwanstein"),
        ("mountains and a waterfall", "waterfall"),
        ("a lighthouse, waves crashing, dramatic sky", ""),
        ("a girl with a red umbrella in the rain", "girl"),
        ("my dog Rex at the beach", "dog"),
        ("cute anime girl", "girl"),
        ("a cozy cabin in the woods", ""),
        ("a christmas tree", ""),
        ("an astronaut riding a horse on the moon", "astronaut"),
        ("a mouse and a mushroom", "mouse"),
        ("logo for my coffee shop", "logo"),
        ("a tiny house made of cheese", ""),
        ("a man on the beach", "man"),
        ("a flower", "flower"),
        ("a hat", "hat"),
        ("un barco rosa", ""),
        ("a mill", ""),
        ("soft light over the lake", ""),
        ("golden retriever puppy on the beach", "puppy"),
        ("夕日のビーチ", ""),
    ],
)
def test_of_a_request_the_thing_that_is_unknown_is_named_and_no_detail(words: str, thing: str) -> None:
    found = answer(words)
    assert found.get("unknown_thing", "") == thing
    assert ("near" in found) == bool(thing)
    assert bool(found["unknown"]) or not thing, "drawn anyway, it is told"


@pytest.mark.parametrize(
    ("words", "thing"),
    [
        ("add a dragon", "dragon"),
        ("make it a dragon", "dragon"),
        ("make it night, add a dragon", "dragon"),
        ("night, add a boat", ""),
        ("replace the boat with a dragon", "dragon"),
        ("make it more dramatic", ""),
        ("add dramatic lighting", ""),
        ("a bit more epic please", ""),
        ("put a pangolin on the boat", "pangolin"),
        ("make the boat look like a dragon", ""),
        ("turn the boat into a dragon", "dragon"),
        ("remove the dragon", ""),
        ("make it look like Paris", ""),
        ("add dragons", "dragons"),
        ("give the boat a flag", ""),
        ("加一条龙", "龙"),
        ("换成龙", "龙"),
        ("把船换成龙", "龙"),
        ("更亮一点", ""),
        ("añade un dragón", "dragón"),
        ("más dramático", ""),
        ("füge einen Drachen hinzu", "Drachen"),
        ("mach es dramatischer", ""),
        ("ドラゴンを追加して", "ドラゴン"),
        ("船をドラゴンにして", "ドラゴン"),
        ("もっと明るく", ""),
    ],
)
def test_of_a_change_the_thing_that_is_unknown_is_named(words: str, thing: str) -> None:
    assert answer(words, BASE).get("unknown_thing", "") == thing


@pytest.mark.parametrize(
    ("words", "near"),
    [
        ("a dragon", ["cat", "snowman", "boat"]),
        ("two trucks", ["boats", "hot air balloons", "rockets"]),
        ("a temple", ["house", "lighthouse", "castle"]),
        ("a zeppelin", ["cat", "snowman", "boat"]),
        ("一辆卡车", ["船", "热气球", "火箭"]),
        ("eine Rose", ["Baum", "Pilz", "Katze"]),
        ("una torre", ["casa", "faro", "castillo"]),
        ("ドラゴン", ["猫", "雪だるま", "船"]),
    ],
)
def test_things_of_its_kind_are_offered_first_in_its_own_language(words: str, near: list[str]) -> None:
    assert answer(words)["near"] == near


def test_of_another_model_those_things_are_offered_that_it_can_draw() -> None:
    near = Near({"en": ["sofa", "wolf", "red", "beach", "the sun", "truck"]})
    assert near.near("dragon", "en") == ["wolf", "truck", "sofa"]
    assert near.near("龙", "zh") == ["wolf", "truck", "sofa"]
    assert Near({}).near("dragon", "en") == []


def test_another_word_for_what_is_known_is_known_and_a_piece_of_another_name_is_not() -> None:
    words = ["a", "automobile", "car", "coche", "automóvil", "beach", "playa", "snow man", "man"]
    reader = Reader(words, None, {"en": ["automobile", "snow man"], "es": ["automóvil"]})
    things = [json.loads(reader.answer(one, None, lambda _: "{}")).get("unknown_thing") for one in ("a car", "a man")]
    assert things == [None, "man"]
    alone = json.loads(Reader(["a", "cat"]).answer("a cat", None, lambda _: "{}"))
    assert "unknown_thing" not in alone
