"""Checks what the engine computes with: the GPU and its driver, the models, and memory for them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bot.cli.doctor.finding import Finding, fails, gigabytes, ok, warning
from bot.cli.doctor.inputs import Inputs
from bot.domain.model_offers import Gpu, fitting, usual_room
from bot.ui.i18n import text
from bot.ui.model_offers import described, fits_key
from engine.api.model_inventory import ModelEntry, ModelInventory
from engine.api.placement import (
    HALF_PRECISION_BYTES,
    WORKING,
    Format,
    Size,
    device_bytes,
    place,
    shortfall,
    total_size,
)

DRIVERS = {12: 525, 13: 580}
"""The oldest driver for each CUDA, by NVIDIA's table of minor version compatibility."""
GPU_BYTES, CPU_BYTES = HALF_PRECISION_BYTES, 4
"""A parameter's: bfloat16 on a GPU, float32 on a CPU."""
SMALL = 100_000_000
"""Parameters that a CPU computes with in seconds."""
WORK = 1.2
"""What computing takes beside the weights, as a share."""


def check_gpu(inputs: Inputs) -> Iterator[Finding]:
    gpu, examination = inputs.gpu, inputs.examination
    if not inputs.owns_engine:
        yield ok("doctor-gpu-elsewhere")
    elif inputs.refused is not None:
        yield fails("doctor-gpu-refused", why=text(inputs.settings.locale, inputs.refused.key, **inputs.refused.facts))
    elif gpu is None and inputs.probes.has_apple_gpu():
        yield ok("doctor-gpu-apple")
    elif gpu is None:
        yield ok("doctor-gpu-none") if _is_small(examination) else warning("doctor-gpu-needed")
    elif examination is not None and examination.torch and examination.cuda is None:
        yield warning("doctor-gpu-unused", name=gpu.name, torch=examination.torch)
    elif (oldest := _oldest_driver(examination)) and _major(gpu.driver) < oldest:
        yield fails("doctor-gpu-driver", name=gpu.name, driver=gpu.driver, oldest=str(oldest))
    else:
        for number, each in inputs.gpus:
            facts = {"name": each.name, "driver": each.driver, "memory": gigabytes(each.total)}
            yield (
                ok("doctor-gpu", **facts)
                if inputs.settings.gpus is None
                else ok("doctor-gpu-each", number=number, **facts)
            )


def check_memory(inputs: Inputs) -> Iterator[Finding]:
    """Tell whether the models fit: on a GPU the engine's own placement is asked, else sizes are compared."""
    total, available = inputs.probes.memory()
    gpu = inputs.gpu if _uses(inputs.gpu, inputs.examination) else None
    have, free = (gpu.total, gpu.free) if gpu else (total, available)
    if not inputs.owns_engine:
        yield ok("doctor-memory-elsewhere", have=gigabytes(total))
        return
    if gpu is not None and (sizes := _sizes(inputs.examination)):
        for _, each in inputs.gpus:
            yield _placed(inputs, each, sizes)
        return
    needed = _parameters(inputs.examination) * _number_bytes(inputs) * WORK
    facts = {"needed": gigabytes(needed), "have": gigabytes(have), "free": gigabytes(free)}
    if not needed:
        yield ok("doctor-memory-unknown", have=gigabytes(have))
    elif needed > have:
        yield fails("doctor-memory", **facts)
    elif needed > free:
        yield warning("doctor-memory-taken", **facts)
    else:
        yield ok("doctor-memory", **facts)


def _placed(inputs: Inputs, gpu: Gpu, sizes: tuple[dict[str, Size], Size]) -> Finding:
    """Ask the engine's placement twice: of a GPU that nothing else uses, and of the memory that is free now."""
    asked = inputs.examination.weights if inputs.examination else "auto"
    host, _ = inputs.probes.memory()
    weights = None if asked == "auto" else Format(asked)
    room = usual_room(gpu, inputs.probes.formats(), host, weights)
    placement = place(*sizes, room)
    if placement is None:
        missing = shortfall(*sizes, room)
        key = "doctor-memory-host" if missing.of_host else "doctor-memory-gpu"
        return fails(key, needed=gigabytes(missing.needed), have=gigabytes(missing.free), name=gpu.name)
    facts = {
        "needed": gigabytes(device_bytes(*sizes, placement.where, placement.weights) + WORKING),
        "have": gigabytes(gpu.total),
        "free": gigabytes(gpu.free),
    }
    now = place(*sizes, replace(room, free=gpu.free))
    if now is None or (now.where, now.weights) != (placement.where, placement.weights):
        return warning("doctor-memory-taken", **facts)
    return ok("doctor-memory-placed", fits=text(inputs.settings.locale, fits_key(placement)), **facts)


