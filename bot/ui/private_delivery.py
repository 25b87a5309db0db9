"""How a private picture reaches its requester: in the answer to their interaction, else by direct message.

Discord takes edits of an answer for 15 minutes; what comes later goes by direct message.
"""

from __future__ import annotations

from typing import Any

import discord

from bot.domain.jobs import Job
from bot.ui.discord_retry import passes


class PrivateDelivery:
    """The two ways to the requester of a private job, for one client."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client

    async def direct(self, job: Job) -> discord.PartialMessageable:
        """Return the channel of the requester's direct messages."""
        opened = await self._client.create_dm(discord.Object(job.place.user_id))
        return self._client.get_partial_messageable(opened.id)

    def answer(self, job: Job) -> discord.Webhook:
        """Return the webhook of the job's interaction, which reads, edits and deletes its answer."""
        return discord.Webhook.partial(self._client.application_id or 0, job.token or "", client=self._client)

    async def find_answer(self, job: Job) -> discord.Message | None:
        """Return the answer that shows the job; None where it shows none of it, or can be read no more."""
        first: Any = "@original"  # the name of an interaction's first answer, whose id a crash kept from the disk
        try:
            answer = await self.answer(job).fetch_message(job.message_id or first)
        except discord.HTTPException as error:
            if passes(error):
                raise
            return None
        return answer if job.message_id is not None or job.id in component_ids(answer) else None


def component_ids(message: discord.Message) -> str:
    """Return the message's components as text, in which the ids of jobs can be looked for."""
    return str([row.to_dict() for row in message.components])
