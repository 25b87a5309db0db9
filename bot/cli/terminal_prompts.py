"""Asks questions on a terminal or on standard input: one line each, an empty one takes the default."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable

from bot.operator_errors import CannotStart, OperatorError
from bot.ui.i18n import text


class Asker:
    """Asks in one language; it can be changed between questions."""

    def __init__(self, locale: str) -> None:
        self.locale = locale

    def say(self, key: str, **facts: str | int) -> None:
        print(text(self.locale, key, **facts))

    def ask(self, key: str, default: str, read: Callable[[str], str], *, hidden: bool = False) -> str:
        """Ask until `read`, which may raise OperatorError, takes the answer. Raises CannotStart at the end of input.

        What is hidden does not show while it is typed, and its default never.
        """
        shown = text(self.locale, "init-kept") if hidden and default else default or text(self.locale, "init-empty")
        question = f"{text(self.locale, key)}\n  [{shown}] > "
        while True:
            answer = self._line(question, hidden).strip() or default
            try:
                return read(answer)
            except OperatorError as error:
                self.say(error.key, **error.facts)
                if not sys.stdin.isatty():
                    raise CannotStart("init-ended") from error

    def agree(self, key: str, **facts: str | int) -> bool:
        """Ask for a yes; anything else is a no."""
        answer = self._line(f"{text(self.locale, key, **facts)} [y/N] > ", hidden=False)
        return answer.strip().lower() in ("y", "yes", "是")

    def _line(self, question: str, hidden: bool) -> str:
        try:
            if hidden and sys.stdin.isatty():
                return getpass.getpass(question)
            return input(question)
        except EOFError as error:
            print()
            raise CannotStart("init-ended") from error
