"""The bot's host: home directory, .env, clock, permissions on Discord, the engine's process."""
