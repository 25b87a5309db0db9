"""Models of few steps, put together from several repositories of a small hub: what is fetched, and how they paint."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import structlog
import torch
from huggingface_hub import constants
from safetensors.torch import load_file, save_file

from engine.api.messages import ImageRequest
from engine.api.model_catalog import entry_of
from engine.api.placement import Format, Room
from engine.errors import LoadFailed
from engine.loading import load
from engine.model_inventory import take_inventory
from engine.models import model_choice
from engine.models.device import Device
from engine.models.fitting import fit
from engine.models.fused_lora import FUSED, add_lora
from engine.models.hub import fetch
from engine.models.hub_cache import in_cache, recipe_folder, remove
from engine.models.model_choice import choose_painter, choose_planner
from engine.models.pipeline_class import load_pipeline
from engine.models.recipes import fetch_all, fetches
from engine.models.source import Source, read_source
from engine.painting.capabilities import painter_spec_of
from engine.painting.painter import Painter
from engine.painting.painter_spec import PainterFacts
from harness import tiny_pipelines as tiny
from harness.small_hub import SmallHub
from tests.engine.test_families import Listener
from tests.engine.test_loading import paint, starter_planner

LCM, TAESD = "SimianLuo/LCM_Dreamshaper_v7", "madebyollin/taesd"
LIGHTNING, SDXL = "ByteDance/SDXL-Lightning", "stabilityai/stable-diffusion-xl-base-1.0"
FILE = "sdxl_lightning_4step_unet.safetensors"
QWEN, QWEN_LIGHTNING = "Qwen/Qwen-Image", "lightx2v/Qwen-Image-Lightning"
LORA, RANK, ALPHA = "Qwen-Image-Lightning-8steps-V2.0-bf16.safetensors", 2, 4.0
LAYERS = re.compile(r"transformer_blocks\..*(to_[qkv]|add_[qkv]_proj|to_out\.0|to_add_out|net\.2|net\.0\.proj)$")


def lcm() -> Any:
    """Return a tiny pipeline of LCM's class, with the parts that its repository has."""
    from diffusers import LatentConsistencyModelPipeline, LCMScheduler

    parts = tiny.sd15().components
    unet = tiny.unet(cross_attention_dim=32, attention_head_dim=8, time_cond_proj_dim=32)
    scheduler = LCMScheduler(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear")
    return LatentConsistencyModelPipeline(
        **{**parts, "unet": unet, "scheduler": scheduler, "image_encoder": None}, requires_safety_checker=False
    )


def lightning_lora(transformer: Any) -> dict[str, torch.Tensor]:
    """Return a LoRA as lightx2v writes them: names without a part, and a scale for each layer."""
    numbers, tensors = torch.Generator().manual_seed(3), dict[str, torch.Tensor]()
    for name, layer in transformer.named_modules():
        if LAYERS.match(name):
            tensors[f"{name}.lora_down.weight"] = torch.randn(RANK, layer.in_features, generator=numbers) * 0.1
            tensors[f"{name}.lora_up.weight"] = torch.randn(layer.out_features, RANK, generator=numbers) * 0.1
            tensors[f"{name}.alpha"] = torch.tensor(ALPHA)
    return tensors


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def repositories(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, bytes]]:
    folder = tmp_path_factory.mktemp("repositories")
    torch.manual_seed(0)
    lcm().save_pretrained(folder / "lcm")
    tiny.tiny_vae().save_pretrained(folder / "taesd")
    tiny.save_painter(folder / "sdxl", "sdxl")
    weights = load_file(folder / "sdxl" / "unet" / "diffusion_pytorch_model.safetensors")
    (folder / "lightning").mkdir()
    save_file({name: value + 0.01 for name, value in weights.items()}, folder / "lightning" / FILE)
    tiny.save_painter(folder / "qwen", "qwen-image")
    (folder / "qwen-lightning").mkdir()
    save_file(lightning_lora(tiny.qwen_image().transformer), folder / "qwen-lightning" / LORA)
    save_file({"unused": torch.zeros(1)}, folder / "qwen-lightning" / LORA.replace("8steps", "4steps"))
    whole = {LCM: "lcm", TAESD: "taesd", SDXL: "sdxl", LIGHTNING: "lightning"}
    whole |= {QWEN: "qwen", QWEN_LIGHTNING: "qwen-lightning"}
    return {name: files_of(folder / each) for name, each in whole.items()}


