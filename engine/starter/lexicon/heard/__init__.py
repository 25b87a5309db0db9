"""Words that people also use for a gallery's things, settings and changes: read, never said; one table a language."""
