"""Finding pictures again: favourites and words in `/my pictures`, what is done there, and what `/imagine` completes."""

from __future__ import annotations

from functools import partial
from typing import Any

import discord
import pytest
from simcord.backend.models import Overwrite

from bot.cogs.double_press import SAME_S
from bot.domain.jobs import Job, JobState, Order, Place
from bot.domain.picture_search import Wanted
from bot.services.ports.own_pictures import SEARCHED
from bot.storage.favourites import Favourites
from bot.storage.jobs import insert
from bot.ui.gallery import list_of
from bot.ui.i18n import text
from bot.ui.markdown_escape import plain
from bot.ui.paging import FAVOURITES, page_buttons
from tests.fakes import PNG
from tests.integration.conftest import World, under_more
from tests.integration.test_favourites import drawn, generous, kept, starred
from tests.integration.test_my import buttons, words
from tests.integration.test_personal import rows
from tests.integration.test_photos import set_mode
from tests.integration.test_references import sent
from tests.integration.test_same_moment import at_once

__all__ = ["generous"]


async def listed(world: World, who: Any, **options: Any) -> Any:
    result = await who.slash(world.channel, "my pictures", **options)
    assert result.ephemeral
    return result.response


async def press(world: World, who: Any, answer: Any, label: str) -> Any:
    world.env.backend.advance_clock(SAME_S)
    return await who.click(answer, label=label)


async def three(world: World) -> list[Any]:
    pictures = [await drawn(world, "a boat"), await drawn(world, "a hill", world.ben), await drawn(world, "a tree")]
    for picture in pictures[:2]:
        await starred(world, world.ada, picture)
    return pictures


async def test_favourites_are_listed_last_kept_first_with_whose_they_are_and_lead_back_to_all(world: World) -> None:
    await three(world)
    answer = await listed(world, world.ada, favourites=True)
    assert answer.content == "★ Your favourites: 2, those kept last first; page 1 of 1"
    assert words(answer) == ["a hill", "a boat"]
    assert f"of <@{world.ben.id}>" in answer.embeds[0].description
    assert "of <@" not in answer.embeds[1].description
    assert list(buttons(answer)) == ["Refine 1", "★ 1", "Refine 2", "★ 2", "Delete 2", "All my pictures"]
    assert all("Go to the picture" in embed.description and embed.thumbnail.url for embed in answer.embeds)
    await press(world, world.ada, answer, "All my pictures")
    assert words(answer) == ["a tree", "a boat"]
    assert list(buttons(answer)) == [
        "Refine 1", "☆ 1", "Delete 1", "Refine 2", "★ 2", "Delete 2", "★ Favourites",
    ]  # fmt: skip
    await press(world, world.ada, answer, "★ Favourites")
    assert words(answer) == ["a hill", "a boat"]


async def test_favourites_are_nobody_else_s_to_see(world: World) -> None:
    await three(world)
    ben = await listed(world, world.ben, favourites=True)
    assert (ben.content, ben.embeds) == (text("en", "favourites-none"), [])
    view = page_buttons("en", list_of(Wanted(favourites=True)), world.ada.id, 0, 2)
    message = await world.env.bot.get_channel(world.channel.id).send("a list of Ada's", view=view)
    refused = await world.ben.click(message, label=text("en", f"page-{FAVOURITES}-on"))
    assert refused.response.content == text("en", "refused-not-your-list")
    assert await world.ben.autocomplete(world.channel, "imagine", "favourite", "") == []
    assert "★" not in world.message.content


