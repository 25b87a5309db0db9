"""What people ask of a gallery's things, in twelve languages: requests, chains of changes, undo, chat, the unknown."""
# ruff: noqa: E501 (lists of requests in other languages)

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest

from engine.chatting.planner_facts import PlannerFacts
from engine.chatting.small_world import reader_of
from engine.starter.lexicon.things import FILE, Names, Thing, read_things
from engine.starter.lexicon.tongue import CODES
from engine.starter.orders.read import OrderReader
from engine.starter.reader.read import Reader
from engine.starter.reader.spec import PromptSpec
from training.world.composition import Stock
from training.world.orders import Orders
from training.world.plurals import plurals

LABELS = {
    "dog": "dog 狗 perro イヌ hund chien cane cachorro собака 개 pies hond",
    "cat": "cat 猫 gato ネコ katze chat gatto gato кошка 고양이 kot kat",
    "castle": "castle 城堡 castillo 城 schloss château castello castelo замок 성 zamek kasteel",
    "dragon": "dragon 龙 dragón ドラゴン drache dragon drago dragão дракон 용 smok draak",
    "whale": "whale 鲸鱼 ballena クジラ wal baleine balena baleia кит 고래 wieloryb walvis",
    "tree": "tree 树 árbol 木 baum arbre albero árvore дерево 나무 drzewo boom",
    "orange": "orange 橘子 naranja みかん orange orange arancia laranja апельсин 귤 pomarańcza sinaasappel",
    "parrot": "parrot 鹦鹉 loro オウム papagei perroquet pappagallo papagaio попугай 앵무새 papuga papegaai",
    "sun": "sun 太阳 sol 太陽 sonne soleil sole sol солнце 태양 słońce zon",
    "car": "car 汽车 coche 車 auto voiture auto carro машина 자동차 samochód auto",
}
SYNONYMS = {"parrot": {"en": ("macaw",)}}


def thing(word: str) -> Thing:
    labels = dict(zip(CODES, LABELS[word].split(), strict=True))
    names = {
        code: Names(label, plurals(code, label), SYNONYMS.get(word, {}).get(code, ())) for code, label in labels.items()
    }
    return Thing(word, "water" if word == "whale" else "ground", word != "sun", names)


THINGS = tuple(thing(word) for word in LABELS)
READER = OrderReader(THINGS)


def nobody(_: str) -> str:
    raise AssertionError("the model was asked")


def answer(words: str, base: PromptSpec | None = None) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(READER.answer(words, base, nobody, addressed=True))
    return found


def spec(found: dict[str, Any]) -> PromptSpec:
    return PromptSpec(found["understood"], found["keywords"], found["prompt"])


REQUESTS = {
    "Draw me a big red dragon in front of a castle at night": ["big red dragon", "castle", "in front of", "night"],
    "a castle behind a dragon, please": ["dragon", "castle", "in front of"],
    "a dog to the right of a cat": ["cat", "dog"],
    "on the right a dog, on the left a cat": ["cat", "dog"],
    "three dogs and an orange cat under the full moon": ["three dogs", "orange cat", "moon"],
    "an orange": ["orange"],
    "puppies on the beach": ["two dogs", "beach"],
    "a whale without clouds": ["whale", "clear"],
    "a draogn and two castels, foggy": ["dragon", "two castles", "fog"],
    "can u draw a lil dog n a cat, nite, infront of a castle": ["small dog", "cat", "castle", "night"],
    "zwei schwarze Hunde vor einem Schloss im Winter": ["two black dogs", "castle", "in front of", "snow"],
    "un petit chat blanc et un chien noir sous la pluie": ["small white cat", "black dog", "rain"],
    "un dragón verde grande detrás de un castillo de noche": ["castle", "big green dragon", "in front of", "night"],
    "due gatti bianchi nel bosco al tramonto, ad acquerello": ["two white cats", "forest", "sunset", "watercolor"],
    "três cachorros na praia com arco-íris": ["three dogs", "beach", "rainbow"],
    "рыжего кота перед замком на рассвете": ["orange cat", "castle", "in front of", "dawn"],
    "dwa białe psy i czarny kot w lesie": ["two white dogs", "black cat", "forest"],
    "twee rode auto's naast een boom in de mist": ["two red cars", "tree", "fog"],
    "城堡前面有一条绿色的龙，夕阳": ["green dragon", "castle", "in front of", "sunset"],
    "两只小狗在雪地里，水墨": ["two dogs", "snow", "ink"],
    "お城の前に赤いドラゴン、夕焼け": ["red dragon", "castle", "in front of", "sunset"],
    "森の中に白い猫が三匹": ["three white cats", "forest"],
    "성 앞에 있는 빨간 용 밤에": ["red dragon", "castle", "in front of", "night"],
    "숲에서 강아지와 하얀 고양이 세 마리": ["dog", "three white cats", "forest"],
}


