"""The phases of a job, by which its seconds are counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


class Phase(Enum):
    """Of a picture the first seven, of a chat the last three; both wait in the queue beside them."""

    WORDS = "words"
    """Of either: the prompt guard."""
    TEXT_ENCODER = "text_encoder"
    DENOISER = "denoiser"
    UPSCALER = "upscaler"
    """In place of the three before it, where a picture is enlarged."""
    AUTOENCODER = "autoencoder"
    CHECK = "check"
    """The picture check."""
    FILE = "file"
    """Waiting for the PNG file, while others compute."""
    WAITING = "waiting"
    """From acceptance to the begin."""
    READING = "reading"
    """From the begin to the first token."""
    WRITING = "writing"


@dataclass(frozen=True, slots=True)
class PhaseSeconds:
    """What a job that ended well took by phase; for the metrics, not for its readers."""

    seconds: Mapping[Phase, float]
