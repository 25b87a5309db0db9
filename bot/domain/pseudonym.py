"""What stands for someone whose data was erased: a keyed hash, which nobody can turn back without the key."""

from __future__ import annotations

from hashlib import blake2b


def pseudonym(secret: bytes, user_id: int) -> bytes:
    """Return 16 bytes, the same for the same secret and user."""
    return blake2b(str(user_id).encode(), digest_size=16, key=secret, person=b"limner-uses").digest()