@pytest.mark.parametrize("words", REQUESTS)
def test_a_request_is_read_into_its_things_and_settings(words: str) -> None:
    found = answer(words)
    assert (found["kind"], found["keywords"], found["unknown"]) == ("new", REQUESTS[words], [])


CHAINS: dict[str, tuple[list[str], list[str]]] = {
    "en": (
        ["a red dragon in front of a castle", "make the dragon green", "remove the castle", "add two dogs", "swap the dragon for a cat",
         "put the cat on the right", "another dog", "no more cats", "at night, with stars", "make it rain"],
        ["three dogs", "night", "rain"],
    ),
    "zh": (["红色的小狗在沙滩上", "把狗变成蓝色", "再加两只猫", "去掉狗", "换成雪地", "改成水彩"], ["two cats", "snow", "watercolor"]),
    "es": (["un gato negro en la playa", "añade un perro blanco", "quita el gato", "cambia el perro por dos dragones", "de noche"],
           ["two dragons", "beach", "night"]),
    "ja": (["お城の前に赤いドラゴン", "ドラゴンを青くして", "城を消して", "犬を足して", "犬を左に", "雨を降らせて"], ["dog", "blue dragon", "rain"]),
    "de": (["zwei rote Autos vor einem Schloss", "mach die Autos blau", "ohne Schloss", "füge einen Drachen hinzu", "der Drache soll grün sein"],
           ["two blue cars", "green dragon"]),
    "fr": (["un chien blanc devant un château", "enlève le château", "ajoute deux chats", "le chien doit être noir", "la nuit"],
           ["black dog", "two cats", "night"]),
    "it": (["un drago verde davanti a un castello", "aggiungi un gatto", "togli il castello", "metti il gatto a sinistra"], ["cat", "green dragon"]),
    "pt": (["um cachorro preto na praia", "adicione um gato", "tire o cachorro", "troque o gato por um dragão", "na neve"], ["dragon", "snow"]),
    "ru": (["дракон перед замком на закате", "замени дракона на собаку", "убери замок", "добавь ещё одну собаку", "идёт дождь"],
           ["two dogs", "sunset", "rain"]),
    "ko": (["숲에서 하얀 고양이 세 마리", "강아지 추가해줘", "고양이를 빼줘", "강아지를 파란색으로 바꿔줘", "밤으로 해줘"], ["blue dog", "forest", "night"]),
    "pl": (["czarny kot przed zamkiem", "dodaj psa", "usuń kota", "zmień psa na smoka", "w lesie, o świcie"], ["castle", "dragon", "forest", "dawn"]),
    "nl": (["twee witte katten in het bos", "voeg een hond toe", "haal de katten weg", "maak de hond blauw", "als aquarel"],
           ["blue dog", "forest", "watercolor"]),
}  # fmt: skip


