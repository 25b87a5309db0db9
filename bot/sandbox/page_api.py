"""What the chat page and the tests do as a member, over HTTP; a member can do and see here what they could on Discord.

Every POST but an upload takes a JSON object with `as` (a member's name or id), `channel_id` and perhaps `locale`:

    /page/message       content, [reply_to, ping: true, attachments: [upload ids]]  → the message
    /page/upload?as=…&name=…  the file as the body                                  → the attachment
    /page/command       name ("imagine", "limits set"), options: {name: value}      → an outcome
    /page/autocomplete  name, options, focused: the option being typed              → an outcome with choices
    /page/menu          name, target_id: of a message or a person                   → an outcome
    /page/click         message_id, custom_id                                       → an outcome
    /page/select        message_id, custom_id, values                               → an outcome
    /page/modal         interaction_id: the one that showed it, fields: {custom_id: value}  → an outcome
    /page/delete, /page/dismiss   message_id                                        → {}
    /page/cut           [shard: its number]: drops the bot's gateway connections    → {}

An outcome is {"interaction_id", "outcome": message | deferred | updated | modal | choices | failed} and what belongs
to it: "message_id", "modal", "choices" or "error". It comes when the bot has acknowledged, or when 3 seconds are over.

For tests of a bad network: POST /page/trouble {kind, [path: "", times: 1, seconds: 1, code: 0]}. The next `times` REST
calls of the bot whose method and path, such as "PATCH /channels/1/messages/2", match the regular expression meet it:
"429" (to be tried again after `seconds`), "banned" (the same, from Cloudflare), "slow" (done after `seconds`),
"401", "403", "404", "500", "502" or "503" (with Discord's `code`), "cut" (the connection breaks, nothing was done) or
"lost" (done, but the answer never arrives). So does "CONNECT /gateway".
DELETE /page/trouble ends it → {"left": calls that were still to be met}.
POST /page/unrest {kind, [times: 1, seconds: 1]}: the gateway's next `times` events of members' doing come "twice",
"late" by `seconds`, or "swapped": behind the next, or after `seconds`.

What a member may not do is answered with 4xx and {"message": why}.

GET /page/state?as=…[&locale=…] gives everything that the member sees; the websocket /page/events gives the same first,
as {"event": "state"}, then each change: create, update {message}, delete {id}, typing {channel_id}, commands, online.
"""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

from bot.sandbox.command_options import Resolved, options_wire
from bot.sandbox.discord_errors import PageRefusal, Refusal
from bot.sandbox.file_store import MAX_BYTES, Upload
from bot.sandbox.gateway import UNRESTS, Gateway, Unrest
from bot.sandbox.guild import CHANNELS, PEOPLE, Channel, Permission, permissions
from bot.sandbox.interaction import AUTOCOMPLETE, COMMAND, COMPONENT, MODAL_SUBMIT, Interaction
from bot.sandbox.interactions import MODAL, Interactions
from bot.sandbox.json_replies import reply
from bot.sandbox.message import REPLY, Message
from bot.sandbox.modal import check_field, chosen, filled, modal_fields
from bot.sandbox.page_view import commands_for, language, member, sees
from bot.sandbox.world import World

Json = dict[str, Any]
LONGEST = 2000  # characters of a message


