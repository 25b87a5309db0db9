"""Makes the starter pair: its world, drawings, training stages and evaluation; nothing that serves imports it."""
