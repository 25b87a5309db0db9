"""Which models are loaded, from where, onto which device: catalogue, sources, placement, safety checks."""