@pytest.fixture
def hub(
    repositories: dict[str, dict[str, bytes]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[SmallHub]:
    started = SmallHub(repositories)
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(constants, "ENDPOINT", started.url)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(
        constants, "HUGGINGFACE_CO_URL_TEMPLATE", started.url + "/{repo_id}/resolve/{revision}/{filename}"
    )
    yield started
    started.stop()


def named(name: str) -> Source:
    return Source(name, "a test names it", local=False)


def fetched(name: str) -> Path:
    return fetch_all(name, fetches(name), lambda wanted: fetch(wanted, lambda event: None))


def test_an_lcm_paints_on_a_cpu_with_a_tiny_autoencoder(hub: SmallHub) -> None:
    models = load(named(LCM), starter_planner())
    pipeline, spec = models.painter.pipeline, models.painter.spec
    kinds = [type(part).__name__ for part in (pipeline, pipeline.scheduler, pipeline.vae)]
    assert kinds == ["LatentConsistencyModelPipeline", "LCMScheduler", "AutoencoderTiny"]
    assert (spec.name, spec.steps, spec.guidance, spec.sizes["square"]) == (LCM, 4, 8.0, "512x512")
    assert models.painter.gate is not None, "requests share forwards"
    assert paint(models, 1) != paint(models, 2)
    assert not any("vae/diff" in asked and LCM in asked for asked in hub.asked), "the large autoencoder stays there"


def test_a_whole_unet_takes_the_place_of_the_base_s(hub: SmallHub) -> None:
    source = Source(str(fetched(LIGHTNING)), "a recipe", local=True)
    pipeline = load_pipeline(source, torch.float32)
    spec = painter_spec_of(pipeline, source.name, source.facts(PainterFacts))
    assert type(pipeline.scheduler).__name__ == "EulerDiscreteScheduler"
    assert pipeline.scheduler.config.timestep_spacing == "trailing"
    assert (spec.name, spec.steps, spec.guidance, spec.sizes["square"]) == (LIGHTNING, 4, 0.0, "1024x1024")
    weights = load_file(recipe_folder(LIGHTNING) / "unet" / "diffusion_pytorch_model.safetensors")
    name, value = next(iter(weights.items()))
    assert torch.equal(pipeline.unet.state_dict()[name], value)
    assert not any(f"{SDXL}/resolve" in asked and "unet/diffusion" in asked for asked in hub.asked)


def test_a_lora_is_added_to_the_base_s_weights_and_its_steps_and_noise_reach_the_pipeline(hub: SmallHub) -> None:
    folder = fetched(QWEN_LIGHTNING)
    assert in_cache(QWEN_LIGHTNING)
    lora_file = (folder / FUSED).resolve()
    lora_file.rename(lora_file.with_suffix(".away"))
    assert not in_cache(QWEN_LIGHTNING), "a link that leads nowhere"
    lora_file.with_suffix(".away").rename(lora_file)
    assert not any("4steps" in asked for asked in hub.asked)
    torch.set_grad_enabled(False)
    painter = Painter.load(Source(str(folder), "a recipe", local=True), CPU, provenance=False)
    spec = painter.spec
    assert (spec.name, spec.steps, spec.guidance, spec.guidance_argument) == (QWEN_LIGHTNING, 8, 1.0, "true_cfg_scale")
    assert spec.sizes["square"] == "1024x1024"
    base = load_file(folder / "transformer" / "diffusion_pytorch_model.safetensors")
    lora = lightning_lora(painter.pipeline.transformer)
    for name, weight in painter.pipeline.transformer.state_dict().items():
        layer, added = name.removesuffix(".weight"), torch.zeros_like(weight)
        if f"{layer}.alpha" in lora:
            added = lora[f"{layer}.lora_up.weight"] @ lora[f"{layer}.lora_down.weight"] * (ALPHA / RANK)
            assert added.abs().max() > 0.01
        assert torch.allclose(weight, base[name] + added, atol=1e-5), name
    times: list[torch.Tensor] = []
    painter.pipeline.transformer.register_forward_pre_hook(
        lambda *given: times.append(given[2]["timestep"]), with_kwargs=True
    )
    painter.spec = replace(spec, smallest=64)
    painter.paint(painter.spec.plan(ImageRequest("a boat", size="64x64"), 1), Listener())
    assert [len(each) for each in times] == [1] * 8, "eight steps a picture, and none of guidance"
    even = [1 - step / 8 for step in range(8)]
    assert [float(each[0]) for each in times] == pytest.approx([3 * time / (1 + 2 * time) for time in even], abs=1e-4)


def test_smaller_weights_are_refused_with_a_sentence_that_names_the_base(hub: SmallHub) -> None:
    entry = entry_of(QWEN_LIGHTNING)
    assert entry
    assert (entry.room(Room(1, asked=Format.INT8)), entry.room(Room(1))) == (None, Room(1, asked=Format.FULL))
    fetched(QWEN_LIGHTNING)
    with pytest.raises(LoadFailed, match=r"added to weights in full; set LIMNER_WEIGHTS=auto.*Qwen/Qwen-Image, in"):
        fit(named(QWEN_LIGHTNING), starter_planner(), CPU, Room(None, asked=Format.INT8))


@pytest.mark.parametrize("fault", ["another layer", "another size", "more than pairs"])
def test_a_lora_that_does_not_fit_changes_no_weight(fault: str, tmp_path: Path) -> None:
    pipeline = tiny.qwen_image()
    before = {name: value.clone() for name, value in pipeline.transformer.state_dict().items()}
    lora = lightning_lora(pipeline.transformer)
    if fault == "more than pairs":
        lora = {f"transformer.{name}".replace("lora_down", "lora_A"): value for name, value in lora.items()}
        lora = {name: value for name, value in lora.items() if "lora_A" in name}
    else:
        name = "transformer_blocks.1.attn.to_q"
        up = lora.pop(f"{name}.lora_up.weight")
        key = name if fault == "another size" else name.replace(".1.", ".7.")
        lora[f"{key}.lora_up.weight"] = up[:-1] if fault == "another size" else up
        if fault == "another layer":
            for part in ("lora_down.weight", "alpha"):
                lora[f"{key}.{part}"] = lora.pop(f"{name}.{part}")
    save_file(lora, tmp_path / "lora.safetensors")
    with pytest.raises(ValueError, match=r"lora\.safetensors is (a LoRA for another model|no LoRA that)"):
        add_lora(pipeline, tmp_path / "lora.safetensors")
    after = pipeline.transformer.state_dict()
    assert all(torch.equal(value, after[name]) for name, value in before.items())


def test_it_is_here_once_all_its_pieces_are_and_the_base_is_not(hub: SmallHub, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not in_cache(LIGHTNING)
    hub.cuts[f"{LIGHTNING}/{FILE}"] = [100] * 3
    folder = fetched(LIGHTNING)
    assert in_cache(LIGHTNING)
    assert not in_cache(SDXL), "its denoiser's weights are missing"
    monkeypatch.setenv("LIMNER_MODEL", LIGHTNING)
    assert take_inventory().models["LIMNER_MODEL"].state == "here", "as the doctor sees it"
    assert folder == recipe_folder(LIGHTNING)
    hub.asked.clear()
    fetched(LIGHTNING)
    assert [asked for asked in hub.asked if asked.startswith("GET") and "safetensors" in asked] == []
    remove(LIGHTNING)
    assert not in_cache(LIGHTNING)
    assert not folder.exists()


def test_what_is_here_starts_where_the_hub_does_not_answer(hub: SmallHub) -> None:
    fetched(LCM)
    hub.stop()
    assert load(named(LCM), starter_planner()).painter.spec.steps == 4


CPU = Device("cpu", torch.float32, "CPU")
AUTO, EMPTY = (read_source("LIMNER_MODEL", value, "painter") for value in ("auto", ""))


@pytest.mark.parametrize(
    ("device", "cores", "gb", "here", "expected"),
    [
        (CPU, 2, 8, True, LCM),
        (CPU, 2, 8, False, None),
        (CPU, 1, 8, True, None),
        (CPU, 2, 5, True, None),
        (Device("mps", torch.float16, "Apple GPU", 5_000_000_000, 6_000_000_000), 8, 8, True, LCM),
        (Device("mps", torch.float16, "Apple GPU", 4_000_000_000, 6_000_000_000), 8, 8, True, None),
        (Device("mps", torch.float16, "Apple GPU", 50_000_000_000, 60_000_000_000), 8, 64, False, None),
        (Device("xpu", torch.bfloat16, "Arc", 15_000_000_000, 16_000_000_000), 8, 64, False, "SDXL"),
    ],
)
def test_without_an_nvidia_gpu_it_is_chosen_once_the_host_has_fetched_it(
    device: Device, cores: int, gb: float, here: bool, expected: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model_choice, "cores", lambda: cores)
    monkeypatch.setattr(model_choice, "total_bytes", lambda: round(gb * 1e9))
    room = Room(device.free, is_shared=device.name == "mps")
    for given in (AUTO, EMPTY) if here or expected is None else (AUTO,):
        chosen = choose_painter(given, device, room, lambda name: here and name == LCM)
        if expected == "SDXL":
            assert chosen.name in {"black-forest-labs/FLUX.2-klein-4B", LIGHTNING}
        else:
            assert chosen == given if expected is None else chosen.name == expected
    if not here and device is CPU and cores > 1:
        with structlog.testing.capture_logs() as logs:
            choose_painter(AUTO, device, room, lambda name: False)
        assert any("limner models fetch" in entry["why"] for entry in logs if entry.get("name") == LCM)


def test_its_language_model_is_the_small_one_that_is_here() -> None:
    entry = entry_of(LCM)
    assert entry
    given = read_source("LIMNER_PLANNER", "auto", "planner")
    chosen = choose_planner(given, {}, CPU, Room(None), lambda name: "Qwen3" in name)
    assert chosen.name == entry.reader
    assert choose_planner(given, {}, CPU, Room(None), lambda name: False) == given
