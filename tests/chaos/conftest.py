"""The bot of the integration tests, whose verbs the chaos plays."""

from tests.integration.conftest import clock, database, engine, simcord_bot, swift, world

__all__ = ["clock", "database", "engine", "simcord_bot", "swift", "world"]
