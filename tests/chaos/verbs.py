"""Every verb of members and moderators, as the chaos plays it; `test_verbs.py` holds the table to the bot's own.

A verb that finds nothing to act on, or is refused, is no failure: what must be true afterwards is the judges' business.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from bot.sandbox.guild import ADULTS as OTHER
from bot.sandbox.guild import BEN, BOT, DRAWING, MODERATORS, REVIEW
from tests.chaos.hands import Hand

Do = Callable[[Hand, int], object]
Side = Literal["member", "moderator"]


@dataclass(frozen=True)
class Verb:
    """`plays` names what it does, as Hand notes it; `do` gets a number that no other deed of the run has."""

    plays: tuple[str, ...]
    do: Do
    by: Side = "member"
    needs: Literal["", "planner", "check"] = ""
    """What the engine must have for it: a planner that understands, or a check of pictures that doubts each."""


def _options(hand: Hand, number: int) -> None:
    facts = {
        "shape": "wide",
        "negative": "fog",
        "seed": number,
        "steps": 2,
        "guidance": 4.0,
        "private": number % 3 == 0,
    }
    hand.imagine(f"a mill, deed {number}", count=2, exact=True, **facts)


def _names(hand: Hand, number: int) -> None:
    """Name a style, a model and a LoRA; of these the first may not be known to the model."""
    hand.imagine(f"a tower, deed {number}", model=hand.choice("imagine", "model"), exact=True)
    style = hand.choice("imagine", "style")
    hand.imagine(f"a bridge, deed {number}", style=style, exact=True)
    hand.imagine(f"a road, deed {number}", lora="none such:0.5", exact=True)


def _photo(hand: Hand, number: int) -> None:
    """Give others leave for one's photos, and start from one, from several, and from a part of one."""
    hand.command("my settings", photos="yes" if number % 2 else "no")
    photo, exact = hand.upload(), {"exact": True, "steps": 2}
    hand.imagine(f"a quay, deed {number}", image=photo, strength=0.5, **exact)
    hand.imagine(f"a pier, deed {number}", image=photo, image2=photo, image3=photo, **exact)
    hand.imagine(f"a buoy, deed {number}", image=photo, mask=hand.upload(), **exact)


def _from_a_photo(hand: Hand, number: int) -> None:
    """Start from a photo that another member sent, who may have said no."""
    other = hand.of("Ben" if hand.member == "Ada" else "Ada")
    opened = hand.menu("Start from this picture", other.say("look", photo=other.upload()))
    hand.fill("start-form", opened, words=f"a sail, deed {number}")


def _vary(hand: Hand, _: int) -> None:
    asked = hand.shown(hand.press("vary", on=hand.picture()))
    hand.choose("strength", on=asked)


def _vary_of_set(hand: Hand, _: int) -> None:
    asked = hand.shown(hand.press("vary", on=hand.picture(count=4)))
    hand.choose("picture:vary", "1", on=asked)
    hand.choose("strength", on=asked)


def _upscale(hand: Hand, _: int) -> None:
    hand.press("upscale", on=hand.picture())


def _refine(hand: Hand, number: int) -> None:
    opened = hand.press("refine", on=hand.picture())
    hand.fill("refine-form", opened, words="make it night", prompt=f"a boat by night, deed {number}")


def _refine_by_menu(hand: Hand, number: int) -> None:
    opened = hand.menu("Refine picture", hand.picture())
    hand.fill("refine-form", opened, words="make it red", prompt=f"a red boat, deed {number}")


def _refine_one_of_set(hand: Hand, number: int) -> None:
    asked = hand.shown(hand.menu("Refine picture", hand.picture(count=4)))
    opened = hand.choose("picture:refine", str(number % 4), on=asked)
    hand.fill("refine-form", opened, words="make it blue", prompt=f"a blue boat, deed {number}")


def _region(hand: Hand, number: int) -> None:
    more = hand.shown(hand.press("more", on=hand.picture()))
    cells = hand.shown(hand.press("region", on=more))
    hand.press("cell", f":{number % 9}", on=cells)
    opened = hand.press("region-words", on=cells)
    hand.fill("region-form", opened, words=f"a lighthouse, deed {number}")


def _zoom(hand: Hand, _: int) -> None:
    more = hand.shown(hand.press("more", on=hand.picture()))
    asked = hand.shown(hand.press("zoom", on=more))
    hand.press("zoomed", on=asked)


def _details(hand: Hand, _: int) -> None:
    hand.press("details", on=hand.shown(hand.press("more", on=hand.picture())))


def _pick(hand: Hand, number: int) -> None:
    hand.press("pick", f":{number % 4}", on=hand.picture(count=4))


def _delete(hand: Hand, _: int) -> None:
    hand.press("delete", on=hand.shown(hand.press("more", on=hand.picture(fresh=True))))


def _delete_of_set(hand: Hand, number: int) -> None:
    asked = hand.shown(hand.press("delete", on=hand.picture(count=4, fresh=True)))
    hand.choose("picture:delete", str(number % 4), on=asked)


