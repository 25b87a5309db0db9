"""Whatever a builder of messages is given, Discord takes what it returns: the worst texts, the most rows."""

from __future__ import annotations

import inspect
import io
import pkgutil
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from importlib import import_module
from types import SimpleNamespace
from typing import Any, cast, get_type_hints

import discord
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import bot.ui
import bot.ui.help
from bot.domain.account import Host
from bot.domain.held_pictures import Held
from bot.domain.jobs import Job, JobState, Kind, Order, Painted, Place
from bot.domain.limit_rules import ORDER, Rule, RuleSet, Target
from bot.domain.model_offers import Offer
from bot.domain.model_rules import ModelKind, ModelRef, RoleRule, RoleRules
from bot.domain.moderation import Action, Block, ChannelRule, Channels, Entry, Paused
from bot.domain.personal_data import FORBIDDEN, PRIVATE, UNWELL, Erasure
from bot.domain.picture_search import Wanted, search_words
from bot.domain.preferences import Preferences
from bot.domain.progress import (
    Failed,
    Fetching,
    Finished,
    HeldForReview,
    InLine,
    Painting,
    Reason,
    Remarks,
    Suspended,
    Unknown,
    Waiting,
)
from bot.domain.prompt import PromptSpec
from bot.domain.quota import WINDOWS, Limit, Standing
from bot.domain.stats import MOST_DAYS, Day, Report, Why
from bot.domain.styles import Style, Styles
from bot.sandbox.discord_errors import Refusal
from bot.sandbox.message_limits import at_most, check_body, check_not_empty
from bot.sandbox.modal import check_modal
from bot.services.gallery import Entry as Picture
from bot.services.gallery import Page
from bot.services.limits import Change, Usage
from bot.services.moderation import LogPage
from bot.services.review import HeldPage
from bot.ui import (
    alt_text,
    buttons,
    cards,
    details,
    doubt_buttons,
    fine_print,
    gallery,
    hosted_notices,
    limits,
    modals,
    model_offers,
    model_rules,
    moderation,
    moderation_log,
    my_data,
    paging,
    preferences,
    progress_bar,
    review,
    stats,
    status,
    style_list,
    usage,
)
from bot.ui.cards import Card
from bot.ui.paging import Sheet
from engine.api.messages import Model, ModelFacts
from engine.api.messages import Status as EngineStatus
from engine.api.model_catalog import CATALOG
from engine.api.placement import Format
from tests.fakes import PNG

ID, ROWS, IN_2100 = 10**18 + 10**17, 25, 4_102_444_800.0
JOB_ID = "f" * 32
LOCALES = st.sampled_from(["en-US", "zh-CN", "de"])
PIECES = [
    "*", "_", "`", "||", "@everyone ", "<@1>", "# ", "- ", "1. ", "https://a.b ", "a.gg", "\U0001f600",
    "\U0001f469\u200d\U0001f467", "\u6f22", "a", " ", "\n", "\u202e", "\u0301", "\\",
]  # fmt: skip
LACKS = frozenset(("seed", "negative", "steps", "guidance", "strength"))


