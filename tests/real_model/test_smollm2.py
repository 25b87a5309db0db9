"""SmolLM2-135M-Instruct, a real language model: in the engine, in the bot, and served by llama.cpp."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bot.understanding.conversation import Request, chat_request
from bot.understanding.prompt_spec import Kind, json_schema, read_answer
from engine.chatting.planner import Planner
from engine.chatting.schema_compiler import compile_schema
from engine.jobs.requests import Answer, Conversation
from harness.processes import Bot, Discord, running, until
from harness.real_model import NO_SERVER, has_server, llama_server
from harness.tiny_models import Models
from tests.engine.test_plain_planner import Events

WORDS = "a sleeping cat"
"""Such a small model answers longer requests in circles."""
UNPACKED_S = 300.0
"""What loading may take on a busy machine: transformers reads the file's vocabulary three times."""
TRIES = 3
"""On a busy machine the first prompt may take the model longer than it is waited for; then it is remembered."""


def test_the_engine_answers_within_the_grammar(planner: Planner) -> None:
    asked = chat_request(Request(WORDS))
    seen = Events()
    planner.answer(Conversation(asked, compile_schema(json.dumps(json_schema()))), seen)
    answer = seen.events[-1]
    assert isinstance(answer, Answer)
    assert answer.finish_reason == "stop"
    assert set(json.loads(answer.text)) == set(json_schema()["required"])
    understood = read_answer(answer.text, WORDS)
    assert understood.kind is Kind.NEW
    assert understood.spec
    assert len(set(WORDS.split()) & set(understood.spec.prompt.replace(",", " ").split())) >= 2, (
        "it speaks of these words"
    )


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Models:
    return Models(tmp_path_factory.mktemp("models") / "tiny")


def draws(discord: Discord, bot: Bot) -> None:
    """Ask for a picture: it comes, understood by the language model and not drawn as written."""
    spec: dict[str, Any] = {}
    for _ in range(TRIES):
        before = len(discord.posts())
        discord.imagine(WORDS, steps=2)
        until(lambda: len(discord.posts()) > before and discord.picture(discord.posts()[-1]), "the picture")  # noqa: B023
        [(stored,)] = bot.rows("SELECT spec FROM jobs ORDER BY created_at DESC LIMIT 1")
        if not (spec := json.loads(stored)).get("fell_back"):
            break
    assert not spec.get("fell_back")
    assert spec["keywords"]
    assert "cat" in spec["prompt"] != WORDS
    assert f"Understood as: {spec['understood']}" in discord.newest()


@pytest.mark.full  # above, it answers in the engine; below, it drives the bot from a server
def test_it_drives_the_bot(model: Path, tiny: Models, tmp_path: Path) -> None:
    discord = Discord()
    try:
        settings = {**tiny.variables, "LIMNER_PLANNER": str(model), "LIMNER_LIMIT": "100/hour"}
        with running(discord, tmp_path / "home", **settings) as bot:
            draws(discord, bot.ready(UNPACKED_S))
    finally:
        discord.stop()


def test_llama_cpps_own_server_drives_the_bot(model: Path, tiny: Models, tmp_path: Path) -> None:
    if not has_server():
        pytest.skip(NO_SERVER)
    discord = Discord()
    try:
        with llama_server(model) as url:
            settings = {**tiny.variables, "PLANNER_URL": url, "LIMNER_PLANNER": "", "LIMNER_LIMIT": "100/hour"}
            with running(discord, tmp_path / "home", **settings) as bot:
                draws(discord, bot.ready())
    finally:
        discord.stop()
