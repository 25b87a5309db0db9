"""The answer of `python -m engine.model_inventory`: the models that the settings name, and whether they are on disk."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from engine.api.env_settings import Mistake
from engine.api.placement import Size

State = Literal[
    "here", "absent", "incomplete", "lacking", "pipeline", "pickled", "download", "unsupported", "package", "several",
    "parts",
]  # fmt: skip


class ModelEntry(Struct, frozen=True):
    """One model: `state` says whether its files are complete, `parameters` counts its weights' numbers.

    `side`: the side in pixels of the square that a painter was trained on; 0 where only loading it would show that.
    `one_at_a_time`: why a language model answers one request at a time, such as its class; empty where it need not.
    `parts`: their sizes on a GPU, by name; of a model that is not here, as the table of models has them.
    `packed`: the bytes of a GGUF file, 0 for other formats. `plain`: a language model without a chat template. `what`:
    the kind of model that is not supported, the parts of a pipeline that are not there, or the files among which one is
    to be named. `no_videos`: its processor is loaded without the part for videos, as torchvision is absent.
    """

    name: str
    place: str
    state: State
    parameters: int = 0
    side: int = 0
    one_at_a_time: str = ""
    packed: int = 0
    parts: dict[str, Size] = {}
    plain: bool = False
    what: str = ""
    no_videos: bool = False


class ModelInventory(Struct, frozen=True):
    """The models by the names of their settings; torch's version, and the CUDA version that it was built for.

    `mistakes`: what is wrong in the settings; then no model is listed.
    """

    models: dict[str, ModelEntry] = {}
    torch: str | None = None
    cuda: str | None = None
    weights: str = "auto"
    """The format that LIMNER_WEIGHTS names."""
    mistakes: list[Mistake] = []
    loras: list[str] = []
    """Names of the LoRAs that the painter can have; empty where `lora_fault` is the sentence why it can have none."""
    lora_fault: str = ""
    loras_left_out: list[str] = []
    """A sentence for each file that the engine will do without."""
    loras_absent: list[str] = []
    """The same for what LIMNER_LORAS names and is not there."""
    loras_to_fetch: list[str] = []
    """Those that the first start fetches from the hub."""
    upscaler: str = ""
    """The name of the super-resolution network; empty where none is set, or `upscaler_fault` says what is wrong."""
    upscaler_scales: list[int] = []
    upscaler_fault: str = ""
    upscaler_to_fetch: str = ""
    """The network's place on the hub, where the first start fetches it."""
