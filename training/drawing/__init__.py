"""Draws scenes: the same scene and size always give the same pixels."""
