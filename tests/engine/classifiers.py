"""Small classifiers for the picture check and the prompt guard, whose weights are written down rather than learned.

`python -m tests.engine.classifiers FOLDER` saves one that flags dark pictures, to try LIMNER_SAFETY with the starter:
its night scenes are flagged, those by day are not.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import torch

from harness import tiny_pipelines as tiny

DARK = 0.54
"""Mean brightness, from 0 to 1, at which the score is one half."""
SURE = 20.0
LABELS = {0: "normal", 1: "nsfw"}


def save_dark_check(folder: Path, dark: float = DARK) -> Path:
    """Save a picture check whose score rises from 0 to 1 as a picture's mean brightness falls below `dark`."""
    return _save_picture_check(folder, slope=-80.0, offset=80.0 * dark)


def save_doubtful_check(folder: Path) -> Path:
    """Save a picture check that doubts every picture: it waits for a moderator where one wants that, else is posted."""
    return _save_picture_check(folder, slope=0.0, offset=0.3)


def save_check(folder: Path, *, flags: bool, labels: dict[int, str] | None = None) -> Path:
    """Save a picture check that flags every picture, or none."""
    return _save_picture_check(folder, slope=0.0, offset=SURE if flags else -SURE, labels=labels)


def save_guard(folder: Path, *, blocks: bool) -> Path:
    """Save a text classifier that finds every text unsafe, or none."""
    from transformers import DistilBertConfig, DistilBertForSequenceClassification

    config = DistilBertConfig(
        vocab_size=300, dim=8, hidden_dim=8, n_layers=1, n_heads=1, max_position_embeddings=64,
        id2label={0: "safe", 1: "unsafe"}, label2id={"safe": 0, "unsafe": 1},
    )  # fmt: skip
    model = DistilBertForSequenceClassification(config)
    model.classifier.weight.data.zero_()
    model.classifier.bias.data = torch.tensor([0.0, SURE if blocks else -SURE])
    model.save_pretrained(folder)
    tiny.qwen_tokenizer().save_pretrained(folder)
    return folder


def save_writing_guard(folder: Path, verdict: str) -> Path:
    """Save a language model that answers every text with this verdict, as Qwen3Guard-Gen does."""
    from transformers import Qwen3ForCausalLM

    tokenizer = tiny.qwen_tokenizer()
    tokenizer.add_tokens([verdict])
    model = Qwen3ForCausalLM(tiny.qwen_config())
    for name, weight in model.named_parameters():
        if "embed" in name or "lm_head" in name:
            weight.data.zero_()
    model.model.embed_tokens.weight.data[:] = 1.0
    model.lm_head.weight.data[tokenizer.convert_tokens_to_ids(verdict)] = 1.0
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def _save_picture_check(folder: Path, slope: float, offset: float, labels: dict[int, str] | None = None) -> Path:
    """Save a ResNet of one channel that counts: the mean of the picture, of which the score is a logistic function."""
    from transformers import ResNetConfig, ResNetForImageClassification

    names = labels or LABELS
    config = ResNetConfig(
        embedding_size=1, hidden_sizes=[1], depths=[1], layer_type="basic",
        id2label=names, label2id={name: index for index, name in names.items()},
    )  # fmt: skip
    model = ResNetForImageClassification(config)
    for module in model.resnet.encoder.modules():
        if isinstance(module, torch.nn.Conv2d):
            module.weight.data.zero_()
    first: Any = model.resnet.embedder.embedder.convolution
    first.weight.data[:] = 1.0 / first.weight[0].numel()
    last: Any = model.classifier[-1]
    last.weight.data = torch.tensor([[0.0], [slope]])
    last.bias.data = torch.tensor([0.0, offset])
    model.save_pretrained(folder)
    processor = {
        "image_processor_type": "ViTImageProcessor",
        "do_resize": True, "size": {"height": 64, "width": 64}, "resample": 2,
        "do_rescale": True, "rescale_factor": 1 / 255, "do_normalize": False,
    }  # fmt: skip
    (folder / "preprocessor_config.json").write_text(json.dumps(processor))
    return folder


if __name__ == "__main__":
    print(save_dark_check(Path(sys.argv[1])))