@pytest.mark.parametrize("code", CODES)
def test_a_chain_of_changes_keeps_what_it_does_not_speak_of(code: str) -> None:
    words, wanted = CHAINS[code]
    found = answer(words[0])
    for change in words[1:]:
        found = answer(change, spec(found))
        assert (found["kind"], found["unknown"]) == ("change", []), change
    assert found["keywords"] == wanted


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("make the cat white and the dog black", ["black dog", "white cat", "in front of", "forest"]),
        ("put the dog behind the cat", ["cat", "dog", "in front of", "forest"]),
        ("move the cat to the left of the dog", ["cat", "dog", "forest"]),
        ("swap the dog and the cat", ["cat", "dog", "in front of", "forest"]),
        ("replace the dog with a dragon and add a tree", ["dragon", "cat", "tree", "forest"]),
        ("the beach instead of the forest", ["dog", "cat", "in front of", "beach"]),
        ("two cats and without the dog", ["two cats", "forest"]),
        ("put a big dog there too", ["dog", "cat", "big dog", "forest"]),
        ("no, wait, make the dog blue", ["blue dog", "cat", "in front of", "forest"]),
        ("put the dog on the right", ["cat", "dog", "forest"]),
        ("put the dog on a cat", ["dog", "cat", "in front of", "forest"]),
        ("setz den Hund auf eine Katze", ["dog", "cat", "in front of", "forest"]),
        ("only one dog", ["dog", "cat", "in front of", "forest"]),
        ("make them all blue", ["blue dog", "blue cat", "in front of", "forest"]),
        ("remove everything", ["forest"]),
        ("remove everything except the dog", ["dog", "forest"]),
        ("alles weg außer dem Hund", ["dog", "forest"]),
        ("把狗以外的都去掉", ["dog", "forest"]),
    ],
)
def test_each_kind_of_change(words: str, wanted: list[str]) -> None:
    base = spec(answer("a dog in front of a cat in the forest"))
    assert answer(words, base)["keywords"] == wanted


@pytest.mark.parametrize(
    ("words", "kind"),
    [("undo that", "undo"), ("mach das rückgängig", "undo"), ("верни как было", "undo"), ("退回上一张", "undo"), ("되돌려줘", "undo"),
     ("thanks, what a lovely dog!", "chat"), ("merci beaucoup", "chat"), ("ありがとう", "chat"), ("my dog at home would love it, haha", "chat"),
     ("nice, but at night", "change"), ("can you add a tree?", "change")],
)  # fmt: skip
def test_a_reply_is_a_change_an_undo_or_chat(words: str, kind: str) -> None:
    assert answer(words, spec(answer("a dog on the beach")))["kind"] == kind


def test_chat_before_any_picture_is_chat_and_thanks_with_a_request_are_none() -> None:
    assert answer("what can you do?")["kind"] == "chat"
    assert answer("thanks! now a dog")["kind"] == "new"


def test_what_is_unknown_is_named_and_a_thing_among_it_has_others_near_it() -> None:
    found = answer("a happy knight and a dog")
    assert found["keywords"] == ["dog"]
    assert found["unknown"] == ["happy", "knight"]
    assert found["unknown_thing"] == "knight" and set(found["near"]) <= set(LABELS)
    assert answer("算盘在海边")["unknown"] == ["算盘"]
    assert "unknown_thing" not in answer("a purple dog")


@pytest.mark.parametrize(
    ("words", "thing"),
    [
        ("a zeppelin on the beach", "zeppelin"),
        ("a cat and a zeppelin", "zeppelin"),
        ("a zeppelin with a cat", "zeppelin"),
        ("a cat with a scarf", "scarf"),
        ("un gato con bufanda", "bufanda"),
        ("eine Katze mit Schal", "Schal"),
        ("戴围巾的猫", "围巾"),
        ("a castle in Paris", ""),
        ("a cat in a zeppelin shed", "zeppelin shed"),
        ("a cat riding a zeppelin", "zeppelin"),
        ("a cat in front of a zeppelin", "zeppelin"),
        ("a cat, cinematic lighting", ""),
        ("> add a zeppelin", "zeppelin"),
        ("> turn the dog into a zeppelin", "zeppelin"),
        ("> put a zeppelin next to the dog", "zeppelin"),
        ("> make it more dramatic", ""),
        ("> give the dog a scarf", ""),
    ],
)
def test_a_detail_that_is_unknown_is_not_the_thing_asked_for(words: str, thing: str) -> None:
    base = spec(answer("a dog on the beach")) if words.startswith(">") else None
    found = answer(words.removeprefix("> "), base)
    assert found.get("unknown_thing", "") == thing
    assert found["unknown"]
    assert answer("a red zeppelin and a dog")["keywords"] == ["dog"]


def test_a_name_is_read_written_together_and_a_colour_in_it_is_said() -> None:
    truck = Thing("fire truck", "ground", recolors=True, names={"en": Names("fire truck", ("fire trucks",))})
    apple = Thing("apple", "ground", recolors=True, names={"en": Names("apple"), "de": Names("roter apfel")})
    reader = OrderReader([truck, apple])
    found = json.loads(reader.answer("two firetrucks and a fire truk", None, nobody))
    assert found["keywords"] == ["two fire trucks"]
    assert json.loads(reader.answer("ein roter Apfel", None, nobody))["keywords"] == ["red apple"]