def _favourite(hand: Hand, number: int) -> None:
    """Keep a picture, find it, and start from it."""
    hand.press("favourite", on=hand.picture(fresh=True))
    hand.command("my pictures", favourites=True, search="boat")
    favourite = hand.choice("imagine", "favourite")
    hand.imagine(f"a gull, deed {number}", favourite=favourite, exact=True, steps=2)


def _favourite_by_menu(hand: Hand, _: int) -> None:
    hand.menu("Favourite picture", hand.picture())


def _gallery(hand: Hand, _: int) -> None:
    """Turn the pages of one's pictures, keep one and delete one."""
    for _ in range(6):
        hand.picture(fresh=True)
    hand.press("page", on=hand.shown(hand.command("my pictures")))
    shown = hand.shown(hand.command("my pictures"))
    hand.press("my:star", on=shown)
    hand.press("my:delete", on=shown)
    hand.press("my:sure")


def _settings(hand: Hand, number: int) -> None:
    hand.command("my settings", style="none", shape=("square", "none")[number % 2], private=number % 4 == 0)


def _erase(hand: Hand, _: int) -> None:
    hand.press("erase", on=hand.shown(hand.command("my data erase")))


def _cancel(hand: Hand, number: int) -> None:
    hand.imagine(f"a slow boat, deed {number}", steps=100, exact=True)
    hand.press("cancel")


def _change(hand: Hand, _: int) -> None:
    hand.answered(hand.say("make it night", to=hand.picture()), "reply")


def _change_one_of_set(hand: Hand, _: int) -> None:
    hand.answered(hand.say("make it night", to=hand.picture(count=4)), "reply")
    hand.press("which")


def _undo(hand: Hand, _: int) -> None:
    hand.press("again", on=hand.picture())
    hand.answered(hand.say("undo", to=hand.picture()), "reply")


def _chat(hand: Hand, _: int) -> None:
    hand.answered(hand.say("would be great by night haha", to=hand.picture()), "reply")


def _mention(hand: Hand, number: int) -> None:
    hand.answered(hand.say(f"<@{BOT}> a harbour, deed {number}"), "mention")


def _look(hand: Hand, _: int) -> None:
    for name in ("help", "status", "my usage", "styles"):
        hand.command(name)


def _block(hand: Hand, _: int) -> None:
    """Block someone, perhaps amid a picture, and lift it."""
    hand.command("moderation block", user=str(BEN), reason="noise")
    hand.command("limits why", user=str(BEN))
    hand.command("moderation unblock", user=str(BEN))


def _limits(hand: Hand, number: int) -> None:
    hand.command("limits set", target=str(BEN), images=number % 4, per=("hour", "day")[number % 2], reason="calm")
    hand.command("limits grant", user=str(BEN), images=2)
    hand.command("limits show")
    hand.command("limits reset", target=str(BEN))


def _hold(hand: Hand, number: int, how: str) -> None:
    """Have what is doubtful held, and decide on what waits."""
    hand.command("moderation nsfw", policy="hold")
    hand.imagine(f"a bare hill, deed {number}", exact=True, steps=1)
    waiting = hand.until(lambda: _waiting(hand), "what waits for a moderator")
    hand.press(f"review:{how}", on=waiting)


def _waiting(hand: Hand) -> Any:
    shown = hand.shown(hand.command("moderation review"))
    return shown if "limner:review:" in str(shown["components"]) else None


def _hold_in_channel(hand: Hand, number: int) -> None:
    hand.command("moderation review", channel=str(REVIEW))
    _hold(hand, number, "release")
    hand.command("moderation review", unset=True)


def _policies(hand: Hand, number: int) -> None:
    """Forbid previews, or photos, for a while."""
    hand.command("moderation nsfw", policy=("block", "age-restricted", "hold")[number % 3])
    hand.command("moderation photos", mode=("off", "own", "everyone")[number % 3])
    hand.command("moderation replies", mode=("mention", "any")[number % 2])
    hand.command("moderation nsfw", policy="default")
    hand.command("moderation photos", mode="everyone")
    hand.command("moderation replies", mode="any")


def _models(hand: Hand, _: int) -> None:
    model = hand.choice("moderation models deny", "model")
    hand.command("moderation models deny", role=str(MODERATORS), model=model)
    hand.command("moderation models list")
    hand.command("moderation models allow", role=str(MODERATORS), model=model)


def _pause(hand: Hand, _: int) -> None:
    hand.command("moderation pause", reason="lunch")
    hand.command("moderation resume")


def _log(hand: Hand, _: int) -> None:
    hand.command("moderation log-channel", channel=str(REVIEW))
    hand.command("moderation log")
    hand.command("moderation log-channel")
    hand.command("stats", days=7)


def _words(hand: Hand, number: int) -> None:
    hand.command("moderation words add", word=f"quux{number}")
    hand.command("moderation words list")
    hand.command("moderation words remove", word=f"quux{number}")


def _channels(hand: Hand, _: int) -> None:
    hand.command("moderation channels deny", channel=str(OTHER))
    hand.command("moderation channels list")
    hand.command("moderation channels allow", channel=str(DRAWING))


