"""Takes a tokenizer's control tokens, such as `<|im_end|>`, out of texts that people typed.

Invariant: no token of a cleaned text is a control token, so nobody ends a turn, or begins one in another role, by
typing it.
"""

from __future__ import annotations

import re
from typing import Any

MAX_PASSES = 16


class ControlTokens:
    """The control tokens of a Hugging Face tokenizer: its special tokens, and added ones that look like markup.

    `texts` are their spellings. Added tokens that are plain words or blanks are left alone, and so are single
    characters: SDXL pads with "!".
    """

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        added = [
            token.content
            for token in tokenizer.added_tokens_decoder.values()
            if token.special or not token.content.replace(" ", "").isalnum()
        ]
        self.texts = sorted({text for text in (*tokenizer.all_special_tokens, *added) if len(text.strip()) > 1})
        longest_first = sorted(self.texts, key=len, reverse=True)
        # A chat template may lower the case of what it is given, so upper and lower case count alike.
        self._pattern = re.compile("|".join(map(re.escape, longest_first)) or r"(?!)", re.IGNORECASE)
        # Ordinary characters that the vocabulary lacks become the unknown token too, so its id tells nothing.
        self._ids = set(tokenizer.convert_tokens_to_ids(self.texts)) - {tokenizer.unk_token_id}

    def remove(self, text: str) -> str:
        """Return the text with a space in the place of each control token."""
        for _ in range(MAX_PASSES):
            while self._pattern.search(text):  # what stood around a token may form another
                text = self._pattern.sub(" ", text)
            ids = self._tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"]
            if self._ids.isdisjoint(ids):
                return text
            # The normalizer made one of other characters: go on with what the other tokens stand for.
            text = self._tokenizer.decode([id_ for id_ in ids if id_ not in self._ids])
        return ""
