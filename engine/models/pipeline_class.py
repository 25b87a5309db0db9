"""Loads a pipeline of diffusers: as text-to-image where AutoPipeline knows how, else by the class that its files name.

Invariant: no code of a model's is run, and torchvision is not needed: a processor of videos is left out without it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import Any

from engine.api.installation import install_command
from engine.api.placement import Format
from engine.models.fused_lora import FUSED, add_lora
from engine.models.gguf_file import packed_denoiser
from engine.models.source import Source
from engine.models.weight_formats import DENOISERS, pipeline_options

SIBLINGS = {
    f"{name}Pipeline": {"Image2Image": f"{name}Img2ImgPipeline", "Inpainting": f"{name}InpaintPipeline"}
    for name in ("StableDiffusion", "StableDiffusionXL")
}
"""What AutoPipeline answers for these text-to-image classes, by task. To be asked, it imports the pipelines of all
families, which takes a third of a second and 18 MB; the starter is one of these."""


def load_pipeline(
    source: Source,
    dtype: Any,
    *,
    edits: bool = False,
    weights: Format = Format.FULL,
    straight: Mapping[str, Any] = MappingProxyType({}),
) -> Any:
    """Load from safetensors, or a denoiser from a GGUF file: other formats run code when they are read.

    `straight` is placement.straight_to's, where all parts are to be on the device. Raises ValueError with a sentence
    for a pipeline that only edits pictures, where it is not to edit them.
    """
    import diffusers  # takes seconds, so not before the engine listens

    index = diffusers.DiffusionPipeline.load_config(source.place, local_files_only=source.local)
    packed = dict(_packed_parts(source, index, dtype))
    unpacked = {name: part for name, part in index.items() if name not in packed}
    options = {"dtype": dtype, "local_files_only": source.local, **packed}
    options |= pipeline_options(unpacked, weights, dtype)
    name = str(index.get("_class_name"))
    painting = getattr(diffusers, name) if name in SIBLINGS else _known(name, "TEXT2IMAGE")
    if not packed and not getattr(painting, "_load_connected_pipes", False):  # such a pipeline is several
        options |= straight
    if painting is not None:
        kind = getattr(diffusers, name) if name in SIBLINGS else diffusers.AutoPipelineForText2Image
        pipeline = kind.from_pretrained(source.place, use_safetensors=True, **options)
        if source.local and (file := Path(source.place) / FUSED).is_file():
            add_lora(pipeline, file)
        return pipeline
    if not edits and _known(name, "IMAGE2IMAGE") is not None:
        raise ValueError("it paints nothing from words alone; name it in LIMNER_EDITOR, and another in LIMNER_MODEL")
    processors = {} if find_spec("torchvision") else _processors_of_pictures(source, index)
    return diffusers.DiffusionPipeline.from_pretrained(source.place, use_safetensors=True, **processors, **options)


def _packed_parts(source: Source, index: dict[str, Any], dtype: Any) -> Iterator[tuple[str, Any]]:
    """Yield the denoisers whose folders hold a GGUF file, loaded; they stay packed, and unpack each layer in its turn.

    Raises ValueError with a sentence where diffusers reads no such file for this class.
    """
    import diffusers

    for name in DENOISERS if source.local else ():
        file = packed_denoiser(Path(source.place) / name)
        if file is None or name not in index:
            continue
        kind = getattr(diffusers, index[name][1])
        if not hasattr(kind, "from_single_file"):
            raise ValueError(f"diffusers reads no GGUF file for {kind.__name__}")
        if find_spec("gguf") is None:
            raise ValueError(f"its {name} is a GGUF file: {install_command('gguf')}")
        yield (
            name,
            kind.from_single_file(
                str(file),
                config=source.place,
                subfolder=name,
                dtype=dtype,
                local_files_only=True,
                quantization_config=diffusers.GGUFQuantizationConfig(compute_dtype=dtype),
            ),
        )


def _known(name: str, task: str) -> Any:
    """Return the class of which AutoPipeline makes one for this task from the parts of one with this class name."""
    from diffusers.pipelines import auto_pipeline

    mapping = getattr(auto_pipeline, f"AUTO_{task}_PIPELINES_MAPPING")
    return auto_pipeline._get_task_class(mapping, name, throw_error_if_not_exist=False)


def _processors_of_pictures(source: Source, index: dict[str, Any]) -> dict[str, Any]:
    """Return those of a pipeline's parts that would process videos as well, loaded without that."""
    import transformers

    loaded = {}
    for name, part in index.items():
        library, class_name = part if isinstance(part, (list, tuple)) and len(part) == 2 else (None, None)
        kind = getattr(transformers, str(class_name), None) if library == "transformers" else None
        if not isinstance(kind, type) or not issubclass(kind, transformers.ProcessorMixin):
            continue
        processor: Any = kind
        if VIDEOS in processor.get_attributes():
            pictures = of_pictures(processor)
            loaded[name] = pictures.from_pretrained(source.place, subfolder=name, local_files_only=source.local)
    return loaded


VIDEOS = "video_processor"


def of_pictures(kind: Any) -> Any:
    """Return a processor's class without its part for videos; its name stays, and so the name in a saved pipeline."""
    attributes = [attribute for attribute in kind.get_attributes() if attribute != VIDEOS]
    own = {"get_attributes": classmethod(lambda _: attributes), "__module__": kind.__module__, "__doc__": kind.__doc__}
    return type(kind.__name__, (kind,), own)
