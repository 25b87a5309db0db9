"""The process that owns the GPU: the language model and the painter behind an OpenAI-shaped API."""
