"""Encrypts people's words and pictures in the database with AES-256-GCM, where the operator set a key.

Invariant: a sealed value opens in its own row and column alone; the row's column `sealed` says whether it is sealed.
"""

from __future__ import annotations

import base64
import secrets

NONCE_BYTES = 12
KEY_BYTES = 32


class Seal:
    """Encrypts (`close`) and decrypts (`open`); without a key values stay plain. `place` is "table.column:row id"."""

    def __init__(self, key: bytes = b"") -> None:
        self.on = bool(key)
        if key:
            from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # it takes memory that few need

            self._cipher = AESGCM(key)

    def close(self, value: bytes, place: str) -> bytes:
        """Return the nonce and what is sealed."""
        if not self.on:
            return value
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, value, place.encode())

    def open(self, value: bytes, place: str, sealed: object = True) -> bytes:
        """Return what was closed there; `sealed` is the row's own column. Raises SealBroken."""
        if not sealed:
            return value
        if not self.on:
            raise SealBroken
        from cryptography.exceptions import InvalidTag

        try:
            return self._cipher.decrypt(value[:NONCE_BYTES], value[NONCE_BYTES:], place.encode())
        except (InvalidTag, ValueError) as error:
            raise SealBroken from error

    def close_text(self, text: str, place: str) -> str:
        """The same for a column that holds text."""
        return base64.b64encode(self.close(text.encode(), place)).decode() if self.on else text

    def open_text(self, text: str, place: str, sealed: object = True) -> str:
        """Raises SealBroken."""
        return self.open(base64.b64decode(text), place).decode() if sealed else text


PLAIN = Seal()


class SealBroken(Exception):
    """The value was sealed with another key, or for another place, or was changed."""
