"""How people say that something must not be there, or must go, in five languages."""

from __future__ import annotations

import re
from typing import Final

_WANT: Final = r"(?:want|include|add|draw|show|put|need)(?: to see)?(?: any| the| a)?"

_COLOR: Final = r"(?:red|orange|yellow|green|blue|purple|pink|brown|white|black|gr[ae]y|gold)"

NOT_MEANT: Final = re.compile(
    r"(?:no (?:wait|problem|matter|doubt|longer|place like|more than|less than|rush|thanks|need|limits?)|"
    r"not (?:only|just)|nothing but|no\.? ?\d+|no(?=\s*(?:[,.;:!?。，]|$))|don'?t (?:forget|worry|care|mind|know)|"
    r"can'?t wait)(?!\w)",
    re.IGNORECASE,
)
"""English turns that only look like a no."""

BEFORE: Final = {
    "en": re.compile(
        rf"(?:with no|without(?: any)?|w/o|no|not an?|not (?:at|in|on|by)|"
        rf"not any|don'?t {_WANT}|do not {_WANT}|free of|excluding|exclude|"
        rf"avoid|nor|not (?:too|so|very)|not(?= {_COLOR}\b)|(?:is|are)(?:n'?t| not)(?= (?-i:[A-Z])))(?!\w)",
        re.IGNORECASE,
    ),
    "es": re.compile(
        r"(?:sin|ni|no quiero(?: ver)?|no haya|que no haya|nada de|ning[uú]na?)(?!\w)", re.IGNORECASE
    ),
    "de": re.compile(r"(?:ohne|kein(?:e[nrms]?)?)(?!\w)", re.IGNORECASE),
    "zh": re.compile(r"没有|不要(?:画成|出现|有)?|不能有|不许有|别出现|不想要|不含|不带|别有|别画|别加|无|没|别"),
}  # fmt: skip
"""What stands before the thing that must not be there."""

AFTER: Final = re.compile(r"なしで|なし|抜き|[のがは](?:い|居)?ない|はいらない|のいない|がいない")
"""Japanese says it afterwards."""

GONE_BEFORE: Final = {
    "en": re.compile(
        r"(?:remove|delete|erase|get rid of|take (?:away|out)|take(?= (?:the |that |this )?[\w ]{1,30} (?:away|out)\b)|"
        r"replace|swap|instead of|rather than|lose|ditch|drop|scrap|axe|hide|leave out|cut|less|fewer)(?!\w)",
        re.IGNORECASE,
    ),
    "es": re.compile(r"(?:quita|elimina|borra|en lugar del?|en vez del?|reemplaza|sustituye|"
        r"fuera(?= (?:el|la|los|las)(?!\w)))r?(?!\w)", re.IGNORECASE),
    "de": re.compile(r"(?:entferne|lösche|statt|anstatt|anstelle von|weg mit|ersetze)(?!\w)", re.IGNORECASE),
    "zh": re.compile(r"去掉|删掉|删除|移除|拿掉|去除"),
}  # fmt: skip
"""In an edit: what stands before the thing that goes."""

GONE_AFTER: Final = re.compile(
    r"[をはも](?:消して|取って|削除して|除いて|なくして|外して)|不要了|去掉|删掉|删了|拿掉|移除|去了(?![\u4e00-\u9fff])"
)
GONE_BEHIND: Final = {
    "en": re.compile(
        r"(?:(?:should|must|has to|have to|needs to|need to) (?:be )?(?:gone|go|disappear|vanish|removed)|"
        r"gone(?= please| pls|\W*$))(?!\w)",
        re.IGNORECASE,
    ),
    "es": re.compile(r"fuera(?!\w)(?= por favor|\W*$)", re.IGNORECASE),
    "de": re.compile(r"(?:soll )?(?:raus|weg)(?:nehmen|machen)?(?!\w)(?! mit)", re.IGNORECASE),
}
"""The same in languages that put blanks between words."""
TURNS_INTO: Final = re.compile(
    r"换成|改成|变成|改为|変えて|"
    r"(?<!\w)(?:into|to(?! the (?:left|right|middle|cent))|durch|make (?:it|this|that) an?|"
    r"(?:daraus|draus|lieber|doch eher|eher)(?= (?:doch )?eine?n?(?!\w))|"
    r"(?:mejor|que sea|conviért\w+ en|prefiero)(?= un[ao]?(?!\w)))(?!\w)",
    re.IGNORECASE,
)
"""In an edit, between a thing and what takes its place."""

AND_ALSO: Final = re.compile(r"^[\s,、，]*(?:or|nor|ni|oder|o|或|或者|和|、)[\s]*$", re.IGNORECASE)
"""Between two things that must both not be there."""

TAIL: Final = re.compile(
    r"[\s,，、;]*(?:(?:(?<!\w)(?:and|but|with|there (?:is|are)|i|please|y|pero|und|aber)(?!\w)|但|也|而且)[\s,，]*)*$",
    re.IGNORECASE,
)
"""What is left hanging where such a part was cut away."""
LEFT_OVER: Final = re.compile(r"^\s*(?:either|yet|at all|please|tampoco)(?!\w)", re.IGNORECASE)
"""The same behind it."""

ADDS: Final = re.compile(
    r"(?<!\w)(?:add|another|also|plus|too|and an?|añade|agrega|además|otr[oa]|noch|dazu|füge|mehr)(?!\w)|"
    r"加|再|还要|足して|追加|もう",
    re.IGNORECASE,
)
"""In an edit: that something comes beside what is there."""
