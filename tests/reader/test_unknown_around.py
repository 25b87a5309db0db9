"""Unknown things that are worn, played, or stood on, under or beside; what is named of them, and what is offered."""

from __future__ import annotations

import json

import pytest

from bot.domain.prompt import UnknownThing
from engine.starter.lexicon.families import families_of
from engine.starter.lexicon.tongue import CODES
from engine.starter.orders.understood import label
from tests.reader.test_strangers import READER, THINGS, answer, names

ASKED: dict[str, tuple[list[str], list[str]]] = {
    "a cat with a wizard hat": (["wizard hat"], ["cat"]),
    "a cat in a box": (["box"], ["cat"]),
    "a cat wearing a hat and a scarf": (["hat", "scarf"], ["cat"]),
    "a cat on a balcony": (["balcony"], ["cat"]),
    "a dog in the kitchen": (["kitchen"], ["dog"]),
    "a bear in a chef costume": (["chef costume"], ["bear"]),
    "a cat on a chair": (["chair"], ["cat"]),
    "a dog with a bone": (["bone"], ["dog"]),
    "a cat at a cafe": (["cafe"], ["cat"]),
    "a cat with sunglasses": (["sunglasses"], ["cat"]),
    "ein Hund im Wohnzimmer": (["Wohnzimmer"], ["dog"]),
    "eine Katze mit Hut": (["Hut"], ["cat"]),
    "Katze auf Tisch": (["Tisch"], ["cat"]),
    "un gato con sombrero": (["sombrero"], ["cat"]),
    "un chat avec un chapeau": (["chapeau"], ["cat"]),
    "un gatto con il cappello": (["cappello"], ["cat"]),
    "a panda eating bamboo": (["bamboo"], ["panda"]),
    "um gato com chapéu": (["chapéu"], ["cat"]),
    "кот в шапке и шарфе": (["шапке", "шарфе"], ["cat"]),
    "kot w czapce i szaliku": (["czapce", "szaliku"], ["cat"]),
    "een kat met een hoed": (["hoed"], ["cat"]),
    "一只戴帽子的猫": (["帽子"], ["cat"]),
    "摩托车停在房子旁边": (["摩托车"], ["house"]),
    "戴着帽子和围巾的猫": (["帽子"], ["cat"]),
    "帽子をかぶった猫": (["帽子"], ["cat"]),
    "帽子とマフラーの猫": (["帽子"], ["cat"]),
    "모자를 쓴 고양이": (["모자"], ["cat"]),
    "모자와 목도리를 한 고양이": (["모자"], ["cat"]),
    "花にとまる蜂": (["花"], ["bee"]),
    "a teapot on a table": (["teapot", "table"], []),
    "a cat on the sofa in the living room": (["sofa", "living room"], ["cat"]),
    "a giraffe in the classroom": (["classroom"], ["giraffe"]),
    "a lion on a stage": (["stage"], ["lion"]),
    "an elephant next to a fireplace": (["fireplace"], ["elephant"]),
    "a fox to the left of a traffic light": (["traffic light"], ["fox"]),
    "a boy with a kite": (["boy"], ["kite"]),
    "an old woman and a cat": (["old woman"], ["cat"]),
    "a penguin wearing sunglasses": (["sunglasses"], ["penguin"]),
    "a frog in a top hat": (["top hat"], ["frog"]),
    "a bear with a jar of honey": (["jar of honey"], ["bear"]),
    "a koala playing the violin": (["violin"], ["koala"]),
    "a dove on a fence": (["fence"], ["dove"]),
    "a wizard's tower": (["wizard's tower"], []),
    "eine Giraffe im Klassenzimmer": (["Klassenzimmer"], ["giraffe"]),
    "ein Löwe auf einer Bühne": (["Bühne"], ["lion"]),
    "ein Fuchs links von einer Ampel": (["Ampel"], ["fox"]),
    "ein Junge mit einem Drachen": (["Junge"], ["dragon"]),
    "eine Kuh in der Küche": (["Küche"], ["cow"]),
    "ein Pinguin mit Sonnenbrille": (["Sonnenbrille"], ["penguin"]),
    "ein Bär spielt Geige": (["Geige"], ["bear"]),
    "un león en el escenario": (["escenario"], ["lion"]),
    "una jirafa en la cocina": (["cocina"], ["giraffe"]),
    "un zorro a la izquierda de un semáforo": (["semáforo"], ["fox"]),
    "un niño con una cometa": (["niño"], ["kite"]),
    "un pingüino con gafas de sol": (["gafas de sol"], ["penguin"]),
    "un oso tocando el violín": (["violín"], ["bear"]),
    "un plato sobre la mesa y un limón": (["plato", "mesa"], ["lemon"]),
    "une girafe dans la cuisine": (["cuisine"], ["giraffe"]),
    "un renard à gauche d'un lampadaire": (["lampadaire"], ["fox"]),
    "un garçon avec un cerf-volant": (["garçon"], ["kite"]),
    "un pingouin avec des lunettes de soleil": (["lunettes de soleil"], ["penguin"]),
    "un ours jouant du violon": (["violon"], ["bear"]),
    "un leone sul palco": (["palco"], ["lion"]),
    "una giraffa in cucina": (["cucina"], ["giraffe"]),
    "una volpe a sinistra di un semaforo": (["semaforo"], ["fox"]),
    "un bambino con un aquilone": (["bambino"], ["kite"]),
    "un pinguino con gli occhiali da sole": (["occhiali da sole"], ["penguin"]),
    "un orso che suona il violino": (["violino"], ["bear"]),
    "um leão no palco": (["palco"], ["lion"]),
    "uma girafa na cozinha": (["cozinha"], ["giraffe"]),
    "uma raposa à esquerda de um semáforo": (["semáforo"], ["fox"]),
    "um menino com uma pipa": (["menino"], ["kite"]),
    "um pinguim de óculos escuros": (["óculos escuros"], ["penguin"]),
    "um urso tocando violino": (["violino"], ["bear"]),
    "een leeuw op een podium": (["podium"], ["lion"]),
    "een giraf in de keuken": (["keuken"], ["giraffe"]),
    "een vos links van een stoplicht": (["stoplicht"], ["fox"]),
    "een jongen met een vlieger": (["jongen"], ["kite"]),
    "een pinguïn met een zonnebril": (["zonnebril"], ["penguin"]),
    "een beer speelt viool": (["viool"], ["bear"]),
    "żyrafa w kuchni": (["kuchni"], ["giraffe"]),
    "lis na lewo od latarni ulicznej": (["latarni ulicznej"], ["fox"]),
    "chłopiec z latawcem": (["chłopiec"], ["kite"]),
    "pingwin w okularach przeciwsłonecznych": (["okularach przeciwsłonecznych"], ["penguin"]),
    "niedźwiedź gra na skrzypcach": (["skrzypcach"], ["bear"]),
    "жираф на кухне": (["кухне"], ["giraffe"]),
    "лиса слева от светофора": (["светофора"], ["fox"]),
    "мальчик с воздушным змеем": (["мальчик"], ["kite"]),
    "пингвин в солнечных очках": (["солнечных очках"], ["penguin"]),
    "медведь играет на скрипке": (["скрипке"], ["bear"]),
    "舞台上的狮子": (["舞台"], ["lion"]),
    "厨房里的长颈鹿": (["厨房"], ["giraffe"]),
    "红绿灯左边的狐狸": (["红绿灯"], ["fox"]),
    "放风筝的男孩": (["男孩"], ["kite"]),
    "戴墨镜的企鹅": (["墨镜"], ["penguin"]),
    "熊在弹钢琴": (["钢琴"], ["bear"]),
    "椅子上有一只猫": (["椅子"], ["cat"]),
    "沙发上的狗": (["沙发"], ["dog"]),
    "一个男孩和一只狗": (["男孩"], ["dog"]),
    "ステージの上のライオン": (["ステージ"], ["lion"]),
    "台所にいるキリン": (["台所"], ["giraffe"]),
    "信号機の左にキツネ": (["信号機"], ["fox"]),
    "サングラスをかけたペンギン": (["サングラス"], ["penguin"]),
    "ピアノを弾くクマ": (["ピアノ"], ["bear"]),
    "椅子の上の猫": (["椅子"], ["cat"]),
    "ソファで寝ている犬": (["ソファ"], ["dog"]),
    "男の子と犬": (["男の子"], ["dog"]),
    "무대 위의 사자": (["무대"], ["lion"]),
    "부엌에 있는 기린": (["부엌"], ["giraffe"]),
    "신호등 왼쪽에 여우": (["신호등"], ["fox"]),
    "선글라스를 쓴 펭귄": (["선글라스"], ["penguin"]),
    "피아노 치는 곰": (["피아노"], ["bear"]),
    "의자 위의 고양이": (["의자"], ["cat"]),
    "소파에 누운 강아지": (["소파"], ["dog"]),
    "소년과 강아지": (["소년"], ["dog"]),
    "富士山と赤い電車": (["富士山"], ["red train"]),
    "紫のあじさいとかたつむり": (["あじさい"], ["snail"]),
    "uma capivara tomando banho no rio": (["capivara"], ["lake"]),
    "a lighthouse keeper's teapot": (["lighthouse keeper's teapot"], []),
    "un trapano e un gatto": (["trapano"], ["cat"]),
    "медведь с бочкой мёда": (["бочкой мёда"], ["bear"]),
    "a cherry blossom tree and a fox": (["cherry blossom tree"], ["fox"]),
    "taza de café y un limón": (["taza de café"], ["lemon"]),
    "猫を抱く女の子": (["女の子"], ["cat"]),
    "우주에 있는 로봇": (["로봇"], ["stars"]),
    "ein Bär in Gummistiefeln": (["Gummistiefeln"], ["bear"]),
    "桜の木の下で寝ている犬": (["桜の木"], ["dog"]),
    "小女孩和兔子": (["小女孩"], ["rabbit"]),
}
"""By request the names that are asked about, and the keywords of what is drawn anyway."""


