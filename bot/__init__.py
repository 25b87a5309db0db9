"""The Discord side of Limner: commands, limits, records; no models."""
