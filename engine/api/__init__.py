"""What bot and engine share, free of torch: the wire (messages, errors, clients), settings, log and metrics formats."""
