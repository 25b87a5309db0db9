"""LoRAs in a pipeline's denoiser and text encoders, which are switched on and off around what they compute.

Invariant: a denoiser computes with the LoRAs of the calls that it computes, text encoders with those of the prompt that
they read, and both with none otherwise: then to the bit as if there were none.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import torch

from engine.api.light_structlog import structlog
from engine.batching.task import current_task
from engine.errors import LoadFailed, is_out_of_memory
from engine.models.lora_files import SETTING, LoraUnusable, foreign

if TYPE_CHECKING:
    from engine.jobs.requests import Loras
    from engine.models.lora_files import LoraFile

UP = ("lora_B.", "lora.up.", "lora_up.", "lora_linear_layer.up.")
"""In the names of each layer's second matrix, in all the ways that diffusers spells them."""
MAX_REASON_CHARS = 200
TEXT_ENCODERS = ("text_encoder", "text_encoder_2", "text_encoder_3")

log = structlog.get_logger()


class Adapters:
    """The LoRAs of one pipeline; without any it does nothing. `keys` are peft's names of them by their own."""

    def __init__(self, pipeline: Any = None, keys: Mapping[str, str] | None = None) -> None:
        self._keys = dict(keys or {})
        denoiser = getattr(pipeline, "unet", None) or getattr(pipeline, "transformer", None)
        encoders = [getattr(pipeline, name, None) for name in TEXT_ENCODERS]
        self._denoiser = _Switch([denoiser] if self._keys else [])
        self._encoders = _Switch(encoders if self._keys else [])
        self.use(())
        self._encoders.use(())

    def use(self, loras: Loras) -> None:
        """Let the denoiser compute with these LoRAs, and no others, from now on."""
        self._denoiser.use(tuple((self._keys[name], weight) for name, weight in loras))

    @contextmanager
    def reading(self, loras: Loras) -> Iterator[None]:
        """Let the text encoders read with these LoRAs. No task may stop within."""
        self._encoders.use(tuple((self._keys[name], weight) for name, weight in loras))
        try:
            yield
        finally:
            self._encoders.use(())

    def of_text(self, loras: Loras) -> Loras:
        """Return those that change what the text encoders read."""
        return tuple((name, weight) for name, weight in loras if self._encoders.knows(self._keys[name]))

    def watch(self, denoiser: Any) -> None:
        """Switch before each forward of a denoiser that has no gate, to the LoRAs of the task that computes."""
        if self._keys:
            denoiser.register_forward_pre_hook(lambda *_: self._use_task_s())

    def _use_task_s(self) -> None:
        if (task := current_task()) is not None:
            self.use(task.job.painting.loras)


class _Switch:
    """The layers of some modules that peft has put LoRAs beside."""

    def __init__(self, modules: Sequence[Any]) -> None:
        self._layers: list[Any] = [layer for module in modules if module is not None for layer in _layers(module)]
        self._used: Loras | None = None

    def knows(self, key: str) -> bool:
        return any(key in layer.scaling for layer in self._layers)

    def use(self, loras: Loras) -> None:
        """Switch to these, by peft's names, and no others.

        Its own `set_adapter` walks through every LoRA's weights to freeze them; they are frozen, and each forward may
        need a switch, so the names are set directly.
        """
        if loras == self._used:
            return
        self._used = None  # as long as not all layers agree
        for layer in self._layers:
            mine = [(key, weight) for key, weight in loras if key in layer.scaling]
            layer._active_adapter = [key for key, _ in mine]
            for key, weight in mine:
                layer.set_scale(key, weight)
        self._used = loras


def _layers(module: torch.nn.Module) -> Iterator[Any]:
    from peft.tuners.tuners_utils import BaseTunerLayer

    return (part for part in module.modules() if isinstance(part, BaseTunerLayer))


def load_adapters(
    pipeline: Any, files: Sequence[LoraFile], painter: str
) -> tuple[Adapters, list[LoraFile], list[LoraUnusable]]:
    """Put LoRAs beside a pipeline's layers, all of them switched off; return those that are, and why others are not.

    Raises LoadFailed with a sentence for a pipeline that can have none.
    """
    if not files:
        return Adapters(), [], []
    if not hasattr(pipeline, "load_lora_weights"):
        raise LoadFailed(f"{SETTING}: diffusers loads no LoRAs into {type(pipeline).__name__}; leave it empty.")
    keys = {file.name: f"lora_{number}" for number, file in enumerate(files)}
    loaded: list[LoraFile] = []
    left_out: list[LoraUnusable] = []
    for file in files:
        try:
            if _load(pipeline, file, keys[file.name], painter) != _expected(pipeline, file):
                raise foreign(file, painter)
        except LoraUnusable as error:
            _take_out(pipeline, keys.pop(file.name))
            left_out.append(error)
        else:
            loaded.append(file)
            log.info("lora.loaded", name=file.name, triggers=len(file.triggers))
    return Adapters(pipeline, keys), loaded, left_out


def _take_out(pipeline: Any, key: str) -> None:
    """Remove what a LoRA that failed has left in the pipeline's layers."""
    for part in _parts(pipeline):
        for layer in _layers(part):
            if key in layer.scaling:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")  # which one is active now; all are switched off
                    layer.delete_adapter(key)
        getattr(part, "peft_config", {}).pop(key, None)


def _parts(pipeline: Any) -> Iterator[torch.nn.Module]:
    return (part for part in pipeline.components.values() if isinstance(part, torch.nn.Module))


def _load(pipeline: Any, file: LoraFile, key: str, painter: str) -> int:
    """Load one file under this name; return how many layers took it. Raises LoraUnusable."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            pipeline.load_lora_weights(str(file.path), adapter_name=key, use_safetensors=True, local_files_only=True)
    except Exception as error:  # diffusers, peft and torch each have their own for what does not fit
        if is_out_of_memory(error):
            raise
        reason = str(error).strip().partition("\n")[0][:MAX_REASON_CHARS]
        log.info("lora.failed", name=file.name, reason=reason)
        if "size mismatch" in str(error):
            raise foreign(file, painter) from error
        why = f"cannot be loaded into {painter}: {reason}; take it out."
        raise LoraUnusable("failed", file.path, why) from error
    count = 0
    for layer in (layer for part in _parts(pipeline) for layer in _layers(part)):
        if key in layer.scaling:
            count += 1
            base = next(layer.get_base_layer().parameters())
            for name in layer.adapter_layer_names:
                if key in (weights := getattr(layer, name)):
                    weights[key].requires_grad_(False).to(base.device, base.dtype)
    return count


def _expected(pipeline: Any, file: LoraFile) -> int:
    """Return how many layers the file has, by the names that diffusers gives them."""
    options = {"unet_config": pipeline.unet.config} if getattr(pipeline, "unet", None) else {}
    state = type(pipeline).lora_state_dict(str(file.path), use_safetensors=True, local_files_only=True, **options)
    tensors = state[0] if isinstance(state, tuple) else state
    return sum(any(part in name for part in UP) for name in tensors)