@pytest.mark.parametrize("words", ASKED)
def test_what_a_known_thing_wears_plays_or_stands_on_is_asked_about_by_its_noun(words: str) -> None:
    found = answer(words)
    wanted, drawn = ASKED[words]
    kept = [word for word in found["keywords"] if word != "in front of"]
    assert (found["kind"], names(found), kept) == ("new", wanted, drawn)
    assert all(name.casefold() in found["unknown"] for name in wanted)
    unknown = UnknownThing(wanted[0], tuple(found["near"]))
    for index, near in enumerate(found["near"]):
        again = answer(unknown.replaced(words, index))
        assert wanted[0] not in names(again), near
        others = [word for word in again["keywords"] if word != "in front of"]
        assert set(kept) < set(others) and len(others) == len(kept) + 1, near


@pytest.mark.parametrize(
    ("words", "family"),
    [
        ("a boy with a kite", "person"),
        ("a boot and an umbrella", "worn"),
        ("a penguin playing a violin", "music"),
        ("una taza y un limón", "sweet"),
        ("a giraffe in the kitchen", "building"),
        ("ein Oldtimerwagen neben einer Kuh", "vehicle"),
        ("戴草帽的兔子", "worn"),
        ("a hoopoe and a lion", "big_cat"),
        ("a zorblat and an apple", "fruit"),
    ],
)
def test_what_is_offered_is_of_the_same_use_or_fits_the_other_things(words: str, family: str) -> None:
    near = answer(words)["near"]
    assert len(near) == 3
    drawn = {label(one, code).casefold(): one.word for one in THINGS for code in CODES}
    assert family in families_of(drawn[near[0].casefold()])


