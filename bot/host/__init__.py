"""What the bot needs of the machine it runs on: its home, settings file, clock, and the engine's process."""
