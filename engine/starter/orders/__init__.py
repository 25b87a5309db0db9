"""Reads what people ask of a gallery's things, in twelve languages, by its tables and the things' names."""
