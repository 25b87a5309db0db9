"""Chat, undo and changes are told apart in the languages that the starter reads."""
# ruff: noqa: E501 (lists of words)

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.starter.reader.kinds import kind_of
from engine.starter.reader.spec import PromptSpec
from engine.starter.reader.words.vocabulary import Vocabulary
from tests.reader import drawn

BASE = PromptSpec(
    "a boat on a lake", ["boat", "lake"], "a boat on a calm lake by day, the sun in the sky, flat illustration"
)

CHAT = {
    "praise": [
        "haha nice", "nice", "wow that's so cute!!", "I love it", "so pretty omg", "nice one bot", "the boat is beautiful", "love the colors",
        "that's a great sky", "beautiful beach", "ok that's actually sick", "10/10", "best one yet", "this slaps", "chef's kiss", "absolute cinema",
        "哈哈哈太好看了", "真漂亮", "太可爱了吧", "画得真好", "这船真好看", "绝了", "可以可以", "すごくきれいですね", "かわいい！", "最高です", "¡qué bonito!",
        "me encanta el barco", "sehr schön", "das Boot ist toll", "gefällt mir gut", "super geworden",
    ],
    "thanks": ["thanks a lot", "thanks", "thank you so much!!", "thx bot", "perfect, thank you", "cheers mate", "谢谢", "谢谢!", "好的谢谢大佬", "多谢", "ありがとう", "どうもありがとうございます", "gracias", "muchas gracias, de verdad", "danke, sehr schön", "vielen Dank dir"],
    "laughter": ["lol 😂😂", "😂", "👍", "❤️🔥", "🔥🔥🔥", "lmaooo", "hahahaha", "xD", "哈哈哈哈", "6666", "笑死我了", "草", "wwww", "jajaja", "hehe", "🙏", "❤️"],
    "questions": [
        "what is that?", "why is it so dark?", "who made this?", "how did you do that", "what model is this?", "is that a real place?", "how long did this take",
        "where is this", "did you draw this yourself?", "does it always do clouds like that?", "which style is this?", "what seed?", "这是什么？", "怎么画的？", "这是用什么模型画的？", "画了多久",
        "これは何ですか", "どうやって描いたの？", "¿qué modelo es?", "¿cómo lo hiciste?", "welches Modell ist das?", "wie hast du das gemacht?",
    ],
    "talk with others": [
        "@Ben look at this", "my mom would love this for her birthday", "reminds me of last summer in Norway", "my cat looks exactly like that", "are you coming tonight?", "brb dinner",
        "we should go to the beach tomorrow lol", "I have a boat just like that", "that lake is near my house", "he drew the same thing yesterday", "I think Tom should see this", "gtg, see you later guys",
        "anyone up for a game?", "I miss the sea so much", "你看这个", "我家的猫也是这样", "明天一起去海边吧", "想起我们去年去的湖", "うちの猫みたい", "昨日の夜を思い出した", "mi gato es igual", "parece mi casa", "sieht aus wie mein Hund", "ich war gestern am See",
    ],
    "words that also ask": [
        "I'm back", "that last one made me laugh", "drop the link pls", "drop it in the other channel", "forget it lol", "can't go back to work now", "I have to reset my phone",
        "give him a medal", "put that on a shirt lol", "take my money", "turn up the volume", "add me on steam", "no more pings please", "move to #general guys", "draw is the best command",
        "the sun looks so warm", "there's no way a bot made this", "night night", "two thumbs up", "touch grass", "🚀🚀🚀", ":joy: :joy:", ":boat:", "don't change anything",
        "晚上吃什么", "谁家的船", "真想去海边", "加油！", "加我好友", "我换手机了", "改天再聊", "月亮真圆", "不用改了", "这湖在哪儿", "夜ってかんじ", "いい夜だ", "雪だ！", "船に乗りたいなあ",
        "ich bin raus", "Guten Morgen", "es schneit hier", "buenas noches", "quiero ir allí", "sin palabras", "no sé",
    ],
}  # fmt: skip
CHANGES = [
    "thanks, now make it night", "nice! add a moon", "haha can you add a dragon?", "what about a castle instead", "how about night", "more stars", "without the boat", "love it, but in winter",
    "blue", "🌙", "snow", "could you make it watercolor?", "beautiful! now at sunset", "lol make the boat red", "I want a lighthouse too", "it needs clouds", "a castle instead of the boat",
    "at night please", "two boats", "the boat should be yellow", "put it on the beach", "no sun", "can we have some rain", "it would be nicer with a cat", "red boat", "try pastel", "let it snow",
    "thanks! could you remove the sun", "is it possible to add a tree?", "go back to the beach", "my friend says: add a house", "zoom out and add mountains", "boat on the left",
    "谢谢，改成夜晚", "好看！再加一只猫", "去掉船", "加一条龙", "夜晚", "能不能换成红色", "换成水彩风格", "船要蓝色", "放到海边", "多画一棵树", "不要太阳", "下雪",
    "猫を足して", "夜にして", "ボートを赤くして", "雪を降らせて", "きれい！夕焼けにして", "gracias, pero de noche", "añade un gato", "sin el barco", "que sea de noche", "pon nubes", "más estrellas",
    "ditch the sun", "I meant a castle", "the boat must go", "do it in pastel", "stormy", "cloudier", "sunsett", "a mushroom would be cool", "w/o sun", "yea but w/ a moon", "on the right",
    "move boat left", "i think it needs a lighthouse", "would love some stars", "plus a campfire", "🌧️", "☁️", "改夜里", "把船去了", "船改蓝的", "多加几棵树", "要是有只猫就好了", "来场暴雨",
    "夕方", "船を城に", "猫がいたらいいな", "太陽いらない", "夜にしてみて", "Sonne raus", "mit einem Mond wäre schön", "fuera el sol", "estaría bien con luna", "conviertelo en tinta", "muevelo a la izquierda", "我想让船靠右", "camp fire on the left", "have the boat at the right", "nah make it a house", "やっぱり夜で",
    "danke, jetzt bitte bei Nacht", "mach das Boot rot", "ohne Sonne", "noch eine Katze", "im Schnee", "lieber Aquarell",
]  # fmt: skip
UNDOES = {
    -1: [
        "ctrl+z", "rewind", "back please", "previous was better", "scratch that", "old version please", "worse, undo", "返回上一步", "回去", "一つ前に", "前のがよかった", "キャンセル", "vorher war besser", "wieder das alte", "atrás", "como antes",
        "undo", "undo that please", "go back", "revert", "back to the previous one", "nvm, go back", "put it back how it was", "I liked it better before", "the one before was better",
        "can you undo that?", "change it back", "take that back", "再改回去", "撤销", "还原", "改回来", "还是刚才那张好", "上一张", "元に戻して", "前のに戻して", "やっぱり前の方がいい", "取り消して",
        "vuelve a la versión anterior", "deshazlo", "mejor como estaba antes", "mach das rückgängig", "zurück", "wieder wie vorher", "die Version davor war besser",
    ],
    1: [
        "v1", "version one", "reset", "show me the first again", "back to start", "I preferred the first", "el primero era mejor", "zurück zum Original",
        "go back to the first one", "the original version", "back to the original please", "the first one was better", "回到第一版", "回到最初的", "最初のバージョンに戻して", "la primera versión", "vuelve al original", "zurück zur ersten Version", "version 1",
    ],
    2: ["version 2 please, go back", "go back to the second one", "回到第二张", "2番目に戻して", "vuelve a la segunda", "zurück zur zweiten Version"],
    -2: ["go back two steps", "undo twice", "two versions back", "上上张", "2つ前に戻して", "dos versiones atrás", "zwei Schritte zurück"],
}  # fmt: skip