async def test_another_s_picture_is_found_only_where_it_can_be_seen(world: World) -> None:
    hidden = world.env.guild.create_text_channel("hidden")
    await world.ben.slash(hidden, "imagine", prompt="a secret hill", exact=True)
    await starred(world, world.ada, hidden.last_message)
    await starred(world, world.ada, await drawn(world, "a boat"))
    assert words(await listed(world, world.ada, favourites=True)) == ["a boat", "a secret hill"], "another channel's"

    deny = discord.Permissions(view_channel=True).value
    world.env.backend.set_overwrite(hidden.id, Overwrite(target_id=world.ada.id, type=1, allow=0, deny=deny))
    await world.env.settle()
    answer = await listed(world, world.ada, favourites=True)
    assert (words(answer), answer.content.splitlines()[1]) == (["a boat"], text("en", "favourites-hidden", count=1))
    found = await listed(world, world.ada, favourites=True, search="secret")
    assert found.content.splitlines()[0] == text("en", "favourites-none-found", words="secret")
    offered = await world.ada.autocomplete(world.channel, "imagine", "favourite", "")
    assert [one["name"] for one in offered] == ["a boat"]
    refused = await world.ada.slash(world.channel, "imagine", prompt="x", favourite="secret")
    assert refused.response.content == text("en", "refused-favourite", typed="secret")

    own = await world.ada.user.slash("my pictures", favourites=True)  # in direct messages
    assert words(own.response) == ["a boat"]
    assert own.response.content.splitlines()[1] == text("en", "favourites-hidden", count=1)


SAID = ["100% red", "100 red", "a_b", "axb", "Crème BRÛLÉE", "夕阳下的海滩", "[a*c] (d|e)", "ab: 1:2", "ＦＵＬＬ width"]
FOUND = {
    "100%": ["100% red"], "a_b": ["a_b"], "%": ["100% red"], "_": ["a_b"], "*": ["[a*c] (d|e)"], ".": [],
    "creme brulee": ["Crème BRÛLÉE"], "BRÛLÉE crème": ["Crème BRÛLÉE"], "海滩": ["夕阳下的海滩"],
    "red 100": ["100 red", "100% red"], "ab: 1:2": ["ab: 1:2"], "full": ["ＦＵＬＬ width"], "d|e": ["[a*c] (d|e)"],
    "red boat": [], "nothing": [],
}  # fmt: skip


async def test_words_are_found_whatever_the_case_and_no_sign_means_more(world: World) -> None:
    for number, line in enumerate(SAID):
        picture = await drawn(world, line)
        if number % 2 == 0:
            await starred(world, world.ada, picture)
    await drawn(world, "100% red, of Ben", world.ben)
    for typed, expected in FOUND.items():
        answer = await listed(world, world.ada, search=typed)
        assert words(answer) == [plain(line) for line in expected], typed


async def test_what_was_understood_and_the_prompt_are_searched_too(world: World) -> None:
    await world.ada.slash(world.channel, "imagine", prompt="ein Boot")  # understood as "a red boat"
    for typed in ("boot", "red boat", "calm lake"):
        assert len((await listed(world, world.ada, search=typed)).embeds) == 1, typed
    assert (await listed(world, world.ada, search="  ")).content == "Your pictures: 1, newest first; page 1 of 1"


async def test_pages_of_a_search_turn_after_a_restart_and_the_filter_keeps_the_words(world: World) -> None:
    for number in range(6):
        await drawn(world, f"boat: 1:{number}")
        await drawn(world, f"hill {number}")
    await starred(world, world.ada, (await world.messages())[1])
    answer = await listed(world, world.ada, search="boat: 1:")
    assert len(answer.embeds) == 4
    await world.restart()
    await press(world, world.ada, answer, "Older ▶")
    assert [line.startswith("boat") for line in words(answer)] == [True, True]
    assert "boat" in answer.content
    await press(world, world.ada, answer, "★ Favourites")
    assert answer.content.startswith("★ Your favourites with")
    assert words(answer) == ["boat: 1:5"]


async def test_delete_and_star_in_the_list_show_the_page_anew(world: World) -> None:
    _, hill, tree = await three(world)
    answer = await listed(world, world.ada, favourites=True)
    await press(world, world.ada, answer, "★ 1")
    assert (words(answer), await kept(world, world.ada)) == (["a boat"], ["a boat"])
    await press(world, world.ada, answer, "All my pictures")
    await press(world, world.ada, answer, "Delete 2")
    await press(world, world.ada, answer, "Really delete 2?")
    assert words(answer) == ["a tree"]
    assert [message.id for message in await world.pictures()] == [tree.id, hill.id]
    assert await kept(world, world.ada) == []
    await press(world, world.ada, answer, "☆ 1")
    assert (list(buttons(answer))[1], await kept(world, world.ada)) == ("★ 1", ["a tree"])


