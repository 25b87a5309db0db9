"""The `limner` commands: run, imagine, init, backup, restore, doctor, mcp."""
