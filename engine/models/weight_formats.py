"""The formats of weights that this machine can load, and how diffusers and transformers are asked for them.

Invariant: in no format does a row of a batch change what another row gives: int8 has a scale for each row of what it
multiplies, and bitsandbytes' 4 bits are unpacked before they are multiplied.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.api.host_memory import available_bytes
from engine.api.installation import install_command, installed_formats
from engine.api.placement import Format, Room
from engine.errors import LoadFailed
from engine.models.device import Device

DENOISERS = ("transformer", "transformer_2", "unet")
TEXT_ENCODERS = ("text_encoder", "text_encoder_2", "text_encoder_3")
ONE_ROW_LAYERS = r"re:.*(time|guidance|pooled|add_embedding|mod|norm|adaLN).*"
"""Linear layers of denoisers that see one vector a picture, and not one a token: matrix products in int8 have at least
17 rows on CUDA, so their weights are unpacked instead."""
EXTRA = "small"


def room_for(device: Device, asked: Format | None = None) -> Room:
    """Return what models may take of a device, and of the host's memory. Raises LoadFailed where it cannot be `asked`.

    On CUDA each format may be chosen whose package is installed; elsewhere another than the full one has to be asked
    for, because nobody has measured it there.
    """
    if asked is not None and asked is not Format.FULL:
        if asked not in installed_formats():
            raise LoadFailed(
                f"LIMNER_WEIGHTS is {asked.value}, which needs {asked.package}: {install_command(EXTRA)}, or set auto."
            )
        if asked is Format.FOUR_BIT and device.name not in ("cuda", "xpu"):
            raise LoadFailed("LIMNER_WEIGHTS is 4bit, which needs a GPU; set int8 or auto.")
    formats = installed_formats() if device.name == "cuda" else frozenset({Format.FULL, asked or Format.FULL})
    return Room(device.free, available_bytes(), formats, asked, device.name == "mps")


def pipeline_options(index: Mapping[str, Any], weights: Format, dtype: Any) -> dict[str, Any]:
    """Return what `from_pretrained` of a pipeline with this model_index.json takes, for weights in this format."""
    if weights is Format.FULL:
        return {}
    import diffusers
    import transformers

    mapping = {}
    for name in index:
        if name in DENOISERS and _is_part(index[name]):
            mapping[name] = _configuration(diffusers, weights, dtype, denoises=True)
        elif name in TEXT_ENCODERS and _is_part(index[name]):
            mapping[name] = _configuration(transformers, weights, dtype)
    return {"quantization_config": diffusers.PipelineQuantizationConfig(quant_mapping=mapping)}


def planner_options(weights: Format, dtype: Any) -> dict[str, Any]:
    """Return what `from_pretrained` of a language model takes."""
    if weights is Format.FULL:
        return {}
    import transformers

    return {"quantization_config": _configuration(transformers, weights, dtype)}


def _configuration(library: Any, weights: Format, dtype: Any, *, denoises: bool = False) -> Any:
    """Return the library's own configuration of a format. The two libraries' classes have the same names."""
    if weights is Format.FOUR_BIT:
        return library.BitsAndBytesConfig(
            load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_use_double_quant=True, bnb_4bit_compute_dtype=dtype
        )
    return library.TorchAoConfig(int8_of_tokens() if denoises else int8_of_weights())


def int8_of_tokens() -> Any:
    """Return int8 for a denoiser: weights and tokens are multiplied in eight bits, each row with a scale of its own.

    One scale for a whole batch would let a loud picture coarsen its neighbour's numbers.
    """
    from torchao.quantization import FqnToConfig, Int8DynamicActivationInt8WeightConfig, PerRow

    whole = Int8DynamicActivationInt8WeightConfig(granularity=PerRow(), set_inductor_config=False)
    return FqnToConfig({ONE_ROW_LAYERS: int8_of_weights(), "re:.*": whole})


def int8_of_weights() -> Any:
    """Return int8 for what computes few rows at a time: weights alone, unpacked when they are multiplied."""
    from torchao.quantization import Int8WeightOnlyConfig, PerRow

    return Int8WeightOnlyConfig(granularity=PerRow(), set_inductor_config=False)


def _is_part(part: Any) -> bool:
    return isinstance(part, (list, tuple)) and len(part) == 2 and part[0] is not None
