"""Blocked words, found however they are disguised."""
