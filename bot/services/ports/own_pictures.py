"""What the services need of the database to find a member's own pictures and prompts again, as a protocol."""

from __future__ import annotations

from typing import Protocol

SEARCHED = 5_000
"""A search looks at so many of someone's newest pictures."""


class OwnPictures(Protocol):
    async def search(self, user_id: int, words: tuple[str, ...]) -> tuple[list[str], bool]:
        """Return the ids of this user's finished pictures that hold all of the words, newest first.

        The words are as picture_search.sought returns them. Also return whether all of the pictures were looked at.
        """

    async def prompts(self, user_id: int) -> list[str]:
        """Return what this user newly asked for last, newest first, each on one line and once.

        Neither changes of a picture are among it, nor what was deleted.
        """