async def test_two_presses_in_the_list_at_once_are_one(world: World) -> None:
    await drawn(world, "a boat")
    answer = await listed(world, world.ada)
    await at_once(world, (world.ada, world.ada), answer, "☆ 1")
    assert await kept(world, world.ada) == ["a boat"]
    await press(world, world.ada, answer, "Delete 1")
    world.env.backend.advance_clock(SAME_S)
    await at_once(world, (world.ada, world.ada), answer, "Really delete 1?")
    assert answer.content == text("en", "pictures-none")
    assert await world.pictures() == []


async def test_delete_of_a_set_asks_which_and_a_private_picture_goes_for_good(world: World) -> None:
    await drawn(world, "boats", count=2)
    private = await drawn(world, "a secret boat", private=True)
    await starred(world, world.ada, private)
    answer = await listed(world, world.ada)
    asked = await press(world, world.ada, answer, "Delete 2")
    assert asked.response.content == text("en", "delete-ask")
    world.env.inject_error("DELETE", "/webhooks/*", status=401, code=50_027, message="Invalid Webhook Token")
    await press(world, world.ada, answer, "Delete 1")
    await press(world, world.ada, answer, "Really delete 1?")
    assert words(answer) == ["boats"]
    assert await rows(world, "favourites") == []


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
async def test_delete_in_the_list_asks_once_for_one_picture_and_a_double_click_is_no_answer(
    world: World, locale: str
) -> None:
    world.speaks[world.ada.id] = locale
    for line in ("a boat", "a hill"):
        await drawn(world, line)
    one, two = ([text(locale, f"pictures-{what}", number=at) for what in ("delete", "sure")] for at in (1, 2))
    answer = await listed(world, world.ada)
    before = list(buttons(answer))
    await press(world, world.ada, answer, two[0])
    assert list(buttons(answer)) == [two[1] if label == two[0] else label for label in before]
    assert words(answer) == ["a hill", "a boat"], "the page stays as it is"
    await world.ada.click(answer, label=two[1])  # the second click of a double click
    await world.restart()
    await press(world, world.ada, answer, one[0])
    assert list(buttons(answer)) == [one[1] if label == one[0] else label for label in before], "one question at a time"
    await press(world, world.ada, answer, text(locale, "favourites-only"))
    await press(world, world.ada, answer, text(locale, "favourites-all"))
    assert list(buttons(answer)) == before
    assert len(await world.pictures()) == 2
    await press(world, world.ada, answer, two[0])
    await press(world, world.ada, answer, two[1])
    assert (words(answer), len(await world.pictures())) == (["a hill"], 1)


@pytest.mark.parametrize("favourites", [False, True])
async def test_a_search_that_finds_nothing_leads_to_the_whole_lists(world: World, favourites: bool) -> None:
    await three(world)
    for label, expected in (("All my pictures", ["a tree", "a boat"]), ("★ Favourites", ["a hill", "a boat"])):
        answer = await listed(world, world.ada, search="zebra", favourites=favourites)
        assert list(buttons(answer)) == ["All my pictures", "★ Favourites"]
        await press(world, world.ada, answer, label)
        assert words(answer) == expected
        assert "zebra" not in answer.content


async def test_refine_from_the_list_makes_a_version_in_this_channel(world: World) -> None:
    picture = await drawn(world, "a boat")
    other = world.env.guild.create_text_channel("other")
    answer = (await world.ada.slash(other, "my pictures", search="boat")).response
    shown = await world.ada.click(answer, label="Refine 1")
    await world.ada.submit_modal(shown, {"words": "make it night"})
    parent, made = await world.jobs.by_message(picture.id), await world.jobs.by_message(other.last_message.id)
    assert parent and made
    assert made.parent_id == parent.id


