"""The version of the Limner that is installed, from its package's metadata."""

from __future__ import annotations

from importlib import metadata


def version() -> str:
    """Return it; empty where Limner runs from a folder that was never installed."""
    try:
        return metadata.version("limner")
    except metadata.PackageNotFoundError:
        return ""