class PageApi:
    """Does for a member what their click, their words or their file asked for."""

    def __init__(self, world: World, gateway: Gateway, interactions: Interactions) -> None:
        self.world = world
        self.gateway = gateway
        self.interactions = interactions
        self.uploads: dict[int, Json] = {}

    def routes(self) -> list[web.RouteDef]:
        acts = {
            "message": self.message,
            "upload": self.upload,
            "command": self.command,
            "autocomplete": self.autocomplete,
            "menu": self.menu,
            "click": self.component,
            "select": self.component,
            "modal": self.modal,
            "delete": self.delete,
            "dismiss": self.dismiss,
            "cut": self.cut,
            "unrest": self.unrest,
        }
        return [web.post(f"/page/{name}", act) for name, act in acts.items()]

    async def message(self, request: web.Request) -> web.Response:
        body, user, channel = await self._act(request)
        if Permission.SEND_MESSAGES not in permissions(user, channel):
            raise PageRefusal(403, 50013, "sandbox-may-not-write")
        message = Message(channel, user)
        if body.get("reply_to"):
            message.reply, message.type = self._seen(body["reply_to"], user, channel), REPLY
        message.attachments = [self._upload(upload) for upload in body.get("attachments") or []]
        content = str(body.get("content", "")).strip()
        if len(content) > LONGEST:
            raise PageRefusal(400, 50035, "sandbox-too-long", length=len(content))
        allowed = {"parse": ["users", "roles"], "replied_user": body.get("ping", True)}
        draft = {"content": content, "allowed_mentions": allowed}
        return reply(self.world.post(message, draft, {}).to_wire())

    async def upload(self, request: web.Request) -> web.Response:
        user = member(request.query.get("as"))
        data = await request.read()
        if len(data) > MAX_BYTES:
            raise PageRefusal(413, 40005, "sandbox-file-too-large")
        attachment = self.world.files.add(user, Upload(request.query.get("name", "file"), data))
        self.uploads[int(attachment["id"])] = attachment
        return reply(attachment)

    async def command(self, request: web.Request) -> web.Response:
        return await self._call(*await self._act(request), focused=False)

    async def autocomplete(self, request: web.Request) -> web.Response:
        return await self._call(*await self._act(request), focused=True)

    async def menu(self, request: web.Request) -> web.Response:
        body, user, channel = await self._act(request)
        target = int(body.get("target_id") or 0)
        on_person = target in PEOPLE
        command = self._command(str(body.get("name")), 2 if on_person else 3, user, channel)
        resolved = Resolved(user, channel, self.uploads)
        if on_person:
            resolved.add_user(target)
        else:
            resolved.wire["messages"] = {str(target): self._seen(target, user, channel).to_wire()}
        data = {"id": command["id"], "name": command["name"], "type": command["type"], "target_id": str(target)}
        return await self._open(body, Interaction(user, channel, COMMAND, data | {"resolved": resolved.wire}))

    async def component(self, request: web.Request) -> web.Response:
        body, user, channel = await self._act(request)
        message = self._seen(body.get("message_id"), user, channel)
        items = [item for row in message.components for item in row["components"]]
        item = next((item for item in items if item.get("custom_id") == body.get("custom_id")), None)
        if item is None or item.get("disabled"):
            raise PageRefusal(400, 0, "sandbox-no-component")
        data: Json = {"custom_id": item["custom_id"], "component_type": item["type"], "id": item["id"]}
        if request.path == "/page/select":
            data["values"] = chosen(item, [str(value) for value in body.get("values") or []])
        return await self._open(body, Interaction(user, channel, COMPONENT, data, source=message))

    async def modal(self, request: web.Request) -> web.Response:
        body, user, channel = await self._act(request)
        trigger = self.interactions.find(int(body.get("interaction_id") or 0))
        if trigger.callback != MODAL or trigger.user != user or trigger.channel is not channel:
            raise PageRefusal(400, 0, "sandbox-not-your-form")
        given = body.get("fields") or {}
        for item in modal_fields(trigger.shown):
            check_field(item, given.get(item["custom_id"]))
        rows = [filled(outer, given) for outer in trigger.shown["components"]]
        data = {"custom_id": trigger.shown["custom_id"], "components": rows}
        opened = Interaction(user, channel, MODAL_SUBMIT, data, source=trigger.source, trigger=trigger)
        return await self._open(body, opened)

    async def delete(self, request: web.Request) -> web.Response:
        body, user, channel = await self._act(request)
        message = self._seen(body.get("message_id"), user, channel)
        if message.author != user and (Permission.MANAGE_MESSAGES not in permissions(user, channel) or channel.is_dm):
            raise PageRefusal(403, 50013, "sandbox-not-yours")
        self.world.delete(message)
        return reply({})

    async def dismiss(self, request: web.Request) -> web.Response:
        body, user, channel = await self._act(request)
        message = self._seen(body.get("message_id"), user, channel)
        if message.seen_by != user:
            raise PageRefusal(400, 0, "sandbox-not-private")
        self.world.delete(message)
        return reply({})

    async def cut(self, request: web.Request) -> web.Response:
        self.gateway.cut((await request.json()).get("shard"))
        return reply({})

    async def unrest(self, request: web.Request) -> web.Response:
        body = await request.json()
        if body.get("kind") not in UNRESTS:
            raise Refusal(400, 0, f"“kind” must be one of: {', '.join(UNRESTS)}.")
        self.gateway.unrest = Unrest(str(body["kind"]), int(body.get("times", 1)), float(body.get("seconds", 1)))
        return reply({})

    async def _call(self, body: Json, user: int, channel: Channel, *, focused: bool) -> web.Response:
        """Run a slash command, or ask for the values of the option that is being typed."""
        name, *path = str(body.get("name", "")).split()[:3] or [""]
        command = self._command(name, 1, user, channel)
        resolved = Resolved(user, channel, self.uploads)
        on = str(body.get("focused")) if focused else None
        options = options_wire(command, path, body.get("options") or {}, resolved, on)
        data: Json = {"id": command["id"], "name": name, "type": 1, "options": options}
        if resolved.wire:
            data["resolved"] = resolved.wire
        return await self._open(body, Interaction(user, channel, AUTOCOMPLETE if focused else COMMAND, data))

    async def _open(self, body: Json, interaction: Interaction) -> web.Response:
        """Open the interaction in the member's language."""
        interaction.locale = language(body.get("locale"))
        return reply(await self.interactions.open(interaction))

    def _command(self, name: str, kind: int, user: int, channel: Channel) -> Json:
        for command in commands_for(self.world, user):
            everywhere = [0, 1] if command.get("dm_permission", True) else [0]
            here = 1 if channel.is_dm else 0
            if (command["name"], command["type"]) == (name, kind) and here in command.get("contexts", everywhere):
                return command
        raise PageRefusal(404, 10063, "sandbox-no-command", command=name)

    def _seen(self, message_id: Any, user: int, channel: Channel) -> Message:
        message = self.world.messages.get(int(message_id or 0))
        if message is None or message.channel is not channel or not sees(user, message):
            raise PageRefusal(404, 10008, "sandbox-gone")
        return message

    def _upload(self, upload_id: Any) -> Json:
        if int(upload_id) not in self.uploads:
            raise PageRefusal(400, 0, "sandbox-not-uploaded")
        return self.uploads[int(upload_id)]

    async def _act(self, request: web.Request) -> tuple[Json, int, Channel]:
        """The body, the member who acts, and the channel where they do, if they may see it."""
        try:
            body = json.loads(await request.text())
            channel = CHANNELS.get(int(body["channel_id"]))
        except (ValueError, TypeError, KeyError):
            raise Refusal(400, 0, "The body must be a JSON object with “as” and “channel_id”.") from None
        user = member(body.get("as"))
        if channel is None or not permissions(user, channel):
            raise Refusal(404, 10003, "Unknown Channel")
        if body.get("locale"):
            self.world.speak(language(body["locale"]))
        return body, user, channel