def test_the_end_of_a_name_means_the_one_thing_that_is_called_so() -> None:
    things = [
        Thing(word, "ground", recolors=True, names={"en": Names(word)}) for word in ("Christmas tree", "tree", "dog")
    ]
    reader = OrderReader(things)
    first = json.loads(reader.answer("a Christmas tree and a dog", None, nobody))
    found = json.loads(reader.answer("make the tree red", spec(first), nobody))
    assert found["keywords"] == ["red Christmas tree", "dog"]


def test_one_colour_takes_the_place_of_another() -> None:
    base = spec(answer("a black dog and a red car"))
    assert answer("blue instead of red", base)["keywords"] == ["black dog", "blue car"]
    assert answer("cambia il rosso con il blu", base)["keywords"] == ["black dog", "blue car"]


def test_a_word_that_may_describe_another_thing_is_no_thing_of_its_own() -> None:
    assert answer("a macaw cat")["keywords"] == ["cat"]
    assert answer("a macaw")["keywords"] == ["parrot"]


def test_more_than_four_are_four_and_the_number_is_named() -> None:
    found = answer("seven dogs")
    assert (found["keywords"], found["unknown"]) == (["four dogs"], ["seven"])
    assert answer("12 dogs")["unknown"] == ["12"]


def test_the_line_is_in_the_language_of_the_request() -> None:
    assert answer("zwei Hunde am Strand")["understood"] == "2 × Hund, am Strand"
    assert answer("红色的狗在森林里")["understood"] == "红色的狗，在森林里"


def test_the_model_is_asked_where_the_tables_find_nothing_in_a_first_request() -> None:
    made = answer("a dog in the city at dusk")
    asked: list[str] = []

    def ask(words: str) -> str:
        asked.append(words)
        return json.dumps({key: made[key] for key in ("understood", "keywords", "prompt", "negative")})

    found = json.loads(READER.answer("something beautiful", None, ask))
    assert (asked, found["keywords"]) == (["something beautiful"], ["dog", "city", "dusk"])
    found = json.loads(READER.answer("a gnome", None, ask))
    assert (len(asked), found["keywords"], found["unknown_thing"]) == (1, [], "gnome"), "nothing is drawn in its place"


@pytest.mark.parametrize("code", CODES)
def test_messages_of_the_training_are_read_whole(code: str) -> None:
    """Of 100 held-out ones in each language at least 95: kind, prompt, and what is unknown but for its article."""
    drawn = [word for word in LABELS if word not in ("sun", "orange")]  # which may be a sky or a colour too
    stock = Stock(drawn, {one.word: one.stands for one in THINGS}, frozenset(drawn))
    orders = Orders(stock, {one.word: one.names for one in THINGS}, [code])
    random, misses = Random(f"held out {code}"), []
    for _ in range(100):
        message = orders.sample(random, held_out=True)
        old = (
            PromptSpec(message.old["understood"], message.old["keywords"], message.old["prompt"])
            if message.old
            else None
        )
        found = json.loads(READER.answer(message.text, old, lambda _: "", addressed=True))
        wanted = message.answer
        named = all(word.endswith(own) for word, own in zip(wanted["unknown"], found.get("unknown", []), strict=False))
        if not ((found["kind"], found["prompt"]) == (wanted["kind"], wanted["prompt"]) and named):
            misses.append((message.text, wanted["keywords"], found["keywords"]))
    assert len(misses) <= 5, misses


def test_who_reads_is_decided_by_what_lies_in_the_models_folder(tmp_path: Path) -> None:
    facts = PlannerFacts(words=["dog"])
    assert isinstance(reader_of(facts, tmp_path), Reader)
    assert reader_of(PlannerFacts(), tmp_path) is None
    written = [
        {"word": one.word, "stands": one.stands, "recolors": one.recolors,
         "names": {code: {"label": names.label, "plurals": names.plurals, "synonyms": names.synonyms} for code, names in one.names.items()}}
        for one in THINGS
    ]  # fmt: skip
    (tmp_path / FILE).write_text(json.dumps(written), encoding="utf-8")
    assert read_things(tmp_path) == THINGS
    assert isinstance(reader_of(facts, tmp_path), OrderReader)
