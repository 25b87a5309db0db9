"""Chat, undo and changes are told apart in the languages that the starter reads."""
# ruff: noqa: E501 (lists of words)

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.starter.reader.read import Reader
from engine.starter.reader.spec import PromptSpec

CARD = Path(__file__).parents[2] / "engine" / "starter" / "models" / "planner" / "limner.json"
READER = Reader(json.loads(CARD.read_text())["words"])
BASE = PromptSpec("a boat on a lake", ["boat", "lake"], "a boat on a lake, day, clear sky, soft light, flat")


def kind(words: str) -> tuple[str, int | None]:
    answer = json.loads(READER.answer(words, BASE, lambda text, base: "{}"))
    return answer["kind"], answer.get("version")


@pytest.mark.parametrize(
    "words",
    [
        "haha nice", "wow that's so cute!!", "thanks a lot", "I love it", "lol 😂😂", "👍", "❤️🔥", "so pretty omg",
        "what is that?", "why is it so dark?", "who made this?", "how did you do that", "perfect, thank you", "nice one bot",
        "谢谢", "哈哈哈太好看了", "真漂亮", "太可爱了吧", "这是什么？", "怎么画的？", "6666", "好的谢谢大佬",
        "ありがとう", "すごくきれいですね", "¡qué bonito, gracias!", "danke, sehr schön",
    ],
)  # fmt: skip
def test_chat_is_no_wish(words: str) -> None:
    assert kind(words)[0] == "chat"


@pytest.mark.parametrize(
    "words",
    [
        "thanks, now make it night", "nice! add a moon", "haha can you add a dragon?", "what about a castle instead",
        "how about night", "more stars", "without the boat", "love it, but in winter", "blue", "🌙", "snow", "a giraffe",
        "could you make it watercolor?", "谢谢，改成夜晚", "好看！再加一只猫", "去掉船", "加一条龙", "夜晚", "能不能换成红色",
        "猫を足して", "夜にして", "gracias, pero de noche", "danke, jetzt bitte bei Nacht", "go back to the beach",
        "is it possible to add a tree?",
    ],
)  # fmt: skip
def test_a_wish_is_a_change(words: str) -> None:
    assert kind(words)[0] == "change"


@pytest.mark.parametrize(
    ("words", "version"),
    [
        ("undo", -1), ("undo that please", -1), ("go back", -1), ("go back to the first one", 1), ("revert", -1),
        ("the original version", 1), ("back to the previous one", -1), ("version 2 please, go back", 2),
        ("再改回去", -1), ("撤销", -1), ("回到第一版", 1), ("还原", -1), ("元に戻して", -1), ("最初のバージョンに戻して", 1),
        ("vuelve a la versión anterior", -1), ("mach das rückgängig", -1),
    ],
)  # fmt: skip
def test_an_undo_says_which_version(words: str, version: int) -> None:
    assert kind(words) == ("undo", version)
