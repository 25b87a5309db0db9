"""The doctor's checks of what no test can change on a real machine, through its port."""

from __future__ import annotations

import socket as socket_module
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest

from bot.cli.doctor.finding import Finding
from bot.cli.doctor.inputs import Discord, gather_inputs
from bot.cli.doctor.probes import Answer
from bot.cli.doctor.run_checks import examine
from bot.domain.quota import Limit
from bot.settings import Settings
from bot.ui.i18n import LOCALES
from engine.api.address import Address
from engine.api.messages import Model, ModelFacts, ModelList
from engine.api.model_inventory import ModelEntry, ModelInventory
from engine.api.placement import Format

GIB = 1 << 30
TOKEN = "MTEwMDAwMDAwMDAwMDAwMDAwMA.abcdef.anythingthatislongenoughtobeone"


@dataclass
class FakeOutside:
    """Implements Outside."""

    python: tuple[int, int, int] = (3, 11, 7)
    seconds: float = 4_000_000_000.0
    versions: dict[str, str | None] = field(default_factory=dict)
    examination: ModelInventory | None = None
    smi: str | None = None
    apple: bool = False
    jail: str | None = ""
    bytes_free: int = 50 * GIB
    bytes_memory: tuple[int, int] = (16 * GIB, 12 * GIB)

    def now(self) -> float:
        return self.seconds

    def version_of(self, package: str) -> str | None:
        return self.versions.get(package, version(package))

    def output(self, *command: str, blank: tuple[str, ...] = ()) -> str | None:
        if command[0] == "nvidia-smi":
            return self.smi
        if command[-1].endswith("jail.py"):
            return self.jail
        return msgspec.json.encode(self.examination).decode() if self.examination else None

    def has_apple_gpu(self) -> bool:
        return self.apple

    def memory(self) -> tuple[int, int]:
        return self.bytes_memory

    def formats(self) -> frozenset[Format]:
        return frozenset({Format.FULL})

    def free_bytes(self, folder: Path) -> int:
        return self.bytes_free

    async def get(self, url: str, headers: Mapping[str, str], socket: Path | None = None) -> Answer:
        raise OSError("nothing is there")


def models(parameters: int, cuda: str | None = None) -> ModelInventory:
    found = {
        "LIMNER_MODEL": ModelEntry("m", "/m", "here", parameters),
        "LIMNER_PLANNER": ModelEntry("p", "/p", "here", 1),
    }
    return ModelInventory(found, "2.13.0", cuda)


async def one(check: str, probes: FakeOutside, tmp_path: Path) -> Finding:
    probes.examination = probes.examination or models(1000)
    findings = await examine(Settings(home=tmp_path / "home", limits=(Limit(1, "day"),)), probes)
    for finding in findings:
        for locale in LOCALES:
            assert finding.fact(locale)
            assert bool(finding.remedy(locale)) == (finding.verdict != "ok")
    [found] = [finding for finding in findings if finding.check == check][:1]
    return found


H100 = "NVIDIA H100, 580.65.06, 81559, 80000"


