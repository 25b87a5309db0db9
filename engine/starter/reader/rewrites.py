"""Ways to say a thing that the starter was never shown, put as it was shown them, before the words are read."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from engine.starter.lexicon.tables import names
from engine.starter.reader.words.plain import plain_words

_KIN: Final = (
    "sons?|daughters?|kids?|child|children|wife|husband|mum|mom|mother|dad|father|grandma|grandpa|friends?|"
    "sister|brother|niece|nephew|girlfriend|boyfriend|boss|students?|class"
)
"""Whom a picture is for: nobody asks for them to be in it by saying that they love boats."""
_SAME: Final = (
    (
        re.compile(
            r"\b(?:the )?sun (?:is |was )?(?:going|goes|went) down\b|\b(?:the )?sun (?:is )?setting\b", re.IGNORECASE
        ),
        "sunset",
    ),
    (
        re.compile(r"\b(?:the )?sun (?:is )?(?:coming|comes|came) up\b|\b(?:the )?sun (?:is )?rising\b", re.IGNORECASE),
        "dawn",
    ),
    (re.compile(r"\b(?:to)?nite(?:time)?\b", re.IGNORECASE), "night"),
    (re.compile(r"\bcolour", re.IGNORECASE), "color"),
    (
        re.compile(
            rf"(?<!\w)(?:my|our) (?:little |old |best )?(?:{_KIN}) (?:really |just |absolutely )?"
            r"(?:loves?|likes?|adores?|wants?|asked for|(?:is|are) (?:crazy|mad|nuts) about|(?:is|are) into|"
            r"would (?:like|love))(?: to see)?(?!\w)",
            re.IGNORECASE,
        ),
        "",
    ),
    (re.compile(rf"(?<!\w)for (?:my|our) (?:little |old |best )?(?:{_KIN})(?!\w)", re.IGNORECASE), ""),
)
_CHANGES: Final = (
    (re.compile(r"(?<!\w):\w+:(?!\w)"), " "),
    (
        re.compile(r"(?<!\w)(?:one|1) more (?=[a-z])(?!time|thing|try|go(?!\w)|chance|step)", re.IGNORECASE),
        "add another ",
    ),
    (re.compile(r"(?<!\w)(?:una?|otr[oa]) (?=\w+ más(?!\w))", re.IGNORECASE), "añade otro "),
    (
        re.compile(r"(?<!\w)((?:move|put|shift|push|bring) .{1,30}?)(?<! the) (left|right)(?!\w)", re.IGNORECASE),
        r"\1 to the \2",
    ),
    (re.compile(r"(?<!\w)to the (?:middle|cent(?:er|re))(?!\w)", re.IGNORECASE), "in the center"),
    (re.compile(r"(?<!\w)w/ ?(?=\w)(?!o\b)"), "with "),
    (re.compile(r"^\W*(?:no,? )?i meant? (?=an? )", re.IGNORECASE), "make it "),
    (
        re.compile(
            r" would be (?:so |really |very |pretty )?(?:cool|nice|great|good|awesome|sick|fun|lovely|cute)"
            r"(?= (?:too|tho|though|please|pls|i think|imo)(?!\w)|\W*$)",
            re.IGNORECASE,
        ),
        "",
    ),
    (re.compile(r"([改变换])(?=[\u4e00-\u9fff])(?![成为回到掉色个下一了天日])"), r"\1成"),
    (re.compile(r"多(?=[加画来放])"), ""),
    (re.compile(r"(?<=に)してみて"), "して"),
    (re.compile(r"(?:やっぱり|やはり)(?!前|元|最初)"), ""),
    (
        re.compile(r"を(?:追加(?:して)?|増やして|出して|浮かべて|見せて|描き足して|付け足して|つけ足して|光らせて)"),
        "を足して",
    ),
    (
        re.compile(
            r"(?<!\w)((?:pon|haz|c[áa]mbia|p[íi]nta|mu[ée]ve|convi[ée]rte|col[óo]ca|p[áa]sa|ll[ée]va|d[ée]ja)l)(?:a|os|as)(?!\w)",
            re.IGNORECASE,
        ),
        r"\1o",
    ),
    (re.compile(r"(?<!\w)(?:pon|m[ée]te|d[áa])(?:le|les|me)(?!\w)", re.IGNORECASE), "pon"),
    (re.compile(r"(?<!\w)(?:agr[ée]ga|a[ñn][áa]de)(?:le|les|me)(?!\w)", re.IGNORECASE), "agrega"),
    (re.compile(r"(?<!\w)(?:qu[íi]ta|s[áa]ca|b[óo]rra)(?:le|les|me)(?!\w)", re.IGNORECASE), "quita"),
    (re.compile(r"[はがも]?(?:いら|要ら)ない(?:です|や|よ|かな)?"), "なしで"),
    (re.compile(r"を([^をにて]{1,12})に$"), r"を\1に変えて"),
)
"""The same of changes."""
_FIRST: Final = (
    (
        re.compile(
            r"(?<!\w)(?:good (?:morning|evening|afternoon|day)|guten (?:morgen|tag|abend)|gute nacht|moin|servus|"
            r"buen(?:os|as)? (?:días?|dias?|tardes?|noches?))(?!\w)|"
            r"(?:早上|晚上|下午|中午)好|おはようございます|おはよう|こんにちは|こんばんは",
            re.IGNORECASE,
        ),
        "",
    ),
)
"""The same of first requests: a greeting names no time of day."""
_STYLE_FIRST: Final = re.compile(
    r"^\s*(?:an? )?(watercolou?r|ink|pastel|flat)(?: (?:painting|drawing|sketch|illustration|picture))? of (.+)$",
    re.IGNORECASE | re.DOTALL,
)


def rewritten(words: str, *, edit: bool = False) -> str:
    """Return the words with turns replaced by plain ones, and a leading style behind what it is of."""
    words = plain_words(_parted().sub(lambda match: match[0].replace(" ", ""), words))
    for pattern, plain in (*_SAME, *(_CHANGES if edit else _FIRST)):
        words = pattern.sub(plain, words)
    if match := _STYLE_FIRST.match(words):
        words = f"{match[2]}, {match[1]}"
    return words


@cache
def _parted() -> re.Pattern[str]:
    """Return what finds English names that are written in one word as well: "snow man"."""
    known = names("en")
    parted = [name for name in known if " " in name and name.replace(" ", "") in known]
    return re.compile(rf"(?<!\w)(?:{'|'.join(sorted(parted, key=len, reverse=True))})(?!\w)", re.IGNORECASE)
