"""What people see on Discord: texts, messages, embeds, buttons."""
