"""The wire between bot and engine: messages, errors, address and client, free of torch."""