@pytest.mark.parametrize(
    ("check", "probes", "verdict", "key"),
    [
        ("python", FakeOutside(), "ok", "doctor-python"),
        ("python", FakeOutside(python=(3, 10, 1)), "fails", "doctor-python"),
        ("packages", FakeOutside(), "ok", "doctor-packages"),
        ("packages", FakeOutside(versions={"aiohttp": None}), "fails", "doctor-packages-absent"),
        ("packages", FakeOutside(versions={"torch": None}), "fails", "doctor-packages-absent"),
        ("packages", FakeOutside(versions={"aiohttp": "3.0"}), "warning", "doctor-packages-other"),
        ("clock", FakeOutside(), "ok", "doctor-clock"),
        ("clock", FakeOutside(seconds=100_000.0), "fails", "doctor-clock-past"),
        ("disk", FakeOutside(), "ok", "doctor-disk"),
        ("disk", FakeOutside(bytes_free=1_000_000_000), "warning", "doctor-disk"),
        ("disk", FakeOutside(bytes_free=1_000_000), "fails", "doctor-disk"),
        ("gpu", FakeOutside(), "ok", "doctor-gpu-none"),
        ("gpu", FakeOutside(apple=True), "ok", "doctor-gpu-apple"),
        ("gpu", FakeOutside(smi=H100, examination=models(10**9, "13.0")), "ok", "doctor-gpu"),
        ("gpu", FakeOutside(smi=H100, examination=models(10**9)), "warning", "doctor-gpu-unused"),
        ("gpu", FakeOutside(examination=models(10**9, "13.0")), "warning", "doctor-gpu-needed"),
        (
            "gpu",
            FakeOutside(smi=H100.replace("580", "550"), examination=models(10**9, "13.0")),
            "fails",
            "doctor-gpu-driver",
        ),
        ("gpu", FakeOutside(smi=H100.replace("580", "550"), examination=models(10**9, "12.8")), "ok", "doctor-gpu"),
        ("memory", FakeOutside(), "ok", "doctor-memory"),
        ("memory", FakeOutside(examination=models(3 * 10**9)), "warning", "doctor-memory-taken"),
        ("memory", FakeOutside(examination=models(4 * 10**9)), "fails", "doctor-memory"),
        ("memory", FakeOutside(examination=models(4 * 10**9), apple=True), "ok", "doctor-memory"),
        ("memory", FakeOutside(smi=H100, examination=models(30 * 10**9, "13.0")), "ok", "doctor-memory"),
        ("memory", FakeOutside(smi=H100, examination=models(40 * 10**9, "13.0")), "fails", "doctor-memory"),
    ],
)
async def test_a_check(check: str, probes: FakeOutside, verdict: str, key: str, tmp_path: Path) -> None:
    found = await one(check, probes, tmp_path)
    assert (found.verdict, found.key) == (verdict, key)


async def test_versions_are_not_said_to_be_right_where_nothing_says_which_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where pip installed Limner from its package, no constraints.txt stands beside it."""
    monkeypatch.setattr("bot.cli.doctor.machine._pins", dict)
    found = await one("packages", FakeOutside(versions={"aiohttp": "9.0"}), tmp_path)
    assert (found.verdict, found.key) == ("ok", "doctor-packages-here")


async def test_an_engine_that_cannot_look_at_its_models(tmp_path: Path) -> None:
    probes = FakeOutside()
    findings = await examine(Settings(home=tmp_path / "home"), probes)
    assert [found.verdict for found in findings if found.check == "models"] == ["fails"]


async def test_a_check_that_breaks_is_a_finding(tmp_path: Path) -> None:
    class Broken(FakeOutside):
        def memory(self) -> tuple[int, int]:
            raise ZeroDivisionError

    found = await one("check", Broken(), tmp_path)
    assert (found.verdict, found.facts) == ("warning", {"check": "memory", "why": "ZeroDivisionError"})


async def test_answers_that_are_no_json_are_not_believed(tmp_path: Path) -> None:
    class Portal(FakeOutside):
        """A hotel's network, which answers everything with its page."""

        async def get(self, url: str, headers: Mapping[str, str], socket: Path | None = None) -> Answer:
            return Answer(200, b"<html>Please pay</html>", "not a date")

    inputs = await gather_inputs(Settings(home=tmp_path, discord_token=TOKEN), Portal())
    assert inputs.discord == Discord(200, guilds=None)
    findings: list[Any] = await examine(inputs.settings, Portal())
    assert [found.verdict for found in findings if found.check in ("token", "permissions")] == ["warning", "warning"]


async def test_all_servers_are_looked_at_however_many(tmp_path: Path) -> None:
    """Discord gives 200 at a time, after the one that is named."""

    class Popular(FakeOutside):
        async def get(self, url: str, headers: Mapping[str, str], socket: Path | None = None) -> Answer:
            query = parse_qs(urlsplit(url).query)
            if "limit" not in query:
                return Answer(200, b"{}", "")
            first = int(query.get("after", ["0"])[0]) + 1
            page = [{"id": str(n), "name": "x", "permissions": "0"} for n in range(first, min(451, first + 200))]
            return Answer(200, msgspec.json.encode(page), "")

    inputs = await gather_inputs(Settings(home=tmp_path, discord_token=TOKEN), Popular())
    assert inputs.discord.guilds is not None
    assert [guild["id"] for guild in inputs.discord.guilds] == [str(n) for n in range(1, 451)]


@pytest.mark.parametrize(("jail", "verdict"), [("\n", "ok"), ("landlock seccomp\n", "warning"), (None, "warning")])
async def test_the_jail_of_the_picture_decoder(jail: str | None, verdict: str, tmp_path: Path) -> None:
    found = await one("jail", FakeOutside(jail=jail), tmp_path)
    assert found.verdict == verdict
    assert found.facts.get("lacks") in (None, "landlock, seccomp")


