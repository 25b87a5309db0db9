"""What `limner mcp` asks of the running bot, and what it is answered: one JSON line each way on a Unix socket."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from engine.api.messages import MAX_SEED

SOCKET = "agents"
MAX_REQUEST = 1 << 18
"""Bytes of a request; longer words than are drawn still get their own sentence."""

Id = Annotated[int, Meta(gt=0, le=2**63 - 1)]
PictureId = Annotated[str, Meta(max_length=64)]
Seed = Annotated[int, Meta(ge=0, le=MAX_SEED)]
Shape = Literal["", "square", "portrait", "landscape", "wide", "tall"]


class Call(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """For whom the agent acts, and the channel that its pictures are posted in."""

    user_id: Id
    channel_id: Id


class Draw(Call, frozen=True, tag=True):
    """Draw new pictures; an empty shape is the person's usual one."""

    words: str
    shape: Shape = ""
    count: Annotated[int, Meta(ge=1, le=4)] = 1
    seed: Seed | None = None
    exact: bool = False


class Change(Call, frozen=True, tag=True):
    """Change a picture of the person's; `number` is the one of a set, counted from 1."""

    picture: PictureId
    words: str
    number: int = 1


class LookUp(Call, frozen=True, tag=True):
    """Show a request of the person's."""

    picture: PictureId


class Usage(Call, frozen=True, tag=True):
    """Say what the person has left."""


Request = Draw | Change | LookUp | Usage


class Picture(Struct, frozen=True):
    """Facts of a request. `state` is one of JobState's; `link` leads to its message, and is empty without one."""

    id: str
    state: str
    words: str
    understood: str
    prompt: str
    negative: str
    seed: int
    size: str
    link: str


class Answer(Struct, frozen=True):
    """A sentence, empty where there is nothing to say, the facts, and the pictures as WebP files."""

    says: str = ""
    refused: bool = False
    picture: Picture | None = None
    files: tuple[bytes, ...] = ()


decode_request = msgspec.json.Decoder(Request).decode
decode_answer = msgspec.json.Decoder(Answer).decode
encode = msgspec.json.encode
