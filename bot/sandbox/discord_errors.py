"""Discord's error answers: an HTTP status, Discord's own error code, and its message."""

from __future__ import annotations

from typing import Any


class Refusal(Exception):
    """Raised anywhere below a request; the server turns it into Discord's error body."""

    def __init__(self, status: int, code: int, message: str, errors: dict[str, Any] | None = None) -> None:
        super().__init__(f"{status} ({code}): {message}")
        self.status = status
        self.code = code
        self.message = message
        self.errors = errors

    def to_wire(self) -> dict[str, Any]:
        body: dict[str, Any] = {"code": self.code, "message": self.message}
        return body | ({"errors": self.errors} if self.errors else {})


class PageRefusal(Refusal):
    """A refusal in a text of the page's; a fact may be an option or more, which go by their names in its language."""

    def __init__(self, status: int, code: int, key: str, **facts: Any) -> None:
        super().__init__(status, code, key)
        self.key, self.facts = key, facts


def unauthorized() -> Refusal:
    return Refusal(401, 0, "401: Unauthorized")


def not_found() -> Refusal:
    return Refusal(404, 0, "404: Not Found")


def unknown(code: int, what: str) -> Refusal:
    """Discord's 100xx family, such as 10008 "Unknown Message"."""
    return Refusal(404, code, f"Unknown {what}")


def invalid_form(path: str, code: str, message: str) -> Refusal:
    """50035 with the field named the way Discord nests it: "embeds.0.title" → {"embeds": {"0": {"title": …}}}."""
    errors: dict[str, Any] = {"_errors": [{"code": code, "message": message}]}
    for part in reversed(path.split(".")):
        errors = {part: errors}
    return Refusal(400, 50035, "Invalid Form Body", errors)
