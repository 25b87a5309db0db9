"""Figures of the exported pair: a judge of pictures, the tables of the model card."""