async def test_it_says_in_how_many_servers_people_may_draw(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home", servers=frozenset({1, 2, 3}))
    findings = await examine(settings, FakeOutside(examination=models(1000)))
    (served,) = [finding for finding in findings if finding.key == "doctor-limits-servers"]
    assert all("3" in served.fact(locale) for locale in LOCALES)


async def test_below_the_limit_the_ceiling_is_what_each_person_has(tmp_path: Path) -> None:
    settings = Settings(
        home=tmp_path / "home", limits=(Limit(20, "hour"), Limit(100, "day")), ceiling=(Limit(5, "hour"),)
    )
    findings = await examine(settings, FakeOutside(examination=models(1000)))
    (said,) = [finding for finding in findings if finding.check == "limits"]
    assert "each person has 5/hour,100/day" in said.fact("en")
    assert "20/hour,100/day" in said.fact("en")


CARDS = "NVIDIA A, 580.65, 24576, 24000\nNVIDIA B, 580.65, 24576, 24000"


async def named(settings: Settings, probes: FakeOutside, check: str) -> list[Finding]:
    probes.examination = models(1000, "13.0")
    return [finding for finding in await examine(settings, probes) if finding.check == check]


async def test_each_gpu_with_an_engine_is_told_and_one_that_is_not_there(tmp_path: Path) -> None:
    probes = FakeOutside(smi=CARDS)
    both = await named(Settings(home=tmp_path, gpus="all"), probes, "gpu")
    assert [(finding.key, finding.facts["number"]) for finding in both] == [
        ("doctor-gpu-each", "0"),
        ("doctor-gpu-each", "1"),
    ]
    assert [finding.facts["name"] for finding in both] == ["NVIDIA A", "NVIDIA B"]
    [alone] = await named(Settings(home=tmp_path), probes, "gpu")
    assert alone.key == "doctor-gpu"
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("CUDA_VISIBLE_DEVICES", "1")
        [second] = await named(Settings(home=tmp_path, gpus=(0,)), probes, "gpu")
    assert (second.facts["number"], second.facts["name"]) == ("0", "NVIDIA B")
    [absent] = await named(Settings(home=tmp_path, gpus=(2,)), probes, "gpu")
    assert (absent.verdict, "there is no GPU 2 here, only 0, 1" in absent.fact("en")) == ("fails", True)
    [none] = await named(Settings(home=tmp_path, gpus="all"), FakeOutside(), "gpu")
    assert (none.verdict, "no NVIDIA GPU" in none.fact("en")) == ("fails", True)


class Answering(FakeOutside):
    """Engines that answer, each with its own painter."""

    async def get(self, url: str, headers: Mapping[str, str], socket: Path | None = None) -> Answer:
        if socket and socket.name == "dead":
            raise OSError("nobody is there")
        painter = Model("b" if socket and socket.name == "b" else "a", limner=ModelFacts("painter"))
        return Answer(200, msgspec.json.encode(ModelList([painter])))


async def test_each_engine_of_a_list_is_asked_and_one_with_other_models_is_told(tmp_path: Path) -> None:
    engines = tuple(Address("http://engine", Path(f"/run/{name}")) for name in ("a", "dead", "b"))
    found = await named(Settings(home=tmp_path, engines=engines), Answering(), "sockets")
    assert [finding.key.removeprefix("doctor-sockets") for finding in found] == ["", "-unreachable", "", "-differs"]
    assert found[-1].fact("en") == "engine3 is left out: its painter is b, and that of engine1 is a."
    assert found[-1].remedy("en")


async def test_each_engine_of_our_own_is_asked(tmp_path: Path) -> None:
    with ExitStack() as stack:
        for name in ("gpu0", "gpu1"):
            stack.enter_context(socket_module.socket(socket_module.AF_UNIX)).bind(str(tmp_path / f"engine-{name}.sock"))
        found = await named(Settings(home=tmp_path, gpus="all"), Answering(smi=CARDS), "sockets")
    assert [finding.key for finding in found] == ["doctor-sockets"] * 2
    assert {str(finding.facts["where"])[-9:] for finding in found} == {"gpu0.sock", "gpu1.sock"}
