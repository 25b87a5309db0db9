"""GGUF files: a language model of the Llama kind with a few random weights, and a painter's denoiser."""

from __future__ import annotations

from pathlib import Path

from harness.tiny_pipelines import CHAT_TEMPLATE, byte_alphabet

HIDDEN, INNER, HEADS = 16, 32, 2
ORDINARY, CONTROL = 1, 3
"""Kinds of token."""


def save_gguf(file: Path, *, architecture: str = "llama", template: str | None = CHAT_TEMPLATE) -> Path:
    """Write the file and return it; needs the package gguf."""
    import numpy as np
    from gguf import GGUFWriter

    tokens = [*byte_alphabet(), "th", "<|im_start|>", "<|im_end|>"]
    file.parent.mkdir(parents=True, exist_ok=True)
    writer = GGUFWriter(file, architecture)
    writer.add_name("tiny")
    writer.add_context_length(4096)
    writer.add_block_count(1)
    writer.add_embedding_length(HIDDEN)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_rope_dimension_count(HIDDEN // HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("default")
    writer.add_token_list(tokens)
    writer.add_token_types([CONTROL if token.startswith("<|") else ORDINARY for token in tokens])
    writer.add_token_merges(["t h"])
    writer.add_bos_token_id(tokens.index("<|im_start|>"))
    writer.add_eos_token_id(tokens.index("<|im_end|>"))
    if template:
        writer.add_chat_template(template)
    square, norm = (HIDDEN, HIDDEN), (HIDDEN,)
    shapes = {
        "token_embd": (len(tokens), HIDDEN), "output_norm": norm, "blk.0.attn_norm": norm, "blk.0.ffn_norm": norm,
        "blk.0.attn_q": square, "blk.0.attn_k": square, "blk.0.attn_v": square, "blk.0.attn_output": square,
        "blk.0.ffn_gate": (INNER, HIDDEN), "blk.0.ffn_up": (INNER, HIDDEN), "blk.0.ffn_down": (HIDDEN, INNER),
    }  # fmt: skip
    random = np.random.default_rng(0)
    for name, shape in shapes.items():
        writer.add_tensor(f"{name}.weight", random.standard_normal(shape).astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return file


def pack_denoiser(folder: Path) -> Path:
    """Put a GGUF file in place of the safetensors of a denoiser's folder; matrices take eight bits where they can."""
    import numpy as np
    from gguf import GGMLQuantizationType, GGUFWriter, quants
    from safetensors.numpy import load_file

    (weights,) = folder.glob("*.safetensors")
    writer = GGUFWriter(file := folder / "denoiser-Q8_0.gguf", "flux")
    packed = GGMLQuantizationType.Q8_0
    for name, numbers in load_file(weights).items():
        if numbers.ndim == 2 and numbers.shape[1] % 32 == 0:
            writer.add_tensor(name, quants.quantize(numbers.astype(np.float32), packed), raw_dtype=packed)
        else:
            writer.add_tensor(name, numbers.astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    weights.unlink()
    return file
