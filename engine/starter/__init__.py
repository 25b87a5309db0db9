"""The bundled models: their weights, card and evaluation; `training` makes them."""
