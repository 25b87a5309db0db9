"""Guidance in the first steps of a picture alone, where its layout is settled: limner.json's `guidance_end`.

Later it takes a picture away from what the painter has learnt, and each step takes twice the time with it: Kynkäänniemi
et al., arXiv:2404.07724. For StableDiffusionPipeline, in the way that diffusers' own SDCFGCutoffCallback goes, which
knows one picture at a time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

PIPELINES = ("StableDiffusionPipeline",)
TENSORS = ("latents", "prompt_embeds")
"""What the pipeline hands to the callback behind each step."""


def guided_steps(end: float, steps: int) -> int:
    """Return how many steps have guidance, at least the first."""
    return max(1, round(end * steps))


def end_guidance(pipeline: Any, prompt_embeds: torch.Tensor) -> torch.Tensor:
    """Let a pipeline in the midst of its steps go on without guidance; return the embeddings that it needs from now on.

    Takes (2 · pictures, tokens, width), of which the second half says what is asked for.
    """
    if not pipeline.do_classifier_free_guidance:
        return prompt_embeds
    pipeline._guidance_scale = 1.0
    return prompt_embeds.chunk(2)[1]
