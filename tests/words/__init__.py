"""Blocked words, their disguises, and words that are none: what the matcher is measured with."""