def _sizes(examination: ModelInventory | None) -> tuple[dict[str, Size], Size] | None:
    """Return the sizes of the painter's parts and an editor's, and the language model's; None where unknown."""
    models = examination.models if examination else {}
    painter, editor, planner = (models.get(f"LIMNER_{name}") for name in ("MODEL", "EDITOR", "PLANNER"))
    if painter is None or not painter.parts:
        return None
    parts = {**painter.parts, **{f"editor/{name}": size for name, size in (editor.parts if editor else {}).items()}}
    return parts, total_size(planner.parts.values() if planner else ())


def check_models(inputs: Inputs) -> Iterator[Finding]:
    examination = inputs.examination
    if not inputs.owns_engine:
        yield ok("doctor-models-elsewhere")
        return
    if examination is None:
        yield fails("doctor-models-unknown")
        return
    if examination.mistakes:
        locale = inputs.settings.locale
        mistakes = "; ".join(text(locale, mistake.key, **mistake.facts) for mistake in examination.mistakes)
        yield fails("doctor-models-settings", mistakes=mistakes)
        return
    for setting, model in examination.models.items():
        yield from _model(setting, model, _number_bytes(inputs))
    if examination.lora_fault:
        yield fails("doctor-loras-refused", why=examination.lora_fault)
    for why in examination.loras_absent:
        yield fails("doctor-loras-left-out", why=why)
    for why in examination.loras_left_out:
        yield warning("doctor-loras-left-out", why=why)
    if examination.loras_to_fetch:
        yield warning("doctor-loras-download", files=", ".join(examination.loras_to_fetch))
    if examination.loras:
        yield ok("doctor-loras", count=len(examination.loras), names=", ".join(examination.loras))
    yield _upscaler(examination)


def _upscaler(examination: ModelInventory) -> Finding:
    if examination.upscaler_fault:
        return fails("doctor-upscaler-refused", why=examination.upscaler_fault)
    if examination.upscaler_to_fetch:
        return warning("doctor-upscaler-download", file=examination.upscaler_to_fetch)
    if examination.upscaler:
        scales = ", ".join(map(str, examination.upscaler_scales))
        return ok("doctor-upscaler", name=examination.upscaler, scales=scales)
    return ok("doctor-models-no-upscaler")


def check_choice(inputs: Inputs) -> Iterator[Finding]:
    """Offer the table's painters that fit this machine's GPU."""
    locale, gpu = inputs.settings.locale, inputs.gpu
    if not inputs.owns_engine:
        yield ok("doctor-choice-elsewhere")
    elif gpu is None:
        yield ok("doctor-choice-none")
    elif offers := fitting(gpu, inputs.probes.formats()):
        models = "; ".join(described(locale, offer) for offer in offers)
        yield ok("doctor-choice", name=gpu.name, models=models)
    else:
        yield ok("doctor-choice-small", name=gpu.name, memory=gigabytes(gpu.total))


def _number_bytes(inputs: Inputs) -> int:
    """Return how many bytes a parameter takes where the models compute."""
    on_gpu = _uses(inputs.gpu, inputs.examination) or inputs.probes.has_apple_gpu()
    return GPU_BYTES if on_gpu else CPU_BYTES


def _model(setting: str, model: ModelEntry, number_bytes: int) -> Iterator[Finding]:
    """Yield what is to be known of a model: one line, or one for each thing that could be better."""
    facts: dict[str, str | int] = {"setting": setting, "name": model.name, "place": model.place, "what": model.what}
    facts |= {"packed": gigabytes(model.packed), "unpacked": gigabytes(model.parameters * number_bytes)}
    if model.state == "download":
        yield warning("doctor-models-download", **facts)
        return
    if model.state != "here":
        yield fails(f"doctor-models-{model.state}", **facts)
        return
    facts["millions"] = round(model.parameters / 1e6) or 1
    if model.packed:
        yield ok("doctor-models-gguf", **facts)
    if model.plain:
        yield warning("doctor-models-plain", **facts)
    if model.one_at_a_time:
        yield warning("doctor-models-one-at-a-time", reason=model.one_at_a_time, **facts)
    if model.no_videos:
        yield ok("doctor-models-no-videos", **facts)
    if not (model.packed or model.plain or model.one_at_a_time or model.no_videos):
        yield ok("doctor-models", **facts)


def _uses(gpu: Gpu | None, examination: ModelInventory | None) -> bool:
    return gpu is not None and examination is not None and examination.cuda is not None


def _parameters(examination: ModelInventory | None) -> int:
    return sum(model.parameters for model in examination.models.values()) if examination else 0


def _is_small(examination: ModelInventory | None) -> bool:
    """Tell whether a CPU will do, as it does for the starter pair."""
    models = examination.models.values() if examination else ()
    return _parameters(examination) < SMALL and not any(model.state == "download" for model in models)


def _oldest_driver(examination: ModelInventory | None) -> int | None:
    return DRIVERS.get(_major(examination.cuda or "")) if examination else None


def _major(version: str) -> int:
    first = version.partition(".")[0]
    return int(first) if first.isdigit() else 0
