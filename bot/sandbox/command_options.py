"""Checks a slash command's options as Discord's client does, and encodes them for the interaction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.sandbox.discord_errors import PageRefusal
from bot.sandbox.discord_json import channel_wire, member_wire, role_wire, user_wire
from bot.sandbox.guild import CHANNELS, PEOPLE, ROLES, Channel, permissions

Json = dict[str, Any]
SUBCOMMANDS = (1, 2)
STRING, INTEGER, BOOLEAN, USER, CHANNEL, ROLE, MENTIONABLE, NUMBER, ATTACHMENT = range(3, 12)


class Resolved:
    """The people, places and files that options name, as `resolved` spells them out."""

    def __init__(self, user: int, channel: Channel, uploads: dict[int, Json]) -> None:
        self.user = user
        self.in_guild = not channel.is_dm
        self.uploads = uploads
        self.wire: dict[str, Json] = {}

    def add_user(self, user_id: int) -> bool:
        if user_id not in PEOPLE:
            return False
        self.wire.setdefault("users", {})[str(user_id)] = user_wire(user_id)
        if self.in_guild:
            self.wire.setdefault("members", {})[str(user_id)] = member_wire(user_id, with_user=False)
        return True

    def add_role(self, role_id: int) -> bool:
        if role_id not in ROLES:
            return False
        self.wire.setdefault("roles", {})[str(role_id)] = role_wire(role_id)
        return True

    def add_channel(self, channel_id: int) -> bool:
        channel = CHANNELS.get(channel_id)
        if channel is None or channel.is_dm:
            return False
        allowed = {"permissions": str(int(permissions(self.user, channel)))}
        self.wire.setdefault("channels", {})[str(channel_id)] = channel_wire(channel) | allowed
        return True

    def add_attachment(self, upload_id: int) -> bool:
        if upload_id not in self.uploads:
            return False
        self.wire.setdefault("attachments", {})[str(upload_id)] = self.uploads[upload_id]
        return True

    def add(self, kind: int, snowflake: int) -> bool:
        if kind == MENTIONABLE:
            return self.add_user(snowflake) or self.add_role(snowflake)
        adders = {USER: self.add_user, CHANNEL: self.add_channel, ROLE: self.add_role, ATTACHMENT: self.add_attachment}
        return adders[kind](snowflake)


def leaf(command: Json, path: list[str]) -> Json:
    """The command, or the subcommand that the further words name."""
    for name in path:
        named = (o for o in command.get("options") or [] if o["type"] in SUBCOMMANDS and o["name"] == name)
        found = next(named, None)
        if found is None:
            raise PageRefusal(400, 0, "sandbox-no-command", command=name)
        command = found
    if any(option["type"] in SUBCOMMANDS for option in command.get("options") or []):
        raise PageRefusal(400, 0, "sandbox-subcommand")
    return command


def options_wire(command: Json, path: list[str], given: Json, resolved: Resolved, focused: str | None) -> list[Json]:
    """The `options` of the interaction's data, nested as deep as the subcommand."""
    declared = {option["name"]: option for option in leaf(command, path).get("options") or []}
    wire = []
    for name, value in given.items():
        if name not in declared:
            key = "sandbox-no-option" if declared else "sandbox-takes-none"
            raise PageRefusal(400, 0, key, option=name, known=list(declared.values()))
        if focused is not None:  # while someone types, values are passed on as they are
            wire.append({"name": name, "type": declared[name]["type"], "value": value, "focused": name == focused})
        else:
            wire.append(
                {"name": name, "type": declared[name]["type"], "value": _value(declared[name], value, resolved)}
            )
    missing = [option for name, option in declared.items() if option.get("required") and name not in given]
    if missing and focused is None:
        raise PageRefusal(400, 0, "sandbox-required-option", option=missing[0])
    nested = command
    kinds = []
    for name in path:
        nested = next(option for option in nested["options"] if option["name"] == name)
        kinds.append(nested["type"])
    for name, kind in zip(reversed(path), reversed(kinds), strict=True):
        wire = [{"name": name, "type": kind, "options": wire}]
    return wire


def _value(option: Json, value: Any, resolved: Resolved) -> Any:
    """The value in the option's own type, within the option's own bounds."""
    kind = option["type"]
    if kind in (USER, CHANNEL, ROLE, MENTIONABLE, ATTACHMENT):
        if not str(value).isdigit() or not resolved.add(kind, int(value)):
            raise PageRefusal(400, 0, "sandbox-not-here", option=option)
        return str(value)
    readers: dict[int, Callable[[Any], Any]] = {STRING: str, INTEGER: int, NUMBER: float, BOOLEAN: _truth}
    try:
        typed = readers[kind](value)
    except (ValueError, KeyError):
        key = {INTEGER: "sandbox-whole-number", NUMBER: "sandbox-number", BOOLEAN: "sandbox-true-or-false"}[kind]
        raise PageRefusal(400, 0, key, option=option) from None
    choices = option.get("choices") or []
    if choices and typed not in [choice["value"] for choice in choices]:
        raise PageRefusal(400, 0, "sandbox-one-of", option=option, known=choices)
    size = len(typed) if kind == STRING else typed
    low, high = (option.get(f"{end}_{'length' if kind == STRING else 'value'}") for end in ("min", "max"))
    long = "-long" if kind == STRING else ""
    if low is not None and size < low:
        raise PageRefusal(400, 0, f"sandbox-at-least{long}", option=option, bound=low)
    if high is not None and size > high:
        raise PageRefusal(400, 0, f"sandbox-at-most{long}", option=option, bound=high)
    return typed


def _truth(value: Any) -> bool:
    return {"true": True, "false": False}[str(value).lower()]
