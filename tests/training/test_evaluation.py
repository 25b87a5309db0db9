"""The starter's figures: shares with intervals, what counts as kept, phrasings that training never sees, the judge."""

import json
import re
from dataclasses import replace
from random import Random

import pytest
import torch

from engine.starter.lexicon.tables import LANGUAGES
from training.evaluation.figures import Share
from training.evaluation.judge import Judge, adherence
from training.evaluation.planner import attributes_kept, outcome
from training.stages.planner_network import as_json
from training.world.edits import sample_edit
from training.world.lexicon import TRAINED, UNSEEN
from training.world.requests import Example, sample_request
from training.world.scene import Scene
from training.world.vocabulary import ATTRIBUTES
from training.world.wish import Spec

SIXTH = re.compile(
    r"\b(sunset|evening|night|nighttime|dawn|sunrise|dusk) (beach|seaside|forest|woods|desert|dunes|lake|city) "
    r"(\w+ )?(house|cottage|boat|sailboat|cat|kitten|tree|castle|campfire|bonfire)\b"
)
"""The sixth English pattern of three: time, place, subject."""


@pytest.mark.parametrize(
    ("right", "of", "low", "high"),
    [(9, 10, 0.5958, 0.9821), (50, 100, 0.4038, 0.5962), (512, 512, 0.9926, 1.0), (0, 10, 0.0, 0.2775)],
)
def test_the_interval_is_wilsons(right: int, of: int, low: float, high: float) -> None:
    assert Share(right, of).interval == pytest.approx((low, high), abs=2e-4)


def test_no_case_says_nothing() -> None:
    assert Share(0, 0).interval == (0.0, 1.0)


def edited() -> Example:
    random = Random(3)
    while True:
        example = sample_edit(random, held_out=True)
        if example.wish.subject and example.wish.color and example.wish.place:
            return example


def altered(example: Example, **changes: object) -> str:
    answer: Spec = {**example.answer, **changes}  # type: ignore[typeddict-item]
    return as_json(answer)


def test_an_answer_counts_as_kept_only_with_all_that_was_said_and_nothing_else() -> None:
    example = edited()
    right = example.answer
    assert outcome(as_json(right), example) == {"json": True, "kept": True, "exact": True}
    assert not outcome(altered(example, keywords=right["keywords"][1:]), example)["kept"]
    assert not outcome(altered(example, keywords=[*right["keywords"], "storm"]), example)["kept"]
    assert not outcome(altered(example, negative="moon"), example)["kept"]
    assert not outcome(altered(example, prompt=right["prompt"].replace(str(example.wish.color), "")), example)["kept"]


def test_attributes_are_counted_where_they_stand_in_the_prompt() -> None:
    example = edited()
    asked, prompt = example.answer["keywords"], example.answer["prompt"]
    assert attributes_kept(as_json(example.answer), example) == asked
    lost = altered(example, prompt=prompt.replace(asked[0], "…"))
    assert asked[0] not in attributes_kept(lost, example)
    assert attributes_kept("no answer", example) == []


def test_a_prompt_that_alters_what_was_not_said_is_kept_but_not_exact() -> None:
    example = edited()
    assert outcome(altered(example, prompt=example.answer["prompt"] + ", ink"), example) == {
        "json": True,
        "kept": True,
        "exact": False,
    }


@pytest.mark.parametrize("text", ["", "a house", "[]", '{"prompt": "a house"}'])
def test_what_is_no_spec_counts_for_nothing(text: str) -> None:
    assert outcome(text, edited()) == {"json": False, "kept": False, "exact": False}


def test_training_never_sees_the_phrasings_that_are_kept_from_it() -> None:
    for whole, trained, unseen in zip(LANGUAGES, TRAINED, UNSEEN, strict=True):
        for table in ("cores", "edits"):
            for key, forms in getattr(whole, table).items():
                seen, kept = getattr(trained, table)[key], getattr(unseen, table)[key]
                assert seen, (whole.code, key)
                if len(forms) >= 6:
                    assert kept and not set(seen) & set(kept)
                    assert {*seen, *kept} == set(forms)


def test_requests_use_their_own_phrasings() -> None:
    for unseen in (False, True):
        random = Random(4)
        texts = [sample_request(random, unseen=unseen).text.lower() for _ in range(6000)]
        assert any(SIXTH.search(text) for text in texts) == unseen


def test_the_judge_counts_only_pictures_that_have_the_attribute() -> None:
    torch.manual_seed(0)
    judge = Judge().eval()
    scene = Scene("beach", "day", "cat", "red", "sun", "flat", "left")
    bare = replace(scene, subject="none", color="none", position="none")
    shares = adherence(judge, torch.zeros(3, 3, 128, 128), [scene, bare, bare])
    assert {name: share.of for name, share in shares.items()} == {
        name: 1 if name in ("subject", "color", "position") else 3 for name in ATTRIBUTES
    }
    json.dumps({name: share.as_json() for name, share in shares.items()})
