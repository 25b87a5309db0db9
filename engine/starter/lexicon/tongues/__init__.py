"""How people in each language ask for a gallery's things: one table of words and patterns a language, in TOML."""
