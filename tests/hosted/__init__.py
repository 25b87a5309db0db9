"""The bot with models that are not Limner's, on a local server that is as strict as OpenAI."""
