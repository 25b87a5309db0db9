"""What people see on Discord: texts, messages, buttons."""
