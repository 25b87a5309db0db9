"""Continuous batching: which jobs share the next denoising step, and the one thread that computes it."""
