"""Pictures of things to train on: fetched or named by their owner, checked, drawn to pixels, with their names."""
