"""What bot and engine share, free of torch: the wire (messages, errors, address, client), and the form of the log."""
