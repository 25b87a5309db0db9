"""Trains the planner to answer requests and edits with their PromptSpec; only the answer counts in the loss."""

from pathlib import Path
from random import Random

import torch
from torch import Tensor
from torch.nn import functional
from transformers import AutoTokenizer, LlamaForCausalLM, PreTrainedTokenizerFast

from training.runtime.atomic_files import write_whole
from training.runtime.checkpoint import Budget, Run, adamw
from training.runtime.device import accelerator, autocast
from training.runtime.loop import Schedule, train
from training.runtime.progress import Progress
from training.stages.exchanges import Exchange, Exchanges, exchanges_of
from training.stages.planner_network import END, SPEC, as_json, new_planner, new_tokenizer, question

BATCH = 16
ROUND_TO = 32
"""Batches are padded to a multiple of this: torch keeps memory for every size that it has met."""

SENTENCES = 20_000
CHECKPOINT = "planner.safetensors"
TOKENIZER = "planner-tokenizer"
IGNORED = -100


def write_planner_tokenizer(
    home: Path, seed: int, exchanges: Exchanges, count: int = SENTENCES
) -> PreTrainedTokenizerFast:
    """The planner's tokenizer, trained once."""
    folder = home / TOKENIZER
    if not folder.exists():
        random = Random(f"{seed} requests")
        examples = (exchanges.sample(random) for _ in range(count))
        write_whole(folder, new_tokenizer(examples, exchanges.size.vocabulary).save_pretrained)
    tokenizer: PreTrainedTokenizerFast = AutoTokenizer.from_pretrained(folder)
    return tokenizer


def train_planner(
    home: Path, budget: Budget, seed: int, sentences: int, shown_answers: int, shown_things: int | None = None, *,
    compiled: bool = False,
) -> None:  # fmt: skip
    """Train until the budget is spent; a killed run goes on from its last checkpoint.

    `compiled` takes two minutes to begin and then trains a third faster; it needs a C++ compiler.
    """
    torch.manual_seed(seed)
    exchanges = exchanges_of(home, shown_things)
    with accelerator().main_process_first():
        tokenizer = write_planner_tokenizer(home, seed, exchanges, sentences)
    planner = new_planner(len(tokenizer), exchanges.size)
    planner.set_attn_implementation("eager")  # a quarter faster than sdpa at this size on a CPU
    loss_on = torch.compile(_loss, dynamic=True) if compiled else _loss
    run = _run(home, planner, seed)
    shown = [exchanges.sample(Random(f"{seed} shown {index}"), held_out=True) for index in range(shown_answers)]

    def loss_of(random: Random, _: torch.Generator, __: float) -> Tensor:
        ids, labels = _batch(tokenizer, exchanges.alike(random, BATCH))
        with autocast(home):
            return loss_on(planner, ids.to(run.device), labels.to(run.device))

    def samples(progress: Progress) -> None:
        for example in shown:
            answer = _answer(planner, tokenizer, example, run.device)
            progress.text(example.text, f"{answer}\n\nwanted: {as_json(example.answer)}", run.step)

    train(run, budget, Schedule(2e-3, warm_up=150, decay=0.8), loss_of, samples)


def _answer(
    planner: LlamaForCausalLM, tokenizer: PreTrainedTokenizerFast, example: Exchange, device: torch.device
) -> str:
    """What the planner answers, greedily."""
    inputs = tokenizer(question(example), return_tensors="pt").to(device)
    given = inputs["input_ids"].shape[1]
    answered = planner.generate(
        input_ids=inputs["input_ids"], attention_mask=inputs["attention_mask"], max_new_tokens=160, do_sample=False,
        pad_token_id=tokenizer.pad_token_id, eos_token_id=tokenizer.eos_token_id,
    )  # fmt: skip
    return str(tokenizer.decode(answered[0, given:], skip_special_tokens=True))


def load_planner(home: Path, seed: int, exchanges: Exchanges) -> tuple[PreTrainedTokenizerFast, LlamaForCausalLM]:
    """The tokenizer, and the planner with its averaged weights."""
    tokenizer = write_planner_tokenizer(home, seed, exchanges)
    planner = new_planner(len(tokenizer), exchanges.size)
    _run(home, planner, seed).use_average()
    return tokenizer, planner.cpu().eval()


def _run(home: Path, planner: LlamaForCausalLM, seed: int) -> Run:
    return Run(home / CHECKPOINT, planner, adamw(planner.parameters(), 0.05, betas=(0.9, 0.98)), seed, ema=0.995)


def _batch(tokenizer: PreTrainedTokenizerFast, examples: list[Exchange]) -> tuple[Tensor, Tensor]:
    """Token ids and labels, (batch, longest) each."""
    rows = tokenizer([f"{question(item)}{as_json(item.answer)}{END}" for item in examples])["input_ids"]
    answer_from = tokenizer.convert_tokens_to_ids(SPEC)
    longest = max(len(row) for row in rows)
    ids = torch.zeros(len(examples), longest + -longest % ROUND_TO, dtype=torch.long)
    labels = torch.full_like(ids, IGNORED)
    for index, row in enumerate(rows):
        start = row.index(answer_from) + 1
        ids[index, : len(row)] = torch.tensor(row)
        labels[index, start : len(row)] = ids[index, start : len(row)]
    return ids, labels


def _loss(planner: LlamaForCausalLM, ids: Tensor, labels: Tensor) -> Tensor:
    logits = planner(input_ids=ids).logits
    return functional.cross_entropy(logits[:, :-1].float().flatten(0, 1), labels[:, 1:].flatten(), ignore_index=IGNORED)
