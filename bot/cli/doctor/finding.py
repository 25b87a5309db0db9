"""The result of one check: a verdict, a fact, and a remedy unless all is well."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bot.ui.i18n import is_known, text
from engine.api.installation import in_checkout

Verdict = Literal["ok", "warning", "fails"]


@dataclass(frozen=True, slots=True)
class Finding:
    """`key` names the fact's text, `doctor-<check>-…`; the text of the remedy is `<key>-remedy`.

    Where Limner was not installed by make, `<key>-remedy-package` goes before that, if there is one.
    """

    verdict: Verdict
    key: str
    facts: dict[str, str | int]

    @property
    def check(self) -> str:
        return self.key.split("-")[1]

    def fact(self, locale: str) -> str:
        return text(locale, self.key, **self.facts)

    def remedy(self, locale: str) -> str:
        """Empty where nothing is to be done."""
        if self.verdict == "ok":
            return ""
        packaged = f"{self.key}-remedy-package"
        key = packaged if not in_checkout() and is_known(packaged) else f"{self.key}-remedy"
        return text(locale, key, **self.facts)


def ok(key: str, **facts: str | int) -> Finding:
    return Finding("ok", key, facts)


def warning(key: str, **facts: str | int) -> Finding:
    """Limner works, yet not as well as it could, or this could not be found out."""
    return Finding("warning", key, facts)


def fails(key: str, **facts: str | int) -> Finding:
    """Limner does not work like this."""
    return Finding("fails", key, facts)


def gigabytes(count: float) -> str:
    """Return bytes as people read them."""
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"
