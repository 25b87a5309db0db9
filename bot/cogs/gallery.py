"""The buttons of `/my pictures`: ★, and Delete, which asks once, of each picture; then the page is shown anew."""

from __future__ import annotations

from bot.cogs.cancel_delete import delete, take_away
from bot.cogs.double_press import DoublePress
from bot.cogs.paged_lists import PagedLists
from bot.cogs.picture_buttons import PictureButtons
from bot.cogs.responses import Interaction, own_locale
from bot.cogs.services import Services
from bot.domain.jobs import Job
from bot.errors import NotYours
from bot.ui.button_items import DELETE
from bot.ui.gallery import STAR, SURE, asking


class GalleryButtons:
    """Answers what is pressed in one's own list."""

    def __init__(self, services: Services, buttons: PictureButtons, lists: PagedLists) -> None:
        self._services, self._buttons, self._lists = services, buttons, lists
        self._double_press = DoublePress()

    async def press(self, interaction: Interaction, action: str, job_id: str, what: str, number: int) -> None:
        """Do it, and show the page anew; Delete asks first, of a set which picture, as it does under the set.

        Raises JobUnknown, NotYours, FavouritesFull, StoreUnavailable, Undeliverable.
        """
        # The question stands where Delete was: a double click on that is no answer to it.
        pressed = f"{DELETE if action == SURE else action}:{job_id}"
        if self._double_press.is_repeated(interaction, pressed):
            await interaction.response.defer()
            return
        job = await self._buttons.job(interaction, job_id)
        if action == STAR:
            await interaction.response.defer()
            await self._services.favourites.toggle(interaction.user.id, job.id, self._services.clock.now())
        elif not await self._deleted(interaction, job, sure=action == SURE):
            return
        await self._lists.refresh(interaction, what, number)

    async def _deleted(self, interaction: Interaction, job: Job, *, sure: bool) -> bool:
        """Whether the picture is gone now, and not just asked about."""
        if interaction.user.id != job.place.user_id:
            raise NotYours
        if job.order.count > 1:
            await delete(self._services, interaction, job)
            return False
        if not sure and interaction.message:
            view = asking(own_locale(interaction), interaction.message, job.id)
            await interaction.response.edit_message(view=view)
            return False
        await interaction.response.defer()
        await take_away(self._services, job)
        return True
