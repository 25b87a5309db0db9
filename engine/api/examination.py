"""What `python -m engine.examine` tells of the models that the settings name."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

State = Literal["here", "absent", "incomplete", "pickled", "download"]


class Examined(Struct, frozen=True):
    """A model: `state` is how much of it is here, `parameters` how many numbers its weights have.

    `side` is of the square that a painter was made for, in pixels, 0 where that shows only once it is loaded.
    """

    name: str
    place: str
    state: State
    parameters: int = 0
    side: int = 0


class Examination(Struct, frozen=True):
    """The models by their settings, or what is wrong there; torch's version, and the CUDA that it was built for."""

    models: dict[str, Examined] = {}
    torch: str | None = None
    cuda: str | None = None
    mistakes: str = ""
