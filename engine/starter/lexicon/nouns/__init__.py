"""Nouns of things that no gallery need have, by language and family: `CODE.toml`. Read by `lexicon.families`."""
