"""The bot of the integration tests, for what documents say of its commands."""

from tests.integration.conftest import clock, database, engine, simcord_bot, swift, world

__all__ = ["clock", "database", "engine", "simcord_bot", "swift", "world"]
