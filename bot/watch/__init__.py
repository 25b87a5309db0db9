"""The bot's metrics for Prometheus; nobody's id and no words are among them."""