ATTACHED = {
    "change": [
        "put this flag on it", "把这面旗挂上去", "this hat on him", "他戴这顶帽子", "with these two", "same colours as here", "ein Hut wie dieser",
        "con este sombrero", "この帽子で", "as a knight", "in diesem Stil", "这个风格", "put these on him", "use all of these",
    ],
    "chat": ["haha like this one", "look at my cat", "你看这个", "lol", "mira mi gato", "what is this?", "😂"],
}  # fmt: skip


OF_AN_EDITOR = {
    "change": [
        "more contrast", "mehr Kontrast", "remove the background", "make it look like a painting by Monet", "zoom in on the boat", "rotate it", "bluer",
        "brighter please", "换个背景", "让他笑一笑", "gira la imagen", "haha nice! now crop it", "もっと明るくして",
    ],
    "chat": [words for some in CHAT.values() for words in some],
}  # fmt: skip


def kind(words: str, *, attached: bool = False, edits: bool = False) -> tuple[str, int | None]:
    answer = json.loads(
        drawn.reader(classified=True).answer(words, BASE, lambda text: "{}", attached=attached, edits=edits)
    )
    return answer["kind"], answer.get("version")


@pytest.mark.parametrize("words", [words for some in CHAT.values() for words in some])
def test_chat_is_no_wish(words: str) -> None:
    assert kind(words)[0] == "chat"


