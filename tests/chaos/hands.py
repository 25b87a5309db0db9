"""What a member does with their own hands on the sandbox's Discord: commands, buttons, selects, forms, words, files."""

from __future__ import annotations

import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any, cast

from harness.processes import Discord
from tests.fakes import PNG

Told = Callable[[str, str, int, Any], None]
"""Takes a member, the words of an /imagine, its count, and the outcome."""
JOB = re.compile("[0-9a-f]{32}")
TAKES = ("delete", "picture:delete", "my:sure")
PATIENCE_S, PICTURE_S = 15.0, 25.0
"""How long a button or an answer is waited for, which a crash may have taken away for good; and how long a picture."""


class Missed(Exception):
    """There was nothing to press, nobody to answer, or a fault in between: as members know it."""


class Hand:
    """One member; `played` gets the name of each verb that the bot acknowledged.

    The names are those of the command tree ("/limits set", "/imagine seed", "Refine picture"), of the buttons and
    selects ("again", "my:sure"), of the forms ("refine-form"), and "reply" and "mention".
    """

    def __init__(self, discord: Discord, member: str, played: set[str], told: Told) -> None:
        self._discord, self.member, self._played, self._told = discord, member, played, told
        self.taken: set[str] = set()
        """Jobs whose pictures the member took away, or may have."""
        self.erased = False
        """Whether the member asked for everything to be erased."""

    def of(self, member: str) -> Hand:
        return Hand(self._discord, member, self._played, self._told)

    def command(self, name: str, **options: object) -> Any:
        outcome = self._act("command", name=name, options=options)
        self._note(f"/{name}", *(f"/{name} {option}" for option in options))
        return outcome

    def imagine(self, words: str, **options: object) -> Any:
        outcome = self.command("imagine", prompt=words, **options)
        self._told(self.member, words, int(str(options.get("count", 1))), outcome)
        return outcome

    def choice(self, name: str, option: str) -> str:
        """Return the first value that is offered for an option while nothing is typed."""
        outcome = self._act("autocomplete", name=name, options={option: ""}, focused=option)
        if not outcome.get("choices"):
            raise Missed(f"nothing is offered for {option}")
        return str(outcome["choices"][0]["value"])

    def upload(self) -> str:
        """Upload a photo; return its id."""
        address = f"{self._discord.url}/page/upload?as={self.member}&name=photo.png"
        with _asking(), urllib.request.urlopen(urllib.request.Request(address, PNG), timeout=30) as answer:
            return str(json.loads(answer.read())["id"])

    def menu(self, name: str, message: Any) -> Any:
        outcome = self._at(message, "menu", name=name, target_id=message["id"])
        self._note(name)
        return outcome

    def press(self, action: str, tail: str = "", *, on: Any = None) -> Any:
        """Press the newest button of this action that the member sees, or the one on a message."""
        message, item = self.find(action, tail, on=on)
        self._take(action, item)
        outcome = self._at(message, "click", message_id=message["id"], custom_id=item["custom_id"])
        self._note(action)
        return outcome

    def choose(self, action: str, value: str = "", *, on: Any = None) -> Any:
        """Choose a value of the newest such select, the last one where none is named."""
        message, item = self.find(action, on=on)
        values = [value or item["options"][-1]["value"]]
        self._take(action, item)
        outcome = self._at(message, "select", message_id=message["id"], custom_id=item["custom_id"], values=values)
        self._note(action)
        return outcome

    def fill(self, form: str, opened: Any, **fields: str) -> Any:
        """Send a form that an outcome opened."""
        if opened["outcome"] != "modal":
            raise Missed(f"no form, but {opened}")
        outcome = self._act("modal", interaction_id=opened["interaction_id"], fields=fields)
        self._note(form)
        return outcome

    def say(self, words: str, *, to: Any = None, photo: str = "") -> Any:
        """Write in the channel, or answer a message; return the new message."""
        facts = {"reply_to": to["id"]} if to else {}
        with _asking():
            attached = [photo] if photo else []
            return self._discord.act("message", self.member, content=words, attachments=attached, **facts)

    def answered(self, message: Any, what: str) -> None:
        """Wait until the bot says something in the channel after a message."""
        self.until(lambda: self._later(message), "the answer")
        self._note(what)

    def delete(self, message: Any) -> None:
        self.taken.update(JOB.findall(json.dumps(message["components"])))
        self._at(message, "delete", message_id=message["id"])

    def shown(self, outcome: Any) -> Any:
        """Return the message that an outcome brought, once it is more than a promise."""
        return self.until(lambda: self._finished(outcome.get("message_id")), "what was promised")

    def picture(self, *, count: int = 1, fresh: bool = False) -> Any:
        """Return the newest message of a finished picture, or of a set; one is asked for where there is none.

        With `fresh` a new one is asked for anyhow.
        """
        before = self._picture(count)
        if before and not fresh:
            return before
        self.imagine(f"boat of {self.member} at {time.time():.3f}", count=count, exact=True, steps=1)
        known = before and before["id"]
        new = lambda: (found := self._picture(count)) and found["id"] != known and found  # noqa: E731
        return self.until(new, "a picture", PICTURE_S)

    def find(self, action: str, tail: str = "", *, on: Any = None) -> tuple[Any, Any]:
        """Return the newest message that has such a button or select, and that."""

        def look() -> tuple[Any, Any] | None:
            for message in reversed(self.messages()):
                for item in _items(message) if on is None or message["id"] == on["id"] else ():
                    id_ = str(item.get("custom_id"))
                    if id_.startswith(f"limner:{action}:") and id_.endswith(tail) and not item.get("disabled"):
                        return message, item
            return None

        said = f" below “{on['content'][:80]}”" if on else ""
        return cast("tuple[Any, Any]", self.until(look, f"the button {action}{said}"))

    def messages(self) -> list[Any]:
        with _asking():
            return list(self._discord.state(self.member)["messages"])

    def until(self, look: Callable[[], Any], what: str, seconds: float = PATIENCE_S) -> Any:
        """Wait for something true, and return it. Raises Missed."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if found := look():
                return found
            time.sleep(0.1)
        raise Missed(f"{what} did not come")

    def _picture(self, count: int) -> Any:
        for message in reversed(self.messages()):
            ids = [str(item.get("custom_id")) for item in _items(message)]
            of_set = sum(id_.startswith("limner:pick:") for id_ in ids) > 1
            if message["attachments"] and any(id_.startswith("limner:again:") for id_ in ids) and of_set == (count > 1):
                return message
        return None

    def _later(self, message: Any) -> bool:
        return any(int(found["id"]) > int(message["id"]) and found["author"].get("bot") for found in self.messages())

    def _finished(self, message: Any) -> Any:
        for found in self.messages():
            if found["id"] == message and (found["content"] or _items(found) or found["embeds"]):
                return found
        return None

    def _at(self, message: Any, what: str, **body: object) -> Any:
        with _asking():
            return _taken(
                self._discord.call(f"/page/{what}", {"as": self.member, "channel_id": message["channel_id"], **body})
            )

    def _act(self, what: str, **body: object) -> Any:
        with _asking():
            return _taken(self._discord.act(what, self.member, "drawing", **body))

    def _take(self, action: str, item: Any) -> None:
        if action in TAKES:
            self.taken.update(JOB.findall(item["custom_id"]))
        self.erased |= action == "erase"

    def _note(self, *verbs: str) -> None:
        self._played.update(verbs)


def _items(message: Any) -> Iterator[Any]:
    return (item for row in message["components"] for item in row["components"])


def _taken(outcome: Any) -> Any:
    if outcome.get("outcome") == "failed":
        raise Missed(str(outcome.get("error")))
    return outcome


class _asking:  # noqa: N801 - reads as a statement
    """Turns what the page refuses into Missed."""

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, urllib.error.HTTPError):
            raise Missed(error.read().decode(errors="replace")) from error
