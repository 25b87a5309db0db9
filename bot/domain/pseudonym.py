"""Pseudonyms of users: keyed hashes, which nobody can turn back without the key."""

from __future__ import annotations

from hashlib import blake2b


def pseudonym(secret: bytes, user_id: int, purpose: bytes = b"limner-uses") -> bytes:
    """Return 16 bytes, the same for the same secret, user and purpose; a purpose has 16 bytes at most."""
    return blake2b(str(user_id).encode(), digest_size=16, key=secret, person=purpose).digest()


def turn_name(secret: bytes, user_id: int) -> str:
    """Return the name by which an engine takes turns; the same after a restart, as a job's key demands."""
    return pseudonym(secret, user_id, b"limner-turns").hex()
