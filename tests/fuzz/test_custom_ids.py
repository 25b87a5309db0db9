"""Any custom_id and any form: it is one of ours, and then holds what it says, or it is left alone."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import discord
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.services.versions import STRENGTHS
from bot.ui.button_items import INDEXES, ITEMS, JobButton, PictureSelect, StrengthSelect
from bot.ui.doubt_buttons import AnywayButton
from bot.ui.gallery import GalleryButton
from bot.ui.modals import REFINE_FORM, REGION_FORM, START_FORM, answers, form_id
from bot.ui.my_data import EraseButton
from bot.ui.paging import PageButton
from bot.ui.review import ReviewButton
from tests.fuzz.effort import fuzz
from tests.fuzz.pieces import words

KINDS: tuple[Any, ...] = (*ITEMS, PageButton, GalleryButton, ReviewButton, EraseButton, AnywayButton)
TEMPLATES: tuple[re.Pattern[str], ...] = tuple(kind.__discord_ui_compiled_template__ for kind in KINDS)
JOB = "0123456789abcdef" * 2
PARTS = (
    "limner", ":", "refine", "cancel", "strength", "picture", "vary", "upscale", "page", "pictures", "log", "-",
    "my", "star", "favourites-", "review", "release", "erase", "refine-form", "start-form", JOB, JOB.upper(), JOB[:31],
    "cell", "scale", "region", "zoomed", "wide", "region-words", "region-form",
    "0", "9", "١", "1" * 19, "9" * 19, "9" * 20, "\n",
)  # fmt: skip
ids = st.lists(st.sampled_from(PARTS), max_size=9).map("".join) | words
FORMS = (REFINE_FORM, REGION_FORM, START_FORM)
shaped = st.one_of(*(st.from_regex(pattern, fullmatch=True) for pattern in (*TEMPLATES, *FORMS)))


class Client:
    """Takes whatever an item passes on."""

    def __init__(self) -> None:
        self.calls: list[tuple[object, ...]] = []

    async def press(self, interaction: object, action: str, job_id: str, *values: str) -> None:
        self.calls.append((action, job_id, *values))

    async def turn(self, interaction: object, what: str, owner_id: int, number: int) -> None:
        self.calls.append((what, owner_id, number))

    async def change_list(self, interaction: object, action: str, job_id: str, what: str, number: int) -> None:
        self.calls.append((action, job_id, what, number))

    async def decide(self, interaction: object, action: str, job_id: str) -> None:
        self.calls.append((action, job_id))

    async def draw_anyway(self, interaction: object, owner_id: int, key: str, choice: int) -> None:
        self.calls.append((owner_id, key, choice))

    async def erase(self, interaction: object, owner_id: int) -> None:
        self.calls.append((owner_id,))


def button(custom_id: str) -> Any:
    return discord.ui.Button(custom_id=custom_id[:100] or "x", label="x")


@given(ids | shaped)
@example("limner:page:log-9999999999999999999:1:0")  # more than a database's integer holds
@example(f"limner:strength:{JOB}:١")
@fuzz(250)
async def test_any_custom_id_is_taken_or_left_alone(custom_id: str) -> None:
    taken = [(kind, match) for kind, made in zip(KINDS, TEMPLATES, strict=True) if (match := made.fullmatch(custom_id))]
    assert len(taken) < 2, "two items answer one press"
    for kind, match in taken:
        client = Client()
        item: Any = (
            discord.ui.Select(custom_id=custom_id) if kind in (StrengthSelect, PictureSelect) else button(custom_id)
        )
        made = await kind.from_custom_id(SimpleNamespace(client=client), item, match)
        await made.callback(SimpleNamespace(client=client))
        for call in client.calls:
            for value in call:
                assert not isinstance(value, int) or 0 <= value < 2**63 or kind is EraseButton
        if kind is JobButton:
            assert re.fullmatch("[0-9a-f]{32}", str(client.calls[0][1]))


@given(st.lists(words | st.sampled_from([*STRENGTHS, *INDEXES, "-1", "4", "١"]), max_size=3), st.booleans())
@fuzz(80)
async def test_any_choice_is_one_of_those_offered_or_left_alone(values: list[str], strength: bool) -> None:
    client = Client()
    custom_id = f"limner:strength:{JOB}:0" if strength else f"limner:picture:vary:{JOB}"
    kind: Any = StrengthSelect if strength else PictureSelect
    match = kind.__discord_ui_compiled_template__.fullmatch(custom_id)
    made = await kind.from_custom_id(SimpleNamespace(client=client), discord.ui.Select(custom_id=custom_id), match)
    made.item._values = values
    await made.callback(SimpleNamespace(client=client))
    for *_, chosen in client.calls:
        assert chosen in (STRENGTHS if strength else INDEXES)


parts = st.recursive(
    st.none() | st.booleans() | words | st.integers(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["components", "component", "custom_id", "value"]), inner, max_size=4)
    ),
    max_leaves=15,
)


@given(st.none() | st.fixed_dictionaries({}, optional={"components": parts, "custom_id": parts}))
@example({"components": None})
@example({"components": [None, {"components": ["x", {"value": 1}]}]})
@fuzz(200)
def test_any_form_is_read(data: dict[str, Any] | None) -> None:
    interaction: Any = SimpleNamespace(data=data)
    assert isinstance(form_id(interaction), str)
    for name, value in answers(interaction).items():
        assert isinstance(name, str)
        assert isinstance(value, str)


@pytest.mark.parametrize("pattern", [*TEMPLATES, REFINE_FORM, START_FORM], ids=lambda pattern: pattern.pattern[:30])
def test_no_custom_id_holds_more_than_ascii(pattern: re.Pattern[str]) -> None:
    assert r"\d" not in pattern.pattern
    assert r"\w" not in pattern.pattern
