"""Tries the wheel in dist/ as a host without a checkout would: a fresh environment, an empty folder, a picture.

First `limner` alone, which says that it has no engine; then `limner[engine]`, which draws with the starter, by the
command line and on the sandbox's page. What pip fetches is shown as it comes; each step says how long it took.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
DIST = ROOT / "dist"
OWN = ("LIMNER_", "DISCORD_", "ENGINE_", "PLANNER_", "PYTHONPATH", "VIRTUAL_ENV")
CHECKOUT = re.compile(r"\bmake (setup|run|clean)\b|\.venv|\.env\.example|\bdocs/")
"""What only a checkout has."""
PICTURE_S = 120.0
TOLD_EVERY_S = 5.0


def main() -> int:
    (wheel,) = DIST.glob("limner-*.whl")
    folder = Path(tempfile.mkdtemp(prefix="limner-release-"))
    try:
        check_wheel(wheel, folder)
    finally:
        with timed("removing what was installed"):
            shutil.rmtree(folder)
    print("The wheel stands alone.")
    return 0


def check_wheel(wheel: Path, folder: Path) -> None:
    here, venv = folder / "empty", folder / "venv"
    here.mkdir()
    step("a fresh environment", [sys.executable, "-m", "venv", "--without-pip", str(venv)], here)
    install(str(wheel), venv)
    limner = str(venv / "bin" / "limner")
    step("limner --version", [limner, "--version"], here)
    for verb in (["run"], ["models"], ["engine"], ["imagine", "a boat"]):
        told = step(f"limner {verb[0]}, without an engine", [limner, *verb], here, code=1)
        check("pip install 'limner[engine]'" in told, f"it says how to install the engine: {told}")
    install(f"{wheel}[engine]", venv)
    told = step("limner doctor", [limner, "doctor", "--json"], here, code=None)
    failed = [each for each in json.loads(told[told.index("{") :])["checks"] if each["verdict"] == "fails"]
    check(not failed, f"nothing fails: {failed}")
    step("limner models", [limner, "models"], here)
    step("limner imagine", [limner, "imagine", "a red boat on a lake", "--out", "boat.png", "--json"], here)
    check((here / "boat.png").read_bytes().startswith(b"\x89PNG"), "there is a picture")
    step("limner init, with Enter at each question", [limner, "init"], here, answers="\n" * 5)
    draw_on_the_page(limner, here)


def install(what: str, venv: Path) -> None:
    """Install as a host would, with the versions that the release names; what pip fetches is shown."""
    pip = [sys.executable, "-m", "pip", "--python", str(venv / "bin" / "python"), "--disable-pip-version-check"]
    command = [*pip, "install", "--constraint", str(DIST / "constraints.txt"), what]
    print(f"- pip install {Path(what).name}", flush=True)
    shown = [sys.executable, "-m", "tools.install", *command]
    done = subprocess.run(shown, cwd=ROOT, env=clean(), check=False)  # noqa: S603 - where the module is
    check(done.returncode == 0, f"pip install {what}: exit code {done.returncode}")


def step(name: str, command: list[str], here: Path, *, code: int | None = 0, answers: str = "") -> str:
    """Run a command in the empty folder; return what it prints. Ends where it does not end as it should."""
    with timed(name):
        done = subprocess.run(  # noqa: S603
            command, cwd=here, env=clean(), check=False, capture_output=True, text=True, input=answers
        )
    told = done.stdout + done.stderr
    check(code is None or done.returncode == code, f"{name}: exit code {done.returncode}\n{told}")
    check("Traceback" not in told, told)
    check(not CHECKOUT.search(told), f"no sentence speaks of what only a checkout has: {told}")
    return told


@contextmanager
def timed(name: str) -> Iterator[None]:
    """Say what is done, that it goes on, and how long it took."""
    began, done = time.monotonic(), threading.Event()

    def tell() -> None:
        while not done.wait(TOLD_EVERY_S):
            print(f"  … {time.monotonic() - began:.0f} s so far", flush=True)

    print(f"- {name} …", flush=True)
    telling = threading.Thread(target=tell, daemon=True)
    telling.start()
    try:
        yield
    finally:
        done.set()
        telling.join()
    print(f"  {time.monotonic() - began:.1f} s", flush=True)


def draw_on_the_page(limner: str, here: Path) -> None:
    """Start `limner run`, ask for a picture as its page does, wait for it, and stop as Ctrl-C does."""
    with timed("limner run, until a picture is on its page"), running([limner, "run"], here) as url:
        until(lambda: state(url)["online"], "the bot")
        (drawing, *_) = state(url)["channels"]
        body = {"as": "Ada", "channel_id": drawing["id"], "name": "imagine", "options": {"prompt": "a boat at sunset"}}
        call(f"{url}/page/command", body)
        until(lambda: any(finished(message) for message in state(url)["messages"]), "a picture")


def finished(message: dict[str, Any]) -> bool:
    """Tell whether a message has its picture, and not a preview, under which Cancel alone stands."""
    return bool(message["attachments"]) and "Cancel" not in json.dumps(message["components"])


@contextmanager
def running(command: list[str], here: Path) -> Iterator[str]:
    """Run the sandbox meanwhile, on a free port; yield its address, and see that it ends well."""
    environment = {**clean(), "LIMNER_SANDBOX_PORT": "0"}
    with subprocess.Popen(command, cwd=here, env=environment, stderr=subprocess.PIPE, text=True) as process:  # noqa: S603
        told: list[str] = []
        try:
            for line in process.stderr or ():
                told.append(line)
                if found := re.search(r"open (http://[\d.:]+)", line):
                    yield found[1]
                    break
            else:
                check(False, f"limner run ended:\n{''.join(told)}")
        finally:
            process.send_signal(signal.SIGINT)
            told += process.stderr or ()
        check(process.wait(60) == 0, f"limner run: exit code {process.returncode}\n{''.join(told)}")
        check(not CHECKOUT.search("".join(told)), "".join(told))


def state(url: str) -> Any:
    return call(f"{url}/page/state?as=Ada")


def call(url: str, body: object = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(url, data), timeout=30) as answer:  # noqa: S310 - our own page
        return json.loads(answer.read())


def until(holds: Any, what: str) -> None:
    end = time.monotonic() + PICTURE_S
    while not holds():
        check(time.monotonic() < end, f"{what} did not come within {PICTURE_S:.0f} s")
        time.sleep(0.2)


def clean() -> dict[str, str]:
    """Return the environment of someone who has set nothing of Limner's."""
    return {key: value for key, value in os.environ.items() if not key.startswith(OWN)}


def check(holds: bool, what: str) -> None:
    if not holds:
        sys.exit(f"The release is not right: {what}")


if __name__ == "__main__":
    sys.exit(main())
