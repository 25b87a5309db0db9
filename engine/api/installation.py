"""How this Limner was installed, by make from a checkout or by pip from its package: sentences name that way alone."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from engine.api.placement import Format

EVERYTHING = "limner[engine]"
"""The package with its engine."""


def in_checkout() -> bool:
    """Whether the folder that holds Limner's code is a checkout, in which make installs."""
    return (Path(__file__).parents[2] / "Makefile").is_file()


def install_command(extra: str = "") -> str:
    """Return what installs the bot and the engine, or one of the package's other extras, as one types it."""
    if not extra:
        return "make setup" if in_checkout() else f"pip install '{EVERYTHING}'"
    if in_checkout():
        return f"python3 -m pip --python .venv/bin/python install --constraint constraints.txt --editable '.[{extra}]'"
    return f"pip install 'limner[{extra}]'"


def installed_formats() -> frozenset[Format]:
    """Return the formats of weights whose packages are here; none is imported for that."""
    return frozenset(weights for weights in Format if not weights.package or find_spec(weights.package))


def has_engine() -> bool:
    """Whether the packages that only the engine needs are installed; none is imported for that."""
    return all(find_spec(name) for name in ("torch", "diffusers", "transformers"))
