"""Trains the planner to answer requests and edits with their PromptSpec; only the answer counts in the loss."""

from pathlib import Path
from random import Random

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional
from transformers import AutoTokenizer, LlamaForCausalLM, PreTrainedTokenizerFast

from engine.starter.checkpoint import Budget, Run, adamw, learning_rate
from engine.starter.edits import sample_edit
from engine.starter.planner import END, SPEC, as_json, new_planner, new_tokenizer, question
from engine.starter.progress import Progress
from engine.starter.requests import Example, sample_request

BATCH = 16
EDIT_SHARE = 0.45
PEAK_RATE = 2e-3
SENTENCES = 20_000
CHECKPOINT = "planner.safetensors"
IGNORED = -100


def sample_example(random: Random, *, held_out: bool = False) -> Example:
    """A request or an edit."""
    make = sample_edit if random.random() < EDIT_SHARE else sample_request
    return make(random, held_out=held_out)


def write_planner_tokenizer(home: Path, seed: int, examples: int = SENTENCES) -> PreTrainedTokenizerFast:
    """The planner's tokenizer, trained once."""
    folder = home / "planner-tokenizer"
    if not (folder / "tokenizer_config.json").exists():
        random = Random(f"{seed} requests")
        new_tokenizer(sample_example(random) for _ in range(examples)).save_pretrained(folder)
    tokenizer: PreTrainedTokenizerFast = AutoTokenizer.from_pretrained(folder)
    return tokenizer


def train_planner(home: Path, budget: Budget, seed: int, sentences: int = SENTENCES, *, compiled: bool = False) -> None:
    """Train until the budget is spent; a killed run goes on from its last checkpoint.

    `compiled` takes two minutes to begin and then trains a third faster; it needs a C++ compiler.
    """
    torch.manual_seed(seed)
    tokenizer = write_planner_tokenizer(home, seed, sentences)
    planner = new_planner(len(tokenizer))
    planner.set_attn_implementation("eager")  # a quarter faster than sdpa at this size on a CPU
    loss_of = torch.compile(_loss, dynamic=True) if compiled else _loss
    run = _run(home, planner, seed)
    progress, losses = Progress("planner"), []
    while (spent := budget.share(run.step, run.trained_s)) < 1:
        random, _ = run.seed_step()
        loss = loss_of(planner, *_batch(tokenizer, random, BATCH))
        run.update(loss, learning_rate(PEAK_RATE, run.step, spent, warm_up=150, decay=0.8))
        losses.append(loss.item())
        run.save_every(60)
        progress.show(budget.share(run.step, run.trained_s), f"step {run.step}, loss {np.mean(losses[-200:]):.4f}")
    run.save()


def load_planner(home: Path, seed: int) -> tuple[PreTrainedTokenizerFast, LlamaForCausalLM, int]:
    """The tokenizer, the planner with its averaged weights, and how many examples it has seen."""
    tokenizer = write_planner_tokenizer(home, seed)
    planner = new_planner(len(tokenizer))
    run = _run(home, planner, seed)
    run.use_average()
    return tokenizer, planner.eval(), run.step * BATCH


def _run(home: Path, planner: LlamaForCausalLM, seed: int) -> Run:
    return Run(home / CHECKPOINT, planner, adamw(planner.parameters(), 0.05, betas=(0.9, 0.98)), seed, ema=0.995)


def _batch(tokenizer: PreTrainedTokenizerFast, random: Random, size: int) -> tuple[Tensor, Tensor]:
    """Token ids and labels, (batch, longest) each; all of one kind, since edits are about twice as long."""
    make = sample_edit if random.random() < EDIT_SHARE else sample_request
    examples = [make(random) for _ in range(size)]
    rows = tokenizer([f"{question(item)}{as_json(item.answer)}{END}" for item in examples])["input_ids"]
    answer_from = tokenizer.convert_tokens_to_ids(SPEC)
    ids = torch.zeros(size, max(len(row) for row in rows), dtype=torch.long)
    labels = torch.full_like(ids, IGNORED)
    for index, row in enumerate(rows):
        start = row.index(answer_from) + 1
        ids[index, : len(row)] = torch.tensor(row)
        labels[index, start : len(row)] = ids[index, start : len(row)]
    return ids, labels


def _loss(planner: LlamaForCausalLM, ids: Tensor, labels: Tensor) -> Tensor:
    with torch.autocast("cpu", torch.bfloat16):
        logits = planner(input_ids=ids).logits
    return functional.cross_entropy(logits[:, :-1].float().flatten(0, 1), labels[:, 1:].flatten(), ignore_index=IGNORED)
