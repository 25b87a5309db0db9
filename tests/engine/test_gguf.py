"""A language model in a GGUF file: it loads and answers, says what it takes, and one that cannot load says why."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

import pytest
import torch

from engine.api.messages import ChatMessage, ChatRequest, ImageRequest, JsonSchema, ResponseFormat
from engine.chatting.planner import Planner
from engine.chatting.schema_compiler import compile_schema
from engine.errors import LoadFailed
from engine.jobs.requests import Answer, Conversation
from engine.loading import load
from engine.models.device import Device
from engine.models.gguf_file import find_gguf, read_gguf
from engine.models.source import Source
from harness import tiny_pipelines as tiny
from harness.tiny_gguf import save_gguf
from tests.engine.test_families import Listener
from tests.engine.test_plain_planner import SCHEMA, Events, gpt2


@pytest.fixture(scope="module")
def gguf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_gguf(tmp_path_factory.mktemp("gguf") / "tiny-Q4.gguf")


@pytest.fixture(scope="module")
def painter(tmp_path_factory: pytest.TempPathFactory) -> Source:
    return given(tiny.save_painter(tmp_path_factory.mktemp("painter") / "painter"))


@pytest.fixture(autouse=True)
def fresh() -> None:
    read_gguf.cache_clear()


def given(place: Path) -> Source:
    return Source(str(place), "LIMNER_PLANNER names it", local=True)


def answer(planner: Planner) -> Answer:
    """Let it answer within a grammar."""
    wanted = ResponseFormat("json_schema", JsonSchema("PromptSpec", SCHEMA))
    request = ChatRequest([ChatMessage("user", "a boat")], max_tokens=60, temperature=0.0, response_format=wanted)
    seen = Events()
    planner.answer(Conversation(request, compile_schema(json.dumps(SCHEMA))), seen)
    last = seen.events[-1]
    assert isinstance(last, Answer)
    return last


@pytest.mark.parametrize("as_folder", [False, True])
def test_a_gguf_file_or_its_folder_loads_beside_a_painter_and_both_work(
    gguf: Path, painter: Source, as_folder: bool
) -> None:
    models = load(painter, given(gguf.parent if as_folder else gguf))
    assert isinstance(json.loads(answer(models.planner).text)["prompt"], str)
    text = models.planner._tokenizer.apply_chat_template([{"role": "user", "content": "a boat"}], tokenize=False)
    assert text == "<|im_start|>user\na boat<|im_end|>\n"
    listener = Listener()
    size = f"{models.painter.spec.smallest}x{models.painter.spec.smallest}"
    models.painter.paint(models.painter.spec.plan(ImageRequest("a boat", size=size), 1), listener)
    assert listener.pictures
    told = models.describe()[1]
    assert told.id == ("gguf0" if as_folder else "tiny-Q4")
    assert told.limner
    assert f"{gguf.stat().st_size / 1e9:.1f} GB, unpacked" in told.limner.why


def test_its_weights_are_those_of_the_file(gguf: Path) -> None:
    from gguf import GGUFReader

    planner = Planner.load(given(gguf), Device("cpu", torch.float32))
    stored = next(tensor.data for tensor in GGUFReader(gguf).tensors if tensor.name == "token_embd.weight")
    assert torch.equal(planner.model.get_input_embeddings().weight, torch.from_numpy(stored.copy()))
    count = sum(weights.numel() for weights in planner.model.parameters())
    assert read_gguf(gguf).parameters == count


def test_gpt2s_class_without_a_chat_template_loads_beside_a_painter_and_both_work(
    painter: Source, tmp_path: Path
) -> None:
    models = load(painter, given(gpt2(tmp_path / "gpt2")))
    assert isinstance(json.loads(answer(models.planner).text)["prompt"], str)


def test_the_file_is_not_the_folder_of_safetensors(gguf: Path, tmp_path: Path) -> None:
    both = tiny.save_planner(tmp_path / "both")
    shutil.copy(gguf, both / "also.gguf")
    assert find_gguf(both) is None
    assert find_gguf(tmp_path) is None
    assert find_gguf(tmp_path / "absent.gguf") is None
    shutil.copy(gguf, tmp_path / "UPPER.GGUF")
    assert find_gguf(tmp_path / "UPPER.GGUF")


def refusal(painter: Source, place: Path) -> str:
    with pytest.raises(LoadFailed) as caught:
        load(painter, given(place))
    return str(caught.value)


def test_what_cannot_be_loaded_says_why_and_what_to_do(gguf: Path, painter: Source, tmp_path: Path) -> None:
    odd = save_gguf(tmp_path / "odd.gguf", architecture="jabberwock")
    cut = tmp_path / "cut.gguf"
    cut.write_bytes(gguf.read_bytes()[:-5_000])
    empty = tmp_path / "empty.gguf"
    empty.write_bytes(b"GGUF")
    part = tmp_path / "big-00001-of-00002.gguf"
    shutil.copy(gguf, part)
    several = tmp_path / "several"
    several.mkdir()
    for name in ("Q4.gguf", "Q8.gguf", "mmproj-F16.gguf"):
        shutil.copy(gguf, several / name)
    told = {place: refusal(painter, place) for place in (odd, cut, empty, part, several)}
    assert "transformers cannot load (jabberwock)" in told[odd]
    assert "damaged or cut short" in told[cut]
    assert "damaged or cut short" in told[empty]
    assert "llama-gguf-split --merge" in told[part]
    assert "several GGUF files (Q4.gguf, Q8.gguf): name one" in told[several]
    assert all(sentence.endswith("; or serve it with llama.cpp, and set PLANNER_URL.") for sentence in told.values())


def test_without_the_package_it_is_named(gguf: Path, painter: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gguf", None)
    assert "install gguf" in refusal(painter, gguf)


def test_other_files_are_no_language_models(painter: Source, tmp_path: Path) -> None:
    file = tmp_path / "model.bin"
    file.write_bytes(os.urandom(64))
    assert "or a GGUF file" in refusal(painter, file)