@pytest.mark.parametrize(
    "words",
    [
        "Quiero una gaita escocesa encima de una roca",
        "a dandelion",
        "a cherry blossom tree",
        "a sea lion",
        "a zorblat",
        "dreamy splendour",
    ],
)
def test_no_other_thing_is_drawn_in_the_place_of_what_is_unknown(words: str) -> None:
    lion = {key: one for key, one in answer("a lion").items() if key not in ("kind", "unknown")}
    found = json.loads(READER.answer(words, None, lambda _: json.dumps(lion)))
    assert found["keywords"] == [] and found["unknown"]


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("ein Zwitscherling neben einer Kreissägerin", "new"),
        ("quiero una gaita", "new"),
        ("三味線を弾くウーパールーパー", "new"),
        ("are you with a robot?", "chat"),
    ],
)
def test_one_unknown_thing_beside_another_is_no_talk(words: str, kind: str) -> None:
    assert answer(words)["kind"] == kind


@pytest.mark.parametrize(
    ("words", "keywords"),
    [
        ("four chicks", ["four chicks"]),
        ("quattro pulcini", ["four chicks"]),
        ("uma galinha com dois pintinhos", ["chicken", "two chicks"]),
        ("dwa pisklęta", ["two chicks"]),
        ("deux canetons", ["two ducks"]),
        ("due anatroccoli", ["two ducks"]),
        ("a duckling", ["duck"]),
        ("три жеребёнка", ["three horses"]),
        ("zwei Kälbchen", ["two cows"]),
        ("망아지와 토끼", ["horse", "rabbit"]),
    ],
)
def test_a_young_animal_is_one_of_its_kind(words: str, keywords: list[str]) -> None:
    found = answer(words)
    assert (found["keywords"], names(found)) == (keywords, [])