def _take_down(hand: Hand, _: int) -> None:
    """Delete another's picture with a reason, and another message with one's own hands."""
    more = hand.shown(hand.press("more", on=hand.of("Ada").picture(fresh=True)))
    hand.fill("delete-form", hand.press("delete", on=more), reason="rude")
    hand.delete(hand.picture())


def lift_all(hand: Hand) -> None:
    """Take back what a moderator's deed left half done."""
    hand.command("moderation resume")
    hand.command("moderation unblock", user=str(BEN))
    hand.command("moderation nsfw", policy="default")
    hand.command("moderation photos", mode="everyone")


def decide(hand: Hand) -> None:
    """Remove what waits first."""
    hand.press("review:remove", on=hand.until(lambda: _waiting(hand), "what waits for a moderator"))


IMAGINE = "/imagine"
MODERATION = "/moderation"
OF_OPTIONS = ("prompt", "shape", "negative", "seed", "steps", "guidance", "private", "count", "exact")
VERBS: dict[str, Verb] = {
    "imagine with options": Verb((IMAGINE, *(f"{IMAGINE} {option}" for option in OF_OPTIONS)), _options),
    "imagine by names": Verb(tuple(f"{IMAGINE} {option}" for option in ("model", "style", "lora")), _names),
    "photo": Verb(tuple(f"{IMAGINE} {name}" for name in ("image", "image2", "image3", "mask", "strength")), _photo),
    "another's photo": Verb(("Start from this picture", "start-form"), _from_a_photo),
    "again": Verb(("again",), lambda hand, _: hand.press("again", on=hand.picture())),
    "vary": Verb(("vary", "strength"), _vary),
    "vary one of a set": Verb(("picture:vary",), _vary_of_set),
    "upscale": Verb(("upscale",), _upscale),
    "refine": Verb(("refine", "refine-form"), _refine),
    "refine by menu": Verb(("Refine picture",), _refine_by_menu),
    "refine one of a set": Verb(("picture:refine",), _refine_one_of_set),
    "edit region": Verb(("more", "region", "cell", "region-words", "region-form"), _region),
    "zoom out": Verb(("zoom", "zoomed"), _zoom),
    "details": Verb(("details",), _details),
    "pick": Verb(("pick",), _pick),
    "delete": Verb(("delete",), _delete),
    "delete of a set": Verb(("picture:delete",), _delete_of_set),
    "favourite": Verb(("favourite", "/my pictures", f"{IMAGINE} favourite"), _favourite),
    "favourite by menu": Verb(("Favourite picture",), _favourite_by_menu),
    "gallery": Verb(("page", "my:star", "my:delete", "my:sure"), _gallery),
    "settings": Verb(("/my settings",), _settings),
    "export": Verb(("/my data export",), lambda hand, _: hand.command("my data export")),
    "erase": Verb(("/my data erase", "erase"), _erase),
    "cancel": Verb(("cancel",), _cancel),
    "change": Verb(("reply",), _change, needs="planner"),
    "change one of a set": Verb(("which",), _change_one_of_set, needs="planner"),
    "undo": Verb(("reply",), _undo, needs="planner"),
    "chat": Verb(("reply",), _chat, needs="planner"),
    "mention": Verb(("mention",), _mention),
    "look": Verb(("/help", "/status", "/my usage", "/styles"), _look),
    "block": Verb((f"{MODERATION} block", f"{MODERATION} unblock", "/limits why"), _block, "moderator"),
    "limits": Verb(tuple(f"/limits {name}" for name in ("set", "grant", "show", "reset")), _limits, "moderator"),
    "hold and release": Verb((f"{MODERATION} review", "review:release"), _hold_in_channel, "moderator", "check"),
    "hold and remove": Verb(("review:remove",), partial(_hold, how="remove"), "moderator", "check"),
    "policies": Verb(tuple(f"{MODERATION} {name}" for name in ("nsfw", "photos", "replies")), _policies, "moderator"),
    "models": Verb(tuple(f"{MODERATION} models {name}" for name in ("deny", "list", "allow")), _models, "moderator"),
    "pause": Verb((f"{MODERATION} pause", f"{MODERATION} resume"), _pause, "moderator"),
    "log": Verb((f"{MODERATION} log", f"{MODERATION} log-channel", "/stats"), _log, "moderator"),
    "words": Verb(tuple(f"{MODERATION} words {name}" for name in ("add", "list", "remove")), _words, "moderator"),
    "channels": Verb(
        tuple(f"{MODERATION} channels {name}" for name in ("deny", "list", "allow")), _channels, "moderator"
    ),
    "take down": Verb(("delete-form",), _take_down, "moderator"),
}

UNPLAYED: dict[str, str] = {
    "anyway": "asks about what the models do not know, and one that does not list what it draws knows all",
    "scale": "a tiny painter comes without an upscaler, so that Upscale asks for no size",
    "picture:upscale": "stands under sets that an older version posted",
}
"""What the chaos does not play, and why."""