@pytest.mark.parametrize("words", CHANGES)
def test_a_wish_is_a_change(words: str) -> None:
    assert kind(words)[0] == "change"


@pytest.mark.parametrize(("words", "version"), [(words, version) for version, some in UNDOES.items() for words in some])
def test_an_undo_says_which_version(words: str, version: int) -> None:
    assert kind(words) == ("undo", version)


@pytest.mark.parametrize(("expected", "words"), [(kind_, words) for kind_, some in ATTACHED.items() for words in some])
def test_words_with_a_picture_are_a_wish_but_for_talk(words: str, expected: str) -> None:
    assert kind(words, attached=True)[0] == expected


@pytest.mark.parametrize(("expected", "words"), [(one, words) for one, some in OF_AN_EDITOR.items() for words in some])
def test_an_order_to_an_editor_is_a_wish_whatever_it_names_and_talk_is_none(words: str, expected: str) -> None:
    assert kind(words, edits=True)[0] == expected


def test_talk_that_the_tables_take_for_a_change_is_chat_unless_pictures_come_with_it() -> None:
    words = "can I print a big one for my room or is there a licence?"
    assert kind_of(words, Vocabulary(drawn.words()))["kind"] == "change"
    assert kind(words)[0] == "chat"
    assert kind(words, attached=True) == ("change", None)


@pytest.mark.parametrize("words", ["put this flag on it", "把这面旗挂上去"])
def test_what_is_on_an_attached_picture_is_left_to_the_editor(words: str) -> None:
    made = json.loads(drawn.reader(classified=True).answer(words, BASE, lambda text: "{}", attached=True))
    assert (made["prompt"], made["instruction"]) == (BASE.prompt, words)
    assert made["understood"].endswith(f" · {words}")


@pytest.mark.parametrize("words", ["more contrast", "换个背景", "rotate it"])
def test_the_line_of_what_only_an_editor_can_read_has_its_words(words: str) -> None:
    made = json.loads(drawn.reader(classified=True).answer(words, BASE, lambda text: "{}", edits=True))
    assert (made["understood"].rpartition(" · ")[2], made["prompt"]) == (words, BASE.prompt)


def test_a_change_comes_with_the_words_that_ask_for_it() -> None:
    made = json.loads(drawn.reader(classified=True).answer("haha nice! make it night", BASE, lambda text: "{}"))
    assert made["instruction"] == "make it night"


@given(st.lists(st.text("bcdfghjklmpqrstvwxz", min_size=5, max_size=12), min_size=1, max_size=8))
def test_what_is_not_read_at_all_draws_nothing(words: list[str]) -> None:
    """Random letters are nobody's wish."""
    assert kind(" ".join(words))[0] == "chat"


@given(st.text(max_size=200))
def test_any_reply_has_a_kind(words: str) -> None:
    assert kind(words)[0] in ("chat", "undo", "change")
