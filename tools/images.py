"""`make images`: builds the bot's and the engine's images with docker, podman or buildah, and tries each.

    python3 tools/images.py [--push]

IMAGE_PREFIX names them (limner: limner-bot and limner-engine), PYTHON_IMAGE the base, TORCH_INDEX and PIP_INDEX_URL
where packages come from. The base is fetched once and both are built on its digest, which their labels and
dist/images.txt tell, as that file does the digest of each image that was pushed. Standard library alone. Where no
builder is there, it says so, and builds nothing.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import threading
import time
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
BUILDERS = ("docker", "podman", "buildah")
ARGUMENTS = ("PYTHON_IMAGE", "TORCH_INDEX", "PIP_INDEX_URL", "PIP_TRUSTED_HOST")
BASE = "python:3.11-slim-bookworm"
LABEL = "org.opencontainers.image.base"
DIGESTS = ROOT / "dist" / "images.txt"
SILENT_S = 8.0
"""Builders are silent for minutes while packages are unpacked and layers are written."""
TRIED = {
    "bot": [["limner", "--version"], ["limner", "mcp", "--user", "1", "--channel", "1"]],
    "engine": [["python", "-m", "engine", "--help"], ["limner", "models"]],
}
"""What each image must do, with a root that nobody can write to, no network and nothing on standard input."""


def find_builder(names: Sequence[str] = BUILDERS) -> str | None:
    """Return the first program that is there and works; docker may be there without its server."""
    for name in names:
        if shutil.which(name) and subprocess.run([name, "info"], check=False, capture_output=True).returncode == 0:  # noqa: S603
            return name
    return None


def pinned(builder: str, image: str, *, fetch: bool = False) -> str:
    """Return an image's name with its digest; as it is where it has one, or where no registry gave it any."""
    if "@sha256:" in image:
        return image
    if fetch:
        subprocess.run([builder, "pull", image], check=False, stdout=subprocess.DEVNULL)  # noqa: S603
    inspect = [builder, "image", "inspect", "--format", "{{index .RepoDigests 0}}", image]
    if builder == "buildah":
        inspect = [builder, "inspect", "--type", "image", "--format", "{{.FromImageDigest}}", image]
    told = subprocess.run(inspect, check=False, capture_output=True, text=True).stdout.strip()  # noqa: S603
    digest = re.search(r"sha256:[0-9a-f]{64}", told)
    name = image if "/" in image.rpartition(":")[2] else image.rpartition(":")[0] or image
    return f"{name}@{digest[0]}" if digest else image


def build_command(builder: str, image: str, tags: Sequence[str], environment: Mapping[str, str]) -> list[str]:
    """Return the command that builds one image from the repository's root, on the base that PYTHON_IMAGE names."""
    named = [argument for tag in tags for argument in ("--tag", tag)]
    name, _, digest = environment.get("PYTHON_IMAGE", "").partition("@")
    if digest:
        named += ["--label", f"{LABEL}.name={name}", "--label", f"{LABEL}.digest={digest}"]
    taken = re.findall(r"^ARG (\w+)", (ROOT / "deploy" / f"{image}.Dockerfile").read_text("utf-8"), re.MULTILINE)
    given = [name for name in ARGUMENTS if name in taken and environment.get(name)]
    arguments = [argument for name in given for argument in ("--build-arg", f"{name}={environment[name]}")]
    return [builder, "build", "--file", f"deploy/{image}.Dockerfile", *named, *arguments, "."]


def try_commands(builder: str, tag: str, tried: Sequence[Sequence[str]]) -> list[list[str]]:
    """Return the commands that run some in a container of the image, and clean up."""
    if builder != "buildah":
        return [[builder, "run", "--rm", "--read-only", "--network", "none", tag, *command] for command in tried]
    container = f"limner-try-{os.getpid()}"
    return [
        ["buildah", "from", "--pull-never", "--name", container, tag],
        *(["buildah", "run", "--network", "none", container, "--", *command] for command in tried),
        ["buildah", "rm", container],
    ]


def tags_of(image: str, environment: Mapping[str, str]) -> list[str]:
    """Return an image's names: with the version, and the newest."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    prefix = environment.get("IMAGE_PREFIX") or "limner"
    return [f"{prefix}-{image}:{version}", f"{prefix}-{image}:latest"]


def run(command: Sequence[str], image: str) -> int:
    """Run a builder's command, and say that it goes on where it is silent; return its exit status."""
    began = said = time.monotonic()
    done = threading.Event()

    def tell() -> None:
        nonlocal said
        while not done.wait(1.0):
            now = time.monotonic()
            if now - said >= SILENT_S:
                said = now
                print(f"  … the {image}'s image, {int(now - began)} s so far", flush=True)

    with subprocess.Popen(  # noqa: S603 - our own commands
        command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        errors="replace",
    ) as process:  # fmt: skip
        telling = threading.Thread(target=tell, daemon=True)
        telling.start()
        for line in process.stdout or ():
            said = time.monotonic()
            print(line, end="", flush=True)
        done.set()
        telling.join()
    return process.returncode


def main(arguments: Sequence[str]) -> int:
    """Build and try both; return the exit status: 0 also where nothing can be built here."""
    builder = find_builder()
    if builder is None:
        print("Skipped: none of docker, podman and buildah works here, so no image can be built.")
        return 0
    base = pinned(builder, os.environ.get("PYTHON_IMAGE") or BASE, fetch=True)
    if "@" not in base:
        print(f"No registry tells a digest of {base}: the images are built on what this machine has by that name.")
    environment, digests = {**os.environ, "PYTHON_IMAGE": base}, [f"base {base}"]
    for image, tried in TRIED.items():
        tags = tags_of(image, environment)
        commands = [build_command(builder, image, tags, environment), *try_commands(builder, tags[0], tried)]
        if "--push" in arguments:
            commands += [[builder, "push", tag] for tag in tags]
        for line in commands:
            print("+", *line, flush=True)
            if code := run(line, image):
                return code
        print(f"{image}: {' and '.join(tags)} are built and work.", flush=True)
        if "--push" in arguments:
            digests.append(f"{image} {pinned(builder, tags[0])}")
    DIGESTS.parent.mkdir(exist_ok=True)
    DIGESTS.write_text("\n".join(digests) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
