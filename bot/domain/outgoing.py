"""Scrubs words before they leave the host: mentions, ids, e-mail addresses, phone numbers and keys go.

Invariant: scrubbing what was scrubbed changes nothing; years, sizes, dates and counts stay.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

_GAP = " "
_INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff]")
_EMOJI = re.compile(r"<a?:(\w{1,40}):\d+>")
_EVERYONE = re.compile(r"(?<![@＠])[@＠]+(?=(?:everyone|here)\b)", re.IGNORECASE)

_MENTION = r"<(?:@[!&]?|#)\d+>|</[^<>:]{1,80}:\d+>|<id:\w+>"
_DISCORD_LINK = r"(?:https?://)?(?:\w{1,63}\.)?(?:discord(?:app)?\.(?:com|gg|new|net)|discord\.media)/[^\s<>\"']+"
_LOCAL_PART = r"[A-Za-z0-9À-ɏ._%+'-]{1,64}"
_EMAIL = rf"(?:mailto:)?{_LOCAL_PART}\s?[@＠]\s?(?:[A-Za-z0-9À-ɏ-]{{1,63}}[.．]){{1,8}}[A-Za-z]{{2,24}}"
_EMAIL_IN_WORDS = (
    rf"{_LOCAL_PART}\s*[\[({{]\s*at\s*[\])}}]\s*[A-Za-z0-9-]{{1,63}}"
    r"(?:\s*(?:\.|[\[({]\s*(?:dot|punkt|punto|point)\s*[\])}])\s*[A-Za-z0-9-]{2,24}){1,4}"
)
_EMAIL_ANY_SCRIPT = r"[\w.%+-]{1,64}[@＠](?:[\w-]{1,63}[.．]){1,8}\w{2,24}"
_TOKENS = (
    r"\b(?:bearer|basic)\s+(?=\S*\d)[\w.~+/-]{16,}=*",
    r"\beyJ[\w-]{8,}\.[\w-]{4,}(?:\.[\w-]*)?",
    r"\b[\w-]{23,28}\.[\w-]{6,7}\.[\w-]{27,45}",
    r"\b(?:sk|pk|rk)[-_][\w-]{16,}",
    r"\b(?:gh[pousr]|github_pat|glpat|hf|xox[abeprs]|npm|pypi)[-_][\w-]{16,}",
    r"\bAKIA[0-9A-Z]{16}\b|\bAIza[\w-]{30,}",
    r"\b[0-9a-fA-F]{32,}\b",
    r"\b(?=[\w-]*\d)(?=[\w-]*[a-z])(?=[\w-]*[A-Z])[\w-]{32,200}\b",
)
_SNOWFLAKE = r"(?<!\d)\d{17,20}(?!\d)"

_BREAK = r"[ \t\u00a0\u2009\u202f().\-‐‑–/·]"
_LATIN = r"[^\W\u0250-\uffff]"
_NUMBER = rf"(?<!{_LATIN})(?<!\d)(?<!\d[.,])(?:[+＋]\s?)?\(?\d(?:{_BREAK}{{0,3}}\d){{5,16}}(?!{_LATIN})(?![.,]?\d)"
"""Digits with what people put between those of a phone number. Letters of other scripts may touch it."""
_NAMED = re.compile(
    r"(?:tel|telefon|tel[eé]fono|t[eé]l[eé]phone|phone|mobile|cell|handy|call|text|fax|whatsapp|signal|wechat"
    r"|тел|телефон|电话|電話|手机|手機|携帯|微信|전화)"
    r"\s*(?:no|nr|number|号码|号|番号|번호)?\s*(?:is|ist|est|es|me at|at|是|は)?\s*[.:：]?\s*$",
    re.IGNORECASE,
)
_DATE = re.compile(r"(?<!\d)(?:\d{1,2}[./-]\d{1,2}[./-](?:19|20)\d\d|(?:19|20)\d\d[./-]\d{1,2}[./-]\d{1,2})(?!\d)")
_YEAR = re.compile(r"[12]\d{3}")


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], ...], re.Pattern[str]]:
    """Return what goes whatever it says, and what may be a phone number: compiled by the first words that leave."""
    gone = (
        re.compile("|".join((_MENTION, _DISCORD_LINK)), re.IGNORECASE),
        re.compile("|".join((_EMAIL, _EMAIL_IN_WORDS)), re.IGNORECASE),
        re.compile(_EMAIL_ANY_SCRIPT),
        *(re.compile(token, re.ASCII | (re.IGNORECASE if "bearer" in token else 0)) for token in _TOKENS),
        re.compile(_SNOWFLAKE),
    )
    return gone, re.compile(_NUMBER)


def scrub(text: str) -> str:
    """Return the text without what points to a person or opens an account; emoji of a server become their names."""
    while True:
        scrubbed = _scrubbed_once(text)
        if scrubbed == text:
            return text
        text = scrubbed


def _scrubbed_once(text: str) -> str:
    scrubbed = _named(_INVISIBLE.sub("", text))
    gone, number = _patterns()
    for pattern in gone:
        scrubbed = pattern.sub(_GAP, scrubbed)
    scrubbed = number.sub(lambda found: _GAP if _is_phone(found) else found[0], scrubbed)
    return text if scrubbed == text else re.sub(r"(?<=\S)[ \t]{2,}|^[ \t]+", _GAP, scrubbed).strip()


def _named(text: str) -> str:
    """Return the text with emoji as their names, also those within others: that alone may take many rounds."""
    while (named := _EVERYONE.sub("", _EMOJI.sub(r"\1", text))) != text:
        text = named
    return text


def _is_phone(found: re.Match[str]) -> bool:
    """Tell by its form whether a run of digits is a phone number, and not a date, a range of years or a count."""
    number = found[0]
    groups = ["".join(str(unicodedata.digit(digit)) for digit in group) for group in re.findall(r"\d+", number)]
    digits = "".join(groups)
    if number[0] in "+＋":
        return 8 <= len(digits) <= 15
    if _NAMED.search(found.string[max(0, found.start() - 40) : found.start()]):
        return True
    if _DATE.search(number) or len(digits) > 15 or all(_YEAR.fullmatch(group) for group in groups):
        return False
    if digits.startswith("00"):
        return len(digits) >= 10 and len(groups[0]) >= 2
    return _is_local(number, groups, digits)


def _is_local(number: str, groups: list[str], digits: str) -> bool:
    """Tell national forms: with an area in brackets, with a leading 0, of mobiles, and 3-3-4 or alike."""
    sizes = [len(group) for group in groups]
    if number == f"555-{groups[-1]}":
        return sizes == [3, 4]
    if len(groups) == 1:
        return re.fullmatch(r"0\d{8,11}|1[3-9]\d{9}|[2-9]\d{9}|[78]\d{10}", digits) is not None
    if not 9 <= len(digits) <= 12:
        return False
    if "(" in number and ")" in number:
        return True
    if digits[0] == "0" and sizes[0] >= 2:
        return max(sizes) >= 3 or sizes == [2] * 5
    if re.fullmatch(r"1[3-9]\d{9}", digits) and sizes == [3, 4, 4]:
        return True
    if sizes[-3:] == [3, 3, 4]:
        return sizes[:-3] in ([], [1]) and groups[-3][0] > "1"
    if sizes == [5, 5] and digits[0] > "5":
        return True
    thousands = all(size == 3 for size in sizes[1:])
    return "-" in number and len(groups) >= 3 and not thousands
