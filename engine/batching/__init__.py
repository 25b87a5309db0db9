"""Continuous batching: the policy of what shares a denoising step, its forecast, and the thread that computes it."""
