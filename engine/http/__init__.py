"""The engine's HTTP: an ASGI app with OpenAI's routes, and the socket that it is served on."""
