"""Errors that the operator reads on the command line: each carries the key of its text, and the facts in it."""

from __future__ import annotations


class OperatorError(Exception):
    """The text `key` of the locale files, with `facts` filled in, says what happened and what to do."""

    def __init__(self, key: str, **facts: str | int) -> None:
        super().__init__(key)
        self.key, self.facts = key, facts


class CannotStart(OperatorError):
    """Limner ends before it serves anyone."""


class SettingsRefused(CannotStart):
    """A setting names what cannot be used: to start once more is of no use before it is corrected."""


class WrongUsage(OperatorError):
    """A command was called with something that it cannot take."""


class CannotRekey(OperatorError):
    """The database was not sealed anew; it and the settings are as they were."""


class CannotBackUp(OperatorError):
    """No backup was written, or none was put in place; what was there before is as it was."""
