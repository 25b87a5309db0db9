"""What the sources must not hold: loaders that run code, connections that go elsewhere, shells."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted(path for folder in ("bot", "engine", "bench") for path in (ROOT / folder).rglob("*.py"))
FORBIDDEN = {
    "a pickle": r"\b(?:import|from) (?:pickle|shelve|marshal)\b|joblib|torch\.load\(|allow_pickle=True"
    r"|weights_only=False",
    "code that comes with a model": r"trust_remote_code=(?!False)|custom_pipeline=|torch\.hub\.load|exec\(compile",
    "a shell": r"shell=True|subprocess_shell\(|os\.system\(|os\.popen\(|subprocess\.getoutput",
    "code from text": r"(?<![\w.])(?:eval|exec)\(",
    "YAML that makes objects": r"yaml\.(?:unsafe_)?load\(",
    "a check of certificates that is off": r"verify_ssl=False|ssl=False|CERT_NONE|_create_unverified",
    "unpacking that makes paths of names": r"extractall\(|\.extract\(",
    "temporary names that can be guessed": r"mktemp\(",
    "a listener for all": r"""["']0\.0\.0\.0["']|["']::["']""",
}
CLIENTS = {
    "bot/ui/cdn.py": "files of Discord's CDN",
    "bot/cli/doctor/probes.py": "what the operator's settings name",
    "engine/health.py": "the engine's own socket",
    "engine/api/connection.py": "the engine, or what ENGINE_URL and PLANNER_URL name",
}
"""Who opens connections over HTTP, and to what. Discord's own are discord.py's, models come by their libraries."""


@pytest.mark.parametrize("what", sorted(FORBIDDEN))
def test_the_sources_hold_none_of(what: str) -> None:
    pattern = re.compile(FORBIDDEN[what])
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in SOURCES
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1)
        if pattern.search(line.partition("  # ")[0])
    ]
    assert found == []


@pytest.mark.parametrize(
    ("what", "line"),
    [
        ("a pickle", "state = torch.load(path)"),
        ("a pickle", "from pickle import loads"),
        ("code that comes with a model", "AutoModel.from_pretrained(name, trust_remote_code=True)"),
        ("a shell", "subprocess.run(words, shell=True)"),
        ("a shell", "await asyncio.create_subprocess_shell(words)"),
        ("code from text", "value = eval(text)"),
        ("YAML that makes objects", "yaml.load(file)"),
        ("a check of certificates that is off", "session.get(url, ssl=False)"),
        ("unpacking that makes paths of names", "archive.extractall(folder)"),
        ("temporary names that can be guessed", "path = tempfile.mktemp()"),
        ("a listener for all", 'create_server(("0.0.0.0", 80))'),
    ],
)
def test_the_patterns_find_what_they_look_for(what: str, line: str) -> None:
    assert re.search(FORBIDDEN[what], line)


def test_weights_are_asked_for_as_safetensors_alone() -> None:
    calls = re.compile(
        r"(?:\w*(?:Model|Pipeline)\w*|\bkind|Autoencoder\w+)\.from_pretrained\(([^()]*(?:\([^()]*\)[^()]*)*)\)"
    )
    found = {path: calls.findall(path.read_text("utf-8")) for path in SOURCES}
    loads = [(path, call) for path, list_of in found.items() for call in list_of]
    assert len(loads) >= 5, "the pattern finds the loads no more"
    for path, call in loads:
        # A GGUF file holds numbers alone, as safetensors do.
        kinds = ("use_safetensors=True", "use_safetensors=gguf is None", "**fixed")
        assert any(kind in call for kind in kinds), (path, call)


def test_connections_are_opened_where_they_are_known_to_be() -> None:
    opens = re.compile(r"ClientSession\(|urlopen\(|requests\.(?:get|post)\(|httpx\.|http\.client|create_connection\(")
    found = {str(path.relative_to(ROOT)) for path in SOURCES if opens.search(path.read_text("utf-8"))}
    assert {path for path in found if not path.startswith("bench/")} == set(CLIENTS)
    for path in CLIENTS:
        source = (ROOT / path).read_text("utf-8")
        assert "allow_redirects=False" in source or "http.client" in source, path  # the latter follows none
