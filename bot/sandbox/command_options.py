"""Checks a slash command's options as Discord's client does, and encodes them for the interaction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.sandbox.discord_errors import Refusal
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
            raise Refusal(400, 0, f"There is no command “{name}” here.")
        command = found
    if any(option["type"] in SUBCOMMANDS for option in command.get("options") or []):
        raise Refusal(400, 0, "Choose one of this command's subcommands.")
    return command


def options_wire(command: Json, path: list[str], given: Json, resolved: Resolved, focused: str | None) -> list[Json]:
    """The `options` of the interaction's data, nested as deep as the subcommand."""
    declared = {option["name"]: option for option in leaf(command, path).get("options") or []}
    wire = []
    for name, value in given.items():
        if name not in declared:
            raise Refusal(400, 0, f"This command has no option “{name}”.")
        if focused is not None:  # while someone types, values are passed on as they are
            wire.append({"name": name, "type": declared[name]["type"], "value": value, "focused": name == focused})
        else:
            wire.append(
                {"name": name, "type": declared[name]["type"], "value": _value(declared[name], value, resolved)}
            )
    missing = [name for name, option in declared.items() if option.get("required") and name not in given]
    if missing and focused is None:
        raise Refusal(400, 0, f"This option is required: {missing[0]}")
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
    name, kind = option["name"], option["type"]
    if kind in (USER, CHANNEL, ROLE, MENTIONABLE, ATTACHMENT):
        if not str(value).isdigit() or not resolved.add(kind, int(value)):
            raise Refusal(400, 0, f"{name}: choose one that exists here.")
        return str(value)
    readers: dict[int, Callable[[Any], Any]] = {STRING: str, INTEGER: int, NUMBER: float, BOOLEAN: _truth}
    try:
        typed = readers[kind](value)
    except (ValueError, KeyError):
        wanted = {INTEGER: "a whole number", NUMBER: "a number", BOOLEAN: "true or false"}[kind]
        raise Refusal(400, 0, f"{name} must be {wanted}.") from None
    choices = [choice["value"] for choice in option.get("choices") or []]
    if choices and typed not in choices:
        raise Refusal(400, 0, f"{name} must be one of: {', '.join(map(str, choices))}.")
    size = len(typed) if kind == STRING else typed
    low, high = (option.get(f"{end}_{'length' if kind == STRING else 'value'}") for end in ("min", "max"))
    unit = " characters" if kind == STRING else ""
    if low is not None and size < low:
        raise Refusal(400, 0, f"{name} must be at least {low}{unit}.")
    if high is not None and size > high:
        raise Refusal(400, 0, f"{name} must be at most {high}{unit}.")
    return typed


def _truth(value: Any) -> bool:
    return {"true": True, "false": False}[str(value).lower()]