async def test_a_set_is_no_favourite_but_a_picture_of_it_is_and_the_menu_keeps_one_too(world: World) -> None:
    several = await drawn(world, "boats", count=2)
    assert "★" not in world.labels()
    refused = await world.ada.context_menu(world.channel, "Favourite picture", several)
    assert refused.response.content == text("en", "refused-several-pictures")
    await world.ada.click(several, label="2")
    done = await world.ada.context_menu(world.channel, "Favourite picture", world.message)
    assert done.response.content == text("en", "favourite-kept")
    other = await world.ben.send(world.channel, "hello")
    refused = await world.ada.context_menu(world.channel, "Favourite picture", other)
    assert refused.response.content == text("en", "refused-not-mine")
    held = world.hold()
    await world.ada.slash(world.channel, "imagine", prompt="a hill")
    refused = await world.ada.context_menu(world.channel, "Favourite picture", world.message)
    assert refused.response.content == text("en", "refused-not-finished")
    held.set()


async def test_a_favourite_is_what_a_picture_starts_from(world: World) -> None:
    world.engine.distinct = True
    boat = await drawn(world, "a boat")
    original = await boat.attachments[0].read()
    await starred(world, world.ada, boat)
    await drawn(world, "a hill")
    (choice,) = await world.ada.autocomplete(world.channel, "imagine", "favourite", "BOA")
    assert choice["name"] == "a boat"
    await world.ada.slash(world.channel, "imagine", prompt="at night", favourite=choice["value"])
    assert sent(world) == (original,)
    await world.ada.slash(world.channel, "imagine", prompt="at night", favourite="boat", image=("a.png", PNG + b"a"))
    assert sent(world) == (PNG + b"a", original), "after the files"
    job = await world.jobs.by_message(world.message.id)
    assert job and job.order.photos_of == (world.ada.id,)


async def test_no_picture_but_one_s_own_favourites_can_be_named(world: World) -> None:
    secret = await drawn(world, "a secret boat", world.ben, private=True)
    public = await drawn(world, "a hill", world.ben)
    await starred(world, world.ben, secret)
    await starred(world, world.ben, public)
    offered = await world.ben.autocomplete(world.channel, "imagine", "favourite", "")
    assert [one["name"] for one in offered] == ["a hill"], "a private one cannot be read any more"
    for message in (secret, public):
        job = await world.jobs.by_message(message.id)
        assert job
        painted = len(world.engine.painted)
        refused = await world.ada.slash(world.channel, "imagine", prompt="x", favourite=job.id)
        assert refused.response.content == text("en", "refused-favourite", typed=job.id)
        assert (len(world.engine.painted), await world.used(world.ada)) == (painted, 0)
    await under_more(world.ben, public, "Delete")
    refused = await world.ben.slash(world.channel, "imagine", prompt="x", favourite=offered[0]["value"])
    assert refused.response.content.startswith("You have no favourite")


async def test_prompts_complete_from_one_s_own_last_ones_alone(world: World) -> None:
    await drawn(world, "a secret boat of Ben's", world.ben)
    for line in ("a red boat", "two  boats\nat night", "a red boat", "x" * 101, "a boatman", "boat first"):
        await drawn(world, line)
    gone = await drawn(world, "a deleted boat")
    await under_more(world.ada, gone, "Delete")
    await world.ada.slash(world.channel, "imagine", prompt="a boat", seed=1)
    shown = await world.ada.click(world.message, label="Refine")
    await world.ada.submit_modal(shown, {"words": "make the boat blue"})

    async def offered(typed: str, who: Any = None) -> list[str]:
        choices = await (who or world.ada).autocomplete(world.channel, "imagine", "prompt", typed)
        assert all(choice["name"] == choice["value"] for choice in choices)
        return [choice["value"] for choice in choices]

    last = ["a boat", "boat first", "a boatman", "a red boat", "two boats at night"]
    assert await offered("") == last
    assert await offered("BOAT") == ["BOAT", "boat first", "a boat", "a boatman", "a red boat", "two boats at night"]
    assert await offered("secret") == await offered("deleted") == await offered("x" * 101) == []
    assert await offered("a red boat") == ["a red boat"]
    assert await offered("a", world.mo) == []
    assert await offered("night") == ["night", "two boats at night"]


def finished(world: World, number: int, line: str) -> Job:
    place = Place(world.ada.id, world.channel.id, world.env.guild.id)
    return Job(f"{number:032x}", Order(line, exact=True), place, 1, JobState.DONE, float(number), ended_at=1e3)


