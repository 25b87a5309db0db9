"""The buttons of `/my pictures`: ★ and Delete of each picture, after which the page is shown anew."""

from __future__ import annotations

from bot.cogs.cancel_delete import delete, take_away
from bot.cogs.double_press import DoublePress
from bot.cogs.paged_lists import PagedLists
from bot.cogs.picture_buttons import PictureButtons
from bot.cogs.responses import Interaction
from bot.cogs.services import Services
from bot.errors import NotYours
from bot.ui.button_items import DELETE


class GalleryButtons:
    """Answers what is pressed in one's own list."""

    def __init__(self, services: Services, buttons: PictureButtons, lists: PagedLists) -> None:
        self._services, self._buttons, self._lists = services, buttons, lists
        self._double_press = DoublePress()

    async def press(self, interaction: Interaction, action: str, job_id: str, what: str, number: int) -> None:
        """Do it, and show the page anew; of a set, Delete asks which picture, as it does under the set.

        Raises JobUnknown, NotYours, FavouritesFull, StoreUnavailable, Undeliverable.
        """
        if self._double_press.is_repeated(interaction, f"{action}:{job_id}"):
            await interaction.response.defer()
            return
        job = await self._buttons.job(interaction, job_id)
        if action == DELETE:
            if interaction.user.id != job.place.user_id:
                raise NotYours
            if job.order.count > 1:
                await delete(self._services, interaction, job)
                return
            await interaction.response.defer()
            await take_away(self._services, job)
        else:
            await interaction.response.defer()
            await self._services.favourites.toggle(interaction.user.id, job.id, self._services.clock.now())
        await self._lists.refresh(interaction, what, number)
