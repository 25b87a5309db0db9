"""What the starter can be asked for: vocabulary, scenes, captions, and requests in several languages."""