async def test_prompts_and_favourites_complete_with_no_more_than_discord_takes(world: World) -> None:
    asked = [*(f"{number} " + "船" * 90 for number in range(26)), "🚣" * 60]
    for number, line in enumerate(asked):
        job = finished(world, number, line)
        await world.database.write(partial(insert, database=world.database, job=job))
        assert await Favourites(world.database).toggle(world.ada.id, job.id, number)
    prompts = await world.ada.autocomplete(world.channel, "imagine", "prompt", "船")
    assert len(prompts) == 25
    favourites = await world.ada.autocomplete(world.channel, "imagine", "favourite", "")
    assert len(favourites) == 25
    assert favourites[0]["name"] == "🚣" * 50
    for one in (*prompts, *favourites):
        assert max(len(one[name].encode("utf-16-le")) // 2 for name in ("name", "value")) <= 100


async def test_a_search_looks_at_the_newest_in_batches_on_the_thread_for_long_reads_and_says_so(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.storage.own_pictures.SEARCHED", 4)
    monkeypatch.setattr("bot.storage.own_pictures.BATCH", 2)
    for number in range(6):
        await drawn(world, f"boat {number}")
        world.clock.at -= 60 * (number % 2)  # so that two were asked for in the same second
    batches = 0
    read_much = world.database.read_much

    async def counted(work: Any) -> Any:
        nonlocal batches
        batches += 1
        return await read_much(work)

    monkeypatch.setattr(world.database, "read_much", counted)
    answer = await listed(world, world.ada, search="boat")
    assert answer.content.splitlines() == [
        text("en", "pictures-found", words="boat", total=4, page=1, pages=1),
        text("en", "pictures-searched", most=SEARCHED),
    ]
    found = {*words(answer)}
    assert (len(found), found > {"boat 3", "boat 4", "boat 5"}) == (4, True), "each once, also of the same second"
    assert batches == 2


async def test_another_s_star_never_lets_anyone_past_the_photo_rules(world: World) -> None:
    await world.ben.slash(world.channel, "imagine", prompt="as a knight", image=("me.png", PNG), exact=True)
    await starred(world, world.ada, world.message)
    painted = len(world.engine.painted)
    refused = await world.ada.slash(world.channel, "imagine", prompt="x", favourite="knight")
    assert refused.response.content == text("en", "barred-photo-not-shared")
    await set_mode(world, "everyone")
    await world.ada.slash(world.channel, "imagine", prompt="x", favourite="knight")
    assert len(world.engine.painted) == painted + 1


async def test_the_list_and_its_answers_are_in_the_reader_s_language(world: World) -> None:
    await three(world)
    world.speaks[world.ada.id] = "zh-CN"
    answer = await listed(world, world.ada, favourites=True, search="boat")
    assert answer.content == "★ 你的收藏里有“boat”的：共 1 张，最近收藏的在前；第 1 页，共 1 页"
    assert list(buttons(answer)) == ["修改 1", "★ 1", "删除 1", "我的全部图"]


@pytest.mark.parametrize("locale", ["zh-CN", pytest.param("en-US", marks=pytest.mark.full)])
async def test_kept_found_by_a_word_refined_from_there_and_erased_with_a_restart_between_any_two(
    world: World, locale: str
) -> None:
    world.speaks[world.ada.id] = locale
    refine = text(locale, "pictures-refine", number=1)
    picture = await drawn(world, "夕阳下的红船")
    await world.restart()
    assert await starred(world, world.ada, picture) == text(locale, "favourite-kept")
    await world.restart()
    answer = await listed(world, world.ada, search="红船", favourites=True)
    await world.restart()
    shown = await world.ada.click(answer, label=refine)
    await world.restart()
    await world.ada.submit_modal(shown, {"words": "make it night"})
    made = await world.jobs.by_message(world.message.id)
    assert made
    assert made.order.words == "make it night"
    await world.restart()
    asked = await world.ada.slash(world.channel, "my data erase")
    await world.restart()
    await world.ada.click(asked.response, label=text(locale, "erase-yes"))
    assert await rows(world, "favourites") == await rows(world, "jobs") == await world.pictures() == []
