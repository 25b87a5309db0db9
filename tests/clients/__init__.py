"""Clients that are not Limner's, unchanged, against a real engine process."""