@st.composite
def written(draw: st.DrawFn, most: int = 2_000, least: int = 0) -> str:
    """Texts of one or some pieces, again and again, up to the most that the bot takes there."""
    pieces = "".join(draw(st.lists(st.sampled_from(PIECES), min_size=1, max_size=5)))
    length = draw(st.sampled_from([most, most, most, min(60, most), least]))
    return (pieces * (length // len(pieces) + 1))[:length]


@st.composite
def specs(draw: st.DrawFn) -> PromptSpec:
    keyword = draw(written(70))
    keywords = [f"{keyword}{n}" for n in range(draw(st.sampled_from([0, 24])))]
    return PromptSpec(draw(written(300)), keywords, draw(written(2_000, 1)) or "x", draw(written(2_000)))


@st.composite
def jobs(draw: st.DrawFn) -> Job:
    order = Order(
        draw(written(2_000, 1)) or "x", count=draw(st.sampled_from([1, 4])), kind=draw(st.sampled_from(list(Kind))),
        exact=draw(st.booleans()), spec=draw(st.none() | specs()), base=draw(st.none() | specs()), style="s",
        negative=draw(written(1_000)), strength=0.123456, guidance=29.9, seed=2**32 - 5, steps=150,
        private=draw(st.booleans()),
    )  # fmt: skip
    place = Place(ID, ID, draw(st.none() | st.just(ID)), draw(LOCALES))
    painted = Painted("8192x8192", draw(written(200)), 99_999.9, 150)
    return Job(JOB_ID, order, place, 2**32 - 1, JobState.DONE, IN_2100, message_id=ID, painted=painted)


@st.composite
def styles(draw: st.DrawFn, most: int = 1) -> list[Style]:
    texts = {"": draw(written(60, 1)) or "x"}
    return [
        Style("s" if not n else f"s{n}", texts, {"": draw(written(200))}, notes={"": draw(written(200))},
              prompt=f"{draw(written(590))}{{prompt}}", negative=draw(written(600)))
        for n in range(most)
    ]  # fmt: skip


@st.composite
def remarks(draw: st.DrawFn) -> Remarks:
    unknown = Unknown((draw(written(2_000)),) * 3, {"": [], "en": [draw(written(60))] * 30})
    return Remarks(
        draw(styles())[0],
        unknown,
        cast("Any", LACKS),
        draw(written(200)),
        picture_sent=True,
        as_written=True,
        no_loras=(draw(written(100)), "wax"),
    )


@st.composite
def rules(draw: st.DrawFn, most: int = ROWS) -> tuple[Rule, ...]:
    target = Target(draw(st.sampled_from(ORDER)), ID)
    reason, model = draw(written(300)), draw(st.sampled_from(["", "*" * 100]))
    return tuple(
        Rule(target, Limit(1_000_000, per, model), 1_000, reason, IN_2100, ID, IN_2100)
        for per in [*WINDOWS] * (most // 3 + 1)
    )


MOST = tuple(Limit(1_000_000, per) for per in WINDOWS)
HOST = Host(MOST, 1_000, MOST)


@st.composite
def usages(draw: st.DrawFn) -> Usage:
    held = draw(rules())
    sets = (RuleSet(held[0].target, held),) * 3
    standings = tuple((Standing(rule.limit, 1_000_000, IN_2100), rule.target) for rule in held)
    return Usage(standings, 999, 999, held[0].target, draw(st.sampled_from([None, sets[0]])), sets, 10**6, sets)


@st.composite
def changes(draw: st.DrawFn) -> Change:
    held = draw(rules())
    return Change(ID, held[0].target, held, draw(st.sampled_from([held, ()])), 10**6, 10**6)


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    action = draw(st.sampled_from(list(Action)))
    values = {
        Action.BLOCK: "4102444800", Action.UNBLOCK: "always", Action.LOG_CHANNEL: str(ID), Action.NSFW_POLICY: "hold",
        Action.REVIEW_CHANNEL: str(ID), Action.WORD_ADD: draw(written(60)), Action.WORD_REMOVE: draw(written(60)),
        Action.LIMIT_SET: "; ".join([*(f"1000000/{per} until 4102444800" for per in WINDOWS), "9 at once"]),
    }  # fmt: skip
    value = values.get(action, "")
    kind = "user" if action is Action.LIMIT_SET else ""
    return Entry(ID, action, IN_2100, ID, value, value, draw(written(300)), kind)


@st.composite
def helds(draw: st.DrawFn) -> Held:
    return Held(draw(jobs()), 0.999, IN_2100)


def page_of_log(entry: Entry) -> LogPage:
    return LogPage([entry] * 8, 998, 1_000, 8_000)


def models(name: str) -> list[Model]:
    facts = [
        ModelFacts(
            kind, lacks=cast("Any", sorted(LACKS)), hosted=True, check="off", knows={"en": [name[:60]] * 40, "zh": []}
        )
        for kind in ("painter", "planner")
    ]
    return [Model(name, owned_by=name, limner=facts[n % 2]) for n in range(ROWS)]


STAGES: list[Callable[[Remarks, str], Any]] = [
    lambda remark, _: Painting(7, 150, remark, PNG),
    lambda remark, _: Painting(0, None, remark),
    lambda remark, _: Finished((PNG,) * 4, Painted("1x1", "m", 1.0), remark),
    lambda *_: HeldForReview(),
    lambda *_: Suspended(),
    lambda *_: Waiting(IN_2100),
    lambda *_: Waiting(),
    lambda *_: InLine(10**6, IN_2100),
    lambda *_: None,
    *(lambda _, words, reason=reason: Failed(reason, words) for reason in Reason),
]

REPORT = Report(
    tuple(Day(20_000 + n, 10**6, 10**6, dict.fromkeys(Why, 10**6), 1e5, 1e6) for n in range(MOST_DAYS)), 1e5, 1e6
)


def gallery_page(d: Any) -> Sheet:
    pictures = (replace(d.draw(jobs()), id=f"{number:032x}") for number in range(4))
    shown = tuple(Picture(job, "https://cdn/x", is_favourite=True) for job in pictures)
    page = Page(shown, 999_998, 999_999, 4_000_000, hidden=200, whole=False)
    return gallery.gallery_sheet(
        d.draw(LOCALES), ID, page, Wanted(d.draw(st.booleans()), search_words(d.draw(written(200))))
    )


def as_shown(sheet: Sheet) -> Any:
    """Return the message as discord.py reads it, as far as its buttons go."""
    rows = sheet.view.to_components() if sheet.view else []
    return SimpleNamespace(components=[discord.components.ActionRow(cast("Any", row)) for row in rows])


Build = Callable[[st.DataObject], Any]
text200, text2000 = written(200), written(2_000)
BUILDERS: dict[str, Build] = {
    "alt_text.alt_text": lambda d: discord.File(io.BytesIO(b"x"), description=alt_text.alt_text(d.draw(jobs()), 4, 4)),
    "buttons.running_buttons": lambda d: buttons.running_buttons(d.draw(LOCALES), JOB_ID),
    "buttons.finished_buttons": lambda d: buttons.finished_buttons(d.draw(LOCALES), JOB_ID, d.draw(st.integers(1, 4))),
    "buttons.vary_selects": lambda d: buttons.vary_selects(d.draw(LOCALES), JOB_ID, range(4), 3, of_set=True),
    "buttons.picture_select": lambda d: buttons.picture_select("upscale", d.draw(LOCALES), JOB_ID, range(4)),
    "doubt_buttons.anyway_view": lambda d: doubt_buttons.anyway_view(
        d.draw(LOCALES), 2**63, "0" * 16, [f"x{d.draw(written(90))}"] * d.draw(st.integers(0, 4))
    ),
    "buttons.scale_buttons": lambda d: buttons.scale_buttons(d.draw(LOCALES), JOB_ID, 3, (2, 4)),
    "buttons.which_buttons": lambda d: buttons.which_buttons(JOB_ID, range(4), 2**63),
    "buttons.delete_select": lambda d: buttons.delete_select(d.draw(LOCALES), JOB_ID, range(4)),
    "buttons.more_buttons": lambda d: buttons.more_buttons(d.draw(LOCALES), JOB_ID, parts=True),
    "modals.region_form": lambda d: modals.region_form(d.draw(LOCALES), JOB_ID, d.draw(st.integers(0, 511))),
    "buttons.region_picker": lambda d: buttons.region_picker(d.draw(LOCALES), JOB_ID, d.draw(st.integers(0, 511))),
    "buttons.zoom_buttons": lambda d: buttons.zoom_buttons(d.draw(LOCALES), JOB_ID),
    "cards.card": lambda d: cards.card(
        d.draw(jobs()), d.draw(st.sampled_from(STAGES))(d.draw(remarks()), d.draw(text2000))
    ),
    "details.details": lambda d: details.details(
        d.draw(jobs()),
        [d.draw(jobs())] * 40,
        Styles(d.draw(styles())),
        d.draw(LOCALES),
        d.draw(st.sampled_from([1, ID])),
        favourite=d.draw(st.none() | jobs()),
    ),
    "fine_print.notes": lambda d: max(
        fine_print.notes(d.draw(jobs()), d.draw(remarks())), key=len
    ),  # a card shows as many lines as it can hold
    "fine_print.loras_notice": lambda d: fine_print.loras_notice(d.draw(LOCALES), ["<@1>" * 40] * 30),
    "fine_print.unknown_notice": lambda d: fine_print.unknown_notice(
        "en", d.draw(remarks()).unknown or Unknown((), {})
    ),
    "fine_print.words_notices": lambda d: (
        "\n".join(fine_print.words_notices(d.draw(LOCALES), d.draw(jobs()).order)) or "-"
    ),
    "fine_print.changed": lambda d: fine_print.changed(d.draw(jobs()), d.draw(LOCALES)) or "-",
    "fine_print.difference": lambda d: fine_print.difference(d.draw(jobs()), d.draw(LOCALES)) or "-",
    "fine_print.kind_of": lambda d: fine_print.kind_of(d.draw(jobs()), d.draw(LOCALES)) or "-",
    "gallery.gallery_sheet": gallery_page,
    "gallery.asking": lambda d: gallery.asking(d.draw(LOCALES), as_shown(gallery_page(d)), f"{3:032x}"),
    "help.help_text": lambda d: bot.ui.help.help_text(d.draw(LOCALES)),
    "hosted_notices.notices": lambda d: "\n".join(
        hosted_notices.notices(d.draw(LOCALES), d.draw(jobs()).order, cast("Any", LACKS), "x", picture=True)
    ),
    "limits.target_text": lambda d: limits.target_text(d.draw(LOCALES), d.draw(rules())[0].target),
    "limits.limit_text": lambda d: limits.limit_text(d.draw(LOCALES), HOST.limits[0]),
    "limits.show_text": lambda d: limits.show_text(d.draw(LOCALES), d.draw(usages()).applying * 9, HOST),
    "limits.set_text": lambda d: limits.set_text(d.draw(LOCALES), d.draw(changes()), d.draw(rules())[0], HOST),
    "limits.change_text": lambda d: limits.change_text(d.draw(LOCALES), d.draw(changes())),
    "limits.granted_text": lambda d: limits.granted_text(
        d.draw(LOCALES), d.draw(changes()), d.draw(written(300)), HOST, is_stopped=True, by_host=True
    ),
    "limits.why_text": lambda d: limits.why_text(d.draw(LOCALES), ID, d.draw(usages()), HOST),
    "limits.limits_text": lambda d: limits.limits_text(d.draw(LOCALES), MOST),
    "limits.granted_lines": lambda d: "\n".join(limits.granted_lines(d.draw(LOCALES), d.draw(usages()))),
    "limits.used_text": lambda d: limits.used_text(d.draw(LOCALES), *d.draw(usages()).standings[0]),
    "limits.because_text": lambda d: limits.because_text(d.draw(LOCALES), d.draw(rules())[0]) or "-",
    "modals.delete_form": lambda d: modals.delete_form(d.draw(LOCALES), d.draw(jobs())),
    "modals.refine_form": lambda d: modals.refine_form(d.draw(LOCALES), d.draw(jobs())),
    "modals.start_form": lambda d: modals.start_form(d.draw(LOCALES), ID),
    "moderation.reason_part": lambda d: moderation.reason_part(d.draw(LOCALES), d.draw(written(300))) or "-",
    "moderation.until": lambda d: moderation.until(d.draw(LOCALES), Block(d.draw(st.sampled_from([None, IN_2100])))),
    "moderation.words_sheet": lambda d: moderation.words_sheet(
        d.draw(LOCALES),
        ID,
        tuple(f"{d.draw(written(56))}{n}" for n in range(ROWS)) * 20,
        d.draw(st.sampled_from([0, 99])),
    ),
    "moderation.channels_text": lambda d: moderation.channels_text(
        d.draw(LOCALES), Channels({ID + n: d.draw(st.sampled_from(list(ChannelRule))) for n in range(100)})
    ),
    "model_rules.models_text": lambda d: model_rules.models_text(
        d.draw(LOCALES),
        {
            ModelRef(kind, f"{d.draw(written(90))}{n}"): RoleRules(
                {ID + m: d.draw(st.sampled_from(list(RoleRule))) for m in range(d.draw(st.sampled_from([0, 50])))}
            )
            for kind in ModelKind
            for n in range(50)
        },
        ID,
    ),
    "moderation.named": lambda d: moderation.named(tuple(ID + n for n in range(500))),
    "moderation_log.entry_line": lambda d: moderation_log.entry_line(d.draw(LOCALES), d.draw(entries())),
    "moderation_log.log_sheet": lambda d: moderation_log.log_sheet(
        d.draw(LOCALES), ID, d.draw(st.sampled_from([None, ID])), page_of_log(d.draw(entries()))
    ),
    "my_data.erase_view": lambda d: my_data.erase_view(d.draw(LOCALES), ID),
    "my_data.zip_file": lambda d: my_data.zip_file(d.draw(LOCALES), io.BytesIO(b"x"), 999),
    "my_data.export_text": lambda d: my_data.export_text(
        d.draw(LOCALES),
        cast(
            "Any",
            SimpleNamespace(
                requests=10**6, pictures=10**6, still_counting=10**6, left=Counter(["gone", "many"] * 10**4)
            ),
        ),
        d.draw(st.sampled_from([0, 999])),
        d.draw(st.booleans()),
    ),
    "my_data.erase_text": lambda d: my_data.erase_text(
        d.draw(LOCALES), Erasure(10**6, 10**6, Counter((FORBIDDEN, PRIVATE, UNWELL)), 10**6)
    ),
    "paging.page_buttons": lambda d: paging.page_buttons(d.draw(LOCALES), f"log-{ID}", ID, 998, 1_000),
    "preferences.preferences_text": lambda d: preferences.preferences_text(
        d.draw(LOCALES), Preferences("s", "landscape", True), d.draw(text200), saved=True
    ),
    "model_offers.described": lambda d: model_offers.described(
        d.draw(LOCALES), Offer(max(CATALOG, key=lambda entry: len(entry.name)), None, 99_999.9)
    ),
    "model_offers.how_it_fits": lambda d: model_offers.how_it_fits(
        d.draw(LOCALES),
        Offer(CATALOG[0], None, None, "no", d.draw(st.sampled_from([None, *Format]))),
        has_gpu=d.draw(st.booleans()),
    ),
    "progress_bar.fetching_line": lambda d: progress_bar.fetching_line(
        d.draw(LOCALES),
        d.draw(st.sampled_from(["fetching", "status-fetching"])),
        Fetching(d.draw(written(200)), 100, 10**13),
    ),
    "progress_bar.progress_bar": lambda d: progress_bar.progress_bar(d.draw(LOCALES), 149, 150),
    "review.review_sheet": lambda d: review.review_sheet(
        d.draw(LOCALES), ID, HeldPage(d.draw(helds()), (PNG,) * 4, 998, 1_000), [PNG] * 4
    ),
    "review.held_line": lambda d: review.held_line(d.draw(LOCALES), d.draw(helds())),
    "review.closed_line": lambda d: review.closed_line(d.draw(LOCALES), d.draw(helds()), d.draw(st.none() | entries())),
    "review.hidden": lambda d: Sheet("x", [], None, review.hidden(d.draw(LOCALES), d.draw(helds()), [PNG] * 4)),
    "stats.stats_text": lambda d: stats.stats_text(
        d.draw(LOCALES), REPORT, missing=d.draw(st.sampled_from(["", "stats-no-charts"]))
    ),
    "stats.alt_text": lambda d: discord.File(io.BytesIO(b"x"), description=stats.alt_text(d.draw(LOCALES), REPORT)),
    "status.status_text": lambda d: status.status_text(
        d.draw(LOCALES),
        EngineStatus(10**6, 10.0**6),
        models(d.draw(text200)),
        paused=d.draw(st.none() | st.builds(Paused, written(300))),
        running=10**6,
        since=1.0,
        now=IN_2100,
    ),
    "style_list.style_sheet": lambda d: style_list.style_sheet(
        d.draw(LOCALES), ID, d.draw(styles(ROWS)) * 4, d.draw(st.sampled_from([0, 99]))
    ),
    "usage.usage_text": lambda d: usage.usage_text(d.draw(LOCALES), d.draw(usages()), in_guild=d.draw(st.booleans())),
}


def files_of(made: Any) -> list[discord.File]:
    if isinstance(made, Card):
        return made.discord_files()
    if isinstance(made, discord.File):
        return [made]
    return list(made.files or ()) if isinstance(made, Sheet) else []


def check_takes(made: Any) -> None:
    """Raise what Discord would answer to a message with this in it."""
    if isinstance(made, discord.ui.Modal):
        check_modal(cast("Any", made.to_dict()))
        return
    if isinstance(made, discord.ui.View):
        made = Sheet("x", [], made)
    if isinstance(made, str | discord.Embed):
        made = Sheet(made, [], None) if isinstance(made, str) else Sheet("", [made], None)
    files = files_of(made)
    for file in files:
        at_most("attachments.description", file.description, 1_024)
    if isinstance(made, discord.File):
        return
    view, embeds = made.view, [] if isinstance(made, Card) else made.embeds
    body: Any = {
        "content": made.content,
        "embeds": [embed.to_dict() for embed in embeds],
        "components": view.to_components() if view else [],
    }
    at_most("attachments", files, 10)
    check_body(body)
    check_not_empty(made.content, body["embeds"], files)


@pytest.mark.parametrize("name", BUILDERS)
@settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck),
          phases=[Phase.generate])  # fmt: skip
@given(data=st.data())
def test_discord_takes_whatever_is_built(name: str, data: st.DataObject) -> None:
    check_takes(BUILDERS[name](data))


def builders() -> Iterable[str]:
    """Yield the public functions of bot/ui that return something to be shown."""
    shown: Any = (str, Sheet, Card, discord.Embed, discord.ui.View, discord.ui.Modal, discord.File)
    several = [list[str], list[discord.File], discord.ui.View | None]
    for found in pkgutil.iter_modules(bot.ui.__path__):
        module = import_module(f"bot.ui.{found.name}")
        for name, function in vars(module).items():
            if inspect.isfunction(function) and function.__module__ == module.__name__ and not name.startswith("_"):
                kind = get_type_hints(function)["return"] if "locale" in inspect.signature(function).parameters or (
                    "job" in inspect.signature(function).parameters
                ) else None  # fmt: skip
                if kind in shown or kind in several:
                    yield f"{found.name}.{name}"


def test_every_builder_has_a_row() -> None:
    assert set(builders()) - {"i18n.text", "i18n.nearest"} <= set(BUILDERS)


def test_a_message_that_is_too_long_is_noticed() -> None:
    for made in (
        "x" * 2_001,
        discord.Embed(description="x" * 4_097),
        Sheet("", [discord.Embed(description="x" * 4_000)] * 2, None),
    ):
        with pytest.raises(Refusal):
            check_takes(made)


def test_the_log_shows_every_entry_of_its_page() -> None:
    """So nobody hides a deed behind long reasons."""
    worst = Entry(
        ID, Action.LIMIT_SET, IN_2100, ID, "x", "1000000/hour until 4102444800; 1000 at once", "*" * 300, "user"
    )
    page = page_of_log(worst)
    page.entries[:] = [replace(worst, target_id=ID + n) for n in range(8)]
    (embed,) = moderation_log.log_sheet("en", ID, None, page).embeds
    check_takes(embed)
    assert [f"<@{ID + n}>" in (embed.description or "") for n in range(8)] == [True] * 8
