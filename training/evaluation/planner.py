"""What the exported planner keeps of requests and edits whose combinations, and phrasings, no training has seen."""

import json
import time
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from training.evaluation.figures import Share, table
from training.stages.exchanges import Exchange, Exchanges, Sample
from training.stages.planner_network import as_json

WRONG_SHOWN = 5


class Reader:
    """The exported planner, asked as the engine asks it: through its chat template, greedily."""

    def __init__(self, folder: Path) -> None:
        self._tokenizer = AutoTokenizer.from_pretrained(folder)
        self._planner = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, use_safetensors=True).eval()

    @torch.no_grad()
    def answer(self, example: Exchange) -> str:
        messages = [{"role": "system", "content": "Answer with a PromptSpec."}]
        if example.old is not None:
            messages += [{"role": "user", "content": "…"}, {"role": "assistant", "content": as_json(example.old)}]
        messages.append({"role": "user", "content": example.text})
        inputs = self._tokenizer.apply_chat_template(
            messages, add_generation_prompt=True, return_tensors="pt", return_dict=True
        )
        output = self._planner.generate(input_ids=inputs["input_ids"], attention_mask=inputs["attention_mask"])
        return str(self._tokenizer.decode(output[0, inputs["input_ids"].shape[1] :], skip_special_tokens=True))


def evaluate_planner(folder: Path, exchanges: Exchanges, count: int, seed: int) -> dict[str, Any]:
    """Shares of messages answered with everything that was said, and with exactly the right prompt."""
    reader, report = Reader(folder), {}
    for kind, make in exchanges.kinds.items():
        for languages, codes in exchanges.languages.items():
            random = Random(f"{seed} evaluation {kind} {languages}")
            report[f"{kind}, {languages}"] = _measure(reader, _sample(make, random, codes, count))
    return report


def planner_table(report: dict[str, Any]) -> str:
    rows = [
        [name, *(Share(row[key]["right"], row[key]["of"]) for key in ("attributes", "kept", "exact")), row["seconds"]]
        for name, row in report.items()
    ]
    columns = ("attributes kept", "all that was asked for, and nothing else", "the whole prompt as expected", "s")
    return table(["planner", *columns], rows)


def _sample(make: Sample, random: Random, codes: Sequence[str], count: int) -> list[Exchange]:
    examples: list[Exchange] = []
    while len(examples) < count:
        example = make(random)
        if example.language in codes:
            examples.append(example)
    return examples


def _measure(reader: Reader, examples: list[Exchange]) -> dict[str, Any]:
    outcomes, seconds, wrong = [], [], []
    asked = found_there = 0
    for example in examples:
        started = time.perf_counter()
        text = reader.answer(example)
        seconds.append(time.perf_counter() - started)
        outcomes.append(outcome(text, example))
        asked += len(example.answer["keywords"])
        found_there += len(attributes_kept(text, example))
        if not outcomes[-1]["exact"]:
            wrong.append({"asked": example.text, "answered": text, "wanted": as_json(example.answer)})
    shares = {
        key: Share(sum(found[key] for found in outcomes), len(outcomes)).as_json() for key in ("json", "kept", "exact")
    }
    shares["attributes"] = Share(found_there, asked).as_json()
    return {**shares, "seconds": round(float(np.median(seconds)), 3), "wrong": wrong[:WRONG_SHOWN]}


def attributes_kept(text: str, example: Exchange) -> list[str]:
    """The attributes that were asked for, or that an edit leaves as they are, and that stand in the prompt."""
    try:
        prompt = str(json.loads(text)["prompt"])
    except (ValueError, KeyError, TypeError):
        return []
    return [word for word in example.answer["keywords"] if word in prompt]


def outcome(text: str, example: Exchange) -> dict[str, bool]:
    """`kept`: all that was said, and nothing else, is in keywords and prompt; `exact`: the unsaid is right too.

    A gallery's answers also have the right kind, and name what is unknown.
    """
    try:
        answer = json.loads(text)
    except ValueError:
        return {"json": False, "kept": False, "exact": False}
    if not isinstance(answer, dict) or list(answer) != list(example.answer):
        return {"json": False, "kept": False, "exact": False}
    keywords, prompt, negative = (answer[key] for key in ("keywords", "prompt", "negative"))
    wanted = example.answer
    kept = keywords == wanted["keywords"] and all(word in prompt for word in keywords)
    kept = kept and negative == wanted["negative"]
    kept = kept and all(answer[key] == wanted[key] for key in ("kind", "unknown") if key in wanted)
    return {"json": True, "kept": kept, "exact": kept and prompt == wanted["prompt"]}
