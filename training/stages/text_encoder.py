"""The painter's text encoder: a small CLIP text model, first taught to name every attribute that a caption states."""

import json
from pathlib import Path
from random import Random

import torch
from tokenizers import Tokenizer, models, trainers
from tokenizers.pre_tokenizers import ByteLevel
from torch import Tensor, nn
from torch.nn import functional
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from training.runtime.atomic_files import write_whole
from training.runtime.checkpoint import Budget, Run, adamw
from training.runtime.device import accelerator
from training.runtime.loop import Schedule, train
from training.stages.dataset import targets
from training.stages.worlds import World, world_of

LENGTH = 40
"""Tokens of a caption, start and end included."""

WIDTH = 128
START, END = "<|startoftext|>", "<|endoftext|>"
SENTENCES = 20_000
"""Captions that the tokenizer's merges come from."""

BATCH = 64
READ = 4
"""Positions of a caption at which its attributes are read."""

TOKENIZER = "painter-tokenizer"


def write_tokenizer(home: Path, seed: int, captions: int = SENTENCES) -> CLIPTokenizer:
    """A CLIP tokenizer whose merges come from the captions themselves, trained once."""
    folder = home / TOKENIZER
    if not folder.exists():
        write_whole(folder, _train_tokenizer(world_of(home), seed, captions).save_pretrained)
    tokenizer: CLIPTokenizer = CLIPTokenizer.from_pretrained(folder)
    return tokenizer


def _train_tokenizer(world: World, seed: int, captions: int) -> CLIPTokenizer:
    bare = CLIPTokenizer(vocab={START: 0, END: 1}, merges=[], model_max_length=LENGTH)._tokenizer
    trained = Tokenizer(models.BPE(end_of_word_suffix="</w>", unk_token=END))
    trained.normalizer, trained.pre_tokenizer = bare.normalizer, bare.pre_tokenizer
    # Every byte, also at a word's end: nothing that anyone types is unknown. They are numbered here, since the library
    # numbers what it meets in any order, and training would not be repeatable.
    alphabet = sorted(ByteLevel.alphabet())
    numbered = [START, END, *alphabet, *(letter + "</w>" for letter in alphabet)]
    trainer = trainers.BpeTrainer(vocab_size=world.vocabulary, special_tokens=numbered, end_of_word_suffix="</w>")
    random = Random(f"{seed} captions")
    trained.train_from_iterator((world.caption(world.sample(random), random) for _ in range(captions)), trainer)
    model = json.loads(trained.to_str())["model"]
    return CLIPTokenizer(
        vocab=model["vocab"], merges=[tuple(pair) for pair in model["merges"]], model_max_length=LENGTH
    )


def token_ids(tokenizer: CLIPTokenizer, captions: list[str]) -> Tensor:
    """(batch, 40) token numbers, padded with the end token as the pipeline does."""
    encoded = tokenizer(captions, padding="max_length", max_length=LENGTH, truncation=True, return_tensors="pt")
    ids: Tensor = encoded["input_ids"]
    return ids


def new_text_encoder(vocabulary: int) -> CLIPTextModel:
    config = CLIPTextConfig(
        vocab_size=vocabulary, hidden_size=WIDTH, intermediate_size=384, num_hidden_layers=3, num_attention_heads=4,
        max_position_embeddings=LENGTH, projection_dim=WIDTH, bos_token_id=0, eos_token_id=1, pad_token_id=1,
        hidden_act="gelu",
    )  # fmt: skip
    return CLIPTextModel(config)


class Reader(nn.Module):
    """The text encoder with one classifier for each attribute."""

    def __init__(self, vocabulary: int, world: World) -> None:
        super().__init__()
        self.encoder = new_text_encoder(vocabulary)
        self.heads = nn.ModuleList([nn.Linear(WIDTH, len(values)) for values in world.attributes.values()])

    def loss(self, ids: Tensor, answers: Tensor) -> Tensor:
        """Cross-entropy of every attribute, read at the end token and at some of the padding after it.

        The painter attends to the padding too; all of it at once would cost far more than the encoder itself.
        """
        hidden = self.encoder(ids).last_hidden_state
        ends = (ids == 1).int().argmax(1)
        read = ends[:, None] + (torch.rand(len(ids), READ, device=ids.device) * (LENGTH - ends)[:, None]).long()
        read[:, 0] = ends
        states = hidden.gather(1, read[..., None].expand(-1, -1, WIDTH)).flatten(0, 1)
        total = torch.zeros((), device=ids.device)
        for index, head in enumerate(self.heads):
            total = total + functional.cross_entropy(head(states), answers[:, index].repeat_interleave(READ))
        return total


def train_text(home: Path, budget: Budget, seed: int, sentences: int = SENTENCES) -> None:
    """Pretrain the text encoder: a minute or two, and the painter learns subjects many times sooner for it."""
    torch.manual_seed(seed)
    with accelerator().main_process_first():
        tokenizer = write_tokenizer(home, seed, sentences)
    world = world_of(home)
    reader = Reader(len(tokenizer), world)
    run = Run(home / "text.safetensors", reader, adamw(reader.parameters(), 0.01), seed, ema=0.99)
    if run.device.type == "cpu":
        reader.encoder.set_attn_implementation("eager")  # faster than sdpa at this size

    def loss_of(random: Random, _: torch.Generator, __: float) -> Tensor:
        scenes = [world.sample(random) for _ in range(BATCH)]
        ids = token_ids(tokenizer, [world.caption(scene, random) for scene in scenes])
        return reader.loss(ids.to(run.device), targets(scenes, world).to(run.device))

    train(run, budget, Schedule(1.5e-3, warm_up=50, decay=0.7), loss_of)


def load_text(home: Path, seed: int) -> tuple[CLIPTokenizer, CLIPTextModel]:
    """The tokenizer and the pretrained text encoder."""
    tokenizer = write_tokenizer(home, seed)
    reader = Reader(len(tokenizer), world_of(home))
    Run(home / "text.safetensors", reader, adamw(reader.parameters(), 0.01), seed, ema=0.99).use_average()
    return tokenizer, reader.encoder.cpu()
