"""Upscalers with random weights: what their files say, pictures without seams, an engine that goes on meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from engine.api.address import Address
from engine.api.client import EngineClient
from engine.api.errors import BadRequest
from engine.api.messages import Completed, ImageRequest, PartialImage, Progress, StartImage
from engine.errors import LoadFailed
from engine.jobs.job import Job, NullReporter
from engine.models.lora_files import Place
from engine.models.upscaler_file import UpscalerFile, read_upscaler, read_upscaler_place
from engine.painting.upscaler import Upscaler
from engine.painting.upscaler_spec import CROP, MAX_SIDE, SIDES, UpscalerSpec
from harness.tiny_upscalers import network, save_upscaler
from tests.engine.conftest import KEY, EngineProcess
from tests.engine.pictures import file, opened

NETWORKS = {
    "rrdb x4": network("rrdb", 4),
    "rrdb x2, folded": network("rrdb", 2, unshuffle=2),
    "rrdb x2": network("rrdb", 2),
    "compact x4": network("compact", 4, blocks=2),
    "compact x2": network("compact", 2),
}


@pytest.fixture(autouse=True)
def no_gradients() -> Iterator[None]:
    with torch.no_grad():
        yield


def read(path: Path) -> UpscalerFile:
    found = read_upscaler(Place(str(path)))
    assert found is not None
    return found


def loaded(path: Path, side: int = max(SIDES)) -> Upscaler:
    """Return an upscaler whose tiles have this side at most."""
    upscaler = Upscaler(read(path), "cpu", torch.float32)
    upscaler._most = side
    return upscaler


def noise(width: int, height: int) -> Image.Image:
    return Image.fromarray(np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8))


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("layout", ["new", "former", "old"])
def test_scale_and_sizes_are_read_from_the_shapes_in_every_layout(name: str, layout: Any, tmp_path: Path) -> None:
    facts = NETWORKS[name]
    path = save_upscaler(tmp_path / "a.safetensors", facts, layout=layout, wrapper="params_ema.")
    found = read(path)
    assert (found.kind, found.scale, found.features, found.blocks) == (facts.kind, facts.scale, 8, facts.blocks)
    assert (found.unshuffle, found.doublings) == (facts.unshuffle, facts.doublings)
    if facts.kind == "rrdb":
        plain = save_upscaler(tmp_path / "b.safetensors", facts)
        picture = noise(10, 6)
        both = [loaded(each).enlarge(picture, facts.scale, NullReporter()) for each in (path, plain)]
        assert both[0].tobytes() == both[1].tobytes()


@pytest.mark.parametrize("name", NETWORKS)
def test_tiles_give_the_picture_that_one_tile_gives(name: str, tmp_path: Path) -> None:
    facts = NETWORKS[name]
    path, picture = save_upscaler(tmp_path / "a.safetensors", facts), noise(119, 55)
    whole, tiled = loaded(path), loaded(path, min(SIDES))
    assert len(whole._fitting().grid(*picture.size)) == 1 < len(tiled._fitting().grid(*picture.size))
    one, many = (np.asarray(each.enlarge(picture, facts.scale, NullReporter()), int) for each in (whole, tiled))
    assert one.shape == (55 * facts.scale, 119 * facts.scale, 3)
    assert one.std() > 5
    assert np.abs(one - many).max() <= 1


def test_a_network_that_looks_further_than_an_edge_shows_no_seam(tmp_path: Path) -> None:
    path = save_upscaler(tmp_path / "a.safetensors", network("rrdb", 4, blocks=3))
    assert read(path).reach > CROP
    tiled = loaded(path, min(SIDES))
    assert len(tiled._fitting().grid(40, 36)) == 4
    plain = np.asarray(tiled.enlarge(Image.new("RGB", (40, 36), (200, 90, 30)), 4, NullReporter()), int)
    assert np.ptp(plain.reshape(-1, 3), axis=0).max() <= 1
    picture = noise(40, 36)
    one, many = (np.asarray(each.enlarge(picture, 4, NullReporter()), int) for each in (loaded(path), tiled))
    assert np.abs(one - many).max() <= 2


@pytest.mark.parametrize("axis", [0, 1])
def test_tiles_of_which_each_sees_another_shade_fade_into_one_another(
    axis: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiled = loaded(save_upscaler(tmp_path / "a.safetensors", NETWORKS["rrdb x4"]), min(SIDES))
    shades = iter((50, 200))
    monkeypatch.setattr(
        tiled, "_network", lambda cut: torch.full((1, 3, 4 * cut.shape[2], 4 * cut.shape[3]), next(shades) / 255)
    )
    width, height = (30, 50) if axis == 0 else (50, 30)
    assert len(tiled._fitting().grid(width, height)) == 2
    levels = np.asarray(tiled.enlarge(Image.new("RGB", (width, height)), 4, NullReporter()), int)
    steps = np.diff(levels, axis=axis)
    assert (levels.min(), levels.max()) == (50, 200)
    assert steps.min() >= 0 and steps.max() <= 5, "where they meet there is no edge to be seen"


@pytest.mark.parametrize("name", ["rrdb x4", "compact x4"])
def test_twice_is_the_half_of_four_times(name: str, tmp_path: Path) -> None:
    upscaler, picture = loaded(save_upscaler(tmp_path / "a.safetensors", NETWORKS[name])), noise(20, 12)
    four = np.asarray(upscaler.enlarge(picture, 4, NullReporter()), float)
    two = np.asarray(upscaler.enlarge(picture, 2, NullReporter()), float)
    assert two.shape == (24, 40, 3)
    assert np.abs(two - four.reshape(24, 2, 40, 2, 3).mean((1, 3))).max() <= 1


@pytest.mark.parametrize("width", [1, 31, 32, 33, 500, 1_057, MAX_SIDE])
@pytest.mark.parametrize("unit", [1, 2])
def test_every_pixel_is_in_a_tile_and_every_tile_has_some(width: int, unit: int) -> None:
    spec = UpscalerSpec.of(network("rrdb", 2, blocks=9, unshuffle=unit), min(SIDES))
    grid = spec.grid(width, 1)
    assert grid.width % unit == 0
    assert (grid.columns - 1) * grid.width < width <= grid.columns * grid.width
    assert grid.width + 2 * spec.edge <= spec.side


def test_where_memory_runs_out_tiles_become_smaller_down_to_the_least(tmp_path: Path) -> None:
    upscaler = loaded(save_upscaler(tmp_path / "a.safetensors", NETWORKS["compact x2"]))
    sides = [upscaler._fitting().side]
    while upscaler.make_room():
        sides.append(upscaler._fitting().side)
    assert sides == list(SIDES)


def refusal(path: Path) -> str:
    with pytest.raises(LoadFailed) as refused:
        read_upscaler(Place(str(path)))
    return str(refused.value)


def test_what_is_no_such_network_is_refused_with_one_sentence(tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    path = tmp_path / "a.safetensors"
    save_upscaler(path, NETWORKS["rrdb x4"])
    weights = load_file(path)
    cases: dict[str, Any] = {
        "is neither; name another file": {"lora_A.weight": torch.zeros(2, 2)},
        "is neither; name another file, or": {**weights, "body.0.rdb1.conv1x1.weight": torch.zeros(4, 8, 1, 1)},
        "is neither; name": {**weights, "conv_hr.weight": torch.zeros(9, 8, 3, 3)},
        "is neither": {name: tensor for name, tensor in weights.items() if name != "conv_last.bias"},
    }
    for sentence, tensors in cases.items():
        save_file(tensors, path)
        assert sentence in refusal(path), sentence
    assert "enlarges 8 times" in refusal(save_upscaler(path, network("rrdb", 8)))
    assert "enlarges 1 times" in refusal(save_upscaler(path, network("compact", 1)))
    path.write_bytes(path.read_bytes()[:-1])
    assert "damaged or cut short" in refusal(path)
    path.with_suffix(".pth").write_bytes(b"x")
    assert "is a pickle" in refusal(path.with_suffix(".pth"))
    assert "is a folder; name the file in it" in refusal(tmp_path)
    assert "is neither a file here nor one of the hub" in refusal(tmp_path / "none.safetensors")
    assert read_upscaler_place("no-such/network") == Place("no-such/network")
    assert "no-such/network is neither a file here nor one of the hub" in refusal(Path("no-such/network"))
    assert read_upscaler_place("owner/model/a.safetensors") == Place("owner/model", "a.safetensors")


def test_requests_are_bounded_and_complete() -> None:
    spec = UpscalerSpec.of(NETWORKS["rrdb x4"], 128)
    picture = file(Image.new("RGB", (MAX_SIDE // 2, 40)))
    work = spec.plan(ImageRequest("a fox", negative_prompt="red"), 5, StartImage(picture, upscale=2))
    assert (work.size, work.steps, work.seeds, work.upscale) == (f"{MAX_SIDE}x80", 42, (5,), 2)
    for start, request, sentence in (
        (StartImage(picture, upscale=4), ImageRequest("a"), f"{MAX_SIDE} a side are the most"),
        (StartImage(picture, 0.5, upscale=2), ImageRequest("a"), "leave out mask, strength"),
        (StartImage(picture, upscale=2, references=(picture,)), ImageRequest("a"), "leave out mask, strength"),
        (StartImage(picture, upscale=2), ImageRequest("a", n=2), "leave out mask, strength, n"),
    ):
        with pytest.raises(BadRequest, match=sentence):
            spec.plan(request, 0, start)
    with pytest.raises(BadRequest, match="enlarges 2 times"):
        UpscalerSpec.of(NETWORKS["rrdb x2"], 128).plan(ImageRequest("a"), 0, StartImage(picture, upscale=4))


def test_a_tile_is_ranked_by_its_own_pixels() -> None:
    spec = UpscalerSpec.of(NETWORKS["rrdb x4"], 128)
    work = spec.plan(ImageRequest("a"), 0, StartImage(file(Image.new("RGB", (200, 200))), upscale=4))
    assert Job(work).painting.step_cost * work.steps == pytest.approx(800 * 800, rel=0.01)


@pytest.fixture(scope="module")
def process(models: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineProcess]:
    """Return a ready engine with an upscaler."""
    folder = tmp_path_factory.mktemp("upscaling")
    engine = EngineProcess(
        folder,
        ["--host", "127.0.0.1", "--port", "0", "--until-stdin-closes"],
        ENGINE_API_KEY=KEY,
        LIMNER_MODEL=str(models / "painter"),
        LIMNER_PLANNER=str(models / "planner"),
        LIMNER_UPSCALER=str(save_upscaler(folder / "tiny_x4.safetensors", NETWORKS["rrdb x4"])),
        OMP_NUM_THREADS="1",
    )
    engine.wait_for("models.ready")
    yield engine
    assert engine.close_stdin() == 0, engine.stderr
    assert "Traceback" not in engine.stderr


REQUEST = ImageRequest("a fox", seed=7, stream=True, x_progress=True)


async def test_a_real_engine_enlarges_and_says_so(process: EngineProcess) -> None:
    url, picture = str(process.wait_for("engine.listening")["address"]), noise(300, 40)
    async with EngineClient(Address(url), KEY) as client:
        painter = next(model for model in await client.models() if model.limner and model.limner.kind == "painter")
        assert painter.limner
        assert painter.limner.upscaler
        assert (painter.limner.upscaler.name, painter.limner.upscaler.scales) == ("tiny_x4", [2, 4])
        events = [event async for event in client.images(REQUEST, start=StartImage(file(picture), upscale=4))]
        again = [event async for event in client.images(REQUEST, start=StartImage(file(picture), upscale=4))]
        with pytest.raises(BadRequest, match="upscale"):
            [event async for event in client.images(REQUEST, start=StartImage(file(noise(1_600, 8)), upscale=4))]
    steps = [(event.step, event.steps) for event in events if isinstance(event, Progress)]
    assert steps[-1][0] == steps[-1][1] == len(steps) > 1
    last = events[-1]
    assert isinstance(last, Completed)
    assert isinstance(again[-1], Completed)
    assert (last.size, last.seed, last.steps, last.model) == ("1200x160", 7, None, "tiny_x4")
    assert last.b64_json == again[-1].b64_json
    image = opened(last.b64_json)
    assert image.size == (1200, 160)
    assert "Postprocess upscaler: tiny_x4" in image.info["parameters"]
    assert image.info["parameters"].startswith("a fox\n")
    assert '"upscale": 4' in image.info["limner"]


async def test_others_paint_between_two_tiles_and_a_cancelled_one_ends(process: EngineProcess) -> None:
    url = str(process.wait_for("engine.listening")["address"])
    async with EngineClient(Address(url), KEY) as client:
        large = client.images(REQUEST, key="large", start=StartImage(file(noise(1_500, 300)), upscale=4))
        tiles, painted = 0, False
        async for event in large:
            tiles += isinstance(event, Progress)
            if tiles == 1 and not painted:
                asked = ImageRequest("a fox", num_inference_steps=2, stream=True)
                small = [each async for each in client.images(asked)]
                painted = isinstance(small[-1], Completed)
                assert await client.holds("large")
                await client.cancel("large")
                break
            assert not isinstance(event, PartialImage | Completed)
        await large.aclose()
        assert painted
    assert 0 < process.wait_for("job.cancelled", job_id="large")["step"] < 20
    assert process.wait_for("job.stopped", job_id="large")["code"] == "cancelled"
