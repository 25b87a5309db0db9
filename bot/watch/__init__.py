"""Figures about the running bot for Prometheus; nobody's id and no words are among them."""
