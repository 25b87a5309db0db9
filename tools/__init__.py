"""What installs and packs Limner: run by make with the machine's own Python, before any package is there."""
