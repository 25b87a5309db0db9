"""Tells replies that ask for a change from chat, beside the tables of words: logistic regression over hashed n-grams.

Its features are fastText's subwords and bigrams (Bojanowski et al. 2017, Joulin et al. 2017), with one weight each;
`limner train replies` learns them.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.starter.reader.words.stems import HAN_OR_KANA

FILE: Final = "replies.safetensors"
"""Lies beside the language model's weights: one tensor, `weights`, of BUCKETS + 1 halves, the last one the bias."""
BUCKETS: Final = 1 << 17
FINDS: Final = 1.25
"""The logit from which a reply that the tables take for chat is a change."""
DROPS: Final = -1.75
"""The logit below which a reply that the tables take for a change is chat: what they find is seldom wrong. Both were
chosen so that of strangers' replies as many chats as changes are taken for what they are; others then counted 96 and 95
of 100."""
_WORD: Final = re.compile(r"\w+(?:['’]\w+)?|[^\w\s]")


class ReplyClassifier:
    """Weighs a reply's words."""

    def __init__(self, weights: NDArray[np.float16]) -> None:
        """`weights`: BUCKETS + 1 numbers. Raises ValueError for another shape."""
        if weights.shape != (BUCKETS + 1,):
            raise ValueError(f"the weights of replies have the shape {weights.shape}, not ({BUCKETS + 1},)")
        self._weights = weights.astype(np.float32)

    @classmethod
    def load(cls, folder: Path) -> ReplyClassifier | None:
        """Return the classifier of a language model's folder; None where it has none."""
        from safetensors.numpy import load_file  # with the engine alone

        path = folder / FILE
        return cls(load_file(path)["weights"]) if path.is_file() else None

    def asks(self, words: str, *, to_tables: bool) -> bool:
        """Whether a reply asks for a change; `to_tables` says whether it does to the tables of words."""
        where, value = features(words)
        logit = value * self._weights[where].sum() + self._weights[BUCKETS]
        return bool(logit > (DROPS if to_tables else FINDS))


def features(words: str) -> tuple[list[int], float]:
    """Return which buckets the words fall into, and the value of each: longer words have more and smaller ones."""
    plain = re.sub(r"\s+", " ", unicodedata.normalize("NFKC", words).casefold().strip())
    plain = re.sub(r"(.)\1{2,}", r"\1\1", plain)
    framed, tokens = f"^{plain}$", ["^", *_WORD.findall(plain), "$"]
    sizes = range(1, 5) if HAN_OR_KANA.search(plain) else range(3, 6)
    found = {framed[at : at + size] for size in sizes for at in range(len(framed) - size + 1)}
    found |= {f"w{token}" for token in tokens} | {f"b{one} {two}" for one, two in pairwise(tokens)}
    buckets = sorted({zlib.crc32(gram.encode()) % BUCKETS for gram in found})
    return buckets, 2.5 * len(buckets) ** -0.75
