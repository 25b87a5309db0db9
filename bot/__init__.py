"""The Discord bot: commands, limits, records; it loads no models."""
