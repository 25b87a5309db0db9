"""Orders for a picture by the shape of the sentence alone: a verb of changing, and what is changed.

Such an order need not name anything that the tables know ("remove the fence"). Invariant: what is said to or about the
people of the chat ("remove me from the list", "let me know") is none, since a picture would be painted of it.
"""
# ruff: noqa: E501 (lists of words)

from __future__ import annotations

import re
from functools import cache
from typing import Final

_ASIDE: Final = (
    r"^\W*(?:(?:please|pls|plz|now|and|then|just|also|ok(?:ay)?|so|maybe|can you|could you|would you|can we|could we|i(?:'d| would)? (?:want|like) (?:you )?to|"
    r"let's(?= (?:have|add|make|put|try|see (?:it|him|her) ))|bitte|kannst du|könntest du|por favor|puedes|podrías|请|帮我|麻烦|然后|再)\W*)*"
)
_WHAT: Final = r"(?:it|him|her|them|everything|everyone in|both|all|these|those|the|his|its|their|this|that)"
_MAKE_IDIOMS: Final = r"(?! (?:make|sense|rain in|stop|quick|work\b|happen|so\b|count|up\b|out\b|home))"
_ORDERS: Final = (
    _ASIDE + r"(?:"
    # English
    rf"(?:zoom|rotate|crop|flip|mirror|blur|brighten|darken|sharpen|tilt|desaturate|recolou?r|retouch|dim|soften) (?:{_WHAT}(?! lines)|in|out|up|down|horizontally|vertically|left|right|a)(?!\w)|"
    rf"make {_WHAT}(?!\w){_MAKE_IDIOMS} \w|(?:have|see) (?:it|him|her|them) \w+|have (?:more|less|some|an?) \w+|"
    r"(?:give|lend) (?:it|him|her|them|the \w+(?: \w+)?) (?:an?|some|more|less|two|three|longer|bigger|shorter)(?! (?:break|chance|try|minute|raise|rest|second|moment|prize|medal|hand|hug|cookie|treat|kiss|call|ride|lift))(?!\w)|"
    r"add (?!(?:me|us|him|her|them|my|your|this|that|it|to|up|on)(?!\w))\w+|include (?:an?|the|some|more) |"
    r"(?:remove|erase|delete|get rid of|take (?:out|off|away)|lose|hide|drop) (?:the|his|its|all|both|every|her \w)(?! (?:bot|app|account|server|channel|message|link|role)s?(?!\w))|"
    rf"(?:replace|swap|exchange|substitute) {_WHAT}(?!\w)|(?:change|turn|convert|transform) (?:it|him|everything|them|both|(?:the|his|her|its) \w+|this|that)(?!\w)(?! (?:off|around|up|down|on)\W*(?:\w+\W*)?$)|"
    r"put (?:an?|the|some|more|it|him|her|them|two|three) (?:[\w'-]+ ){0,4}?(?:on|in|into|inside|behind|beside|under|over|around|above|next to|in front of) (?!it\W*$|its name|the (?:fridge|wall\W*$|list|calendar|menu|agenda|table\W*$|tab\W*$))\w+|"
    r"fix (?:the|his|its|her) \w+|let (?:it|him|her|the \w+) (?:be|have|wear|hold|look|smile|rain|snow|glow|fly|sit|stand)(?!\w)|"
    r"try (?:an?|some) [\w -]*?(?:angle|style|look|background|colou?rs?|lens|pose|palette|light\w*|view|composition|mood|texture)(?!\w)|"
    r"(?:a (?:bit|little|lot|touch|tad) |slightly |much |way )?(?:more|less|fewer) (?!(?:like|of|please|pls|talk|than|or|about|info|time|or less)(?!\w))[\w-]+(?: [\w-]+)?(?: please| pls)?\W*$|"
    r"(?:a (?:bit|little|lot|touch|tad) |slightly |much |way )?(?:bright|dark|blu|redd|green|pink|whit|bigg|small|warm|cold|cool|larg|soft|sharp|clos|wid|narrow|tall|short|long|light|heavi|spooki|cut|scari|round|thin|thinn|thick|fatt|slimm|old|young|happi|sadd|angri|wild|clean|busi|simpl|calm|high|low)er(?: please| pls)?\W*$|"
    r"(?:trade|exchange) (?:the|his|her|its) [\w ]+ for|get rid of (?:that|those)|dial (?:back|down|up) the|(?:bring|move) (?:it|him|her|them|the \w+) (?:closer|forward|back a|to the (?:left|right|front|back|middle|cent))|"
    r"(?:he|she|it|they|the \w+|there) should (?:be (?:an?|some|more|holding|wearing|smiling|sitting|standing|looking|flying|riding|made of)|have (?:an?|more|longer|shorter)|hold|wear)(?!\w)|"
    r"(?:could|can) (?:he|she|it|they|the \w+) (?:be \w+ing|have (?:an?|some|more)|wear|hold)(?!\w)|(?:(?:he|she|it|they|the \w+)(?:'d| would)? )?(?:would )?look (?:better|cooler|nicer|sick) (?:in|with|as|on) (?:an?|the|some)?|"
    r"(?:same|same thing|same picture|again) but |(?:but )?(?:in the style of|as an? (?:[\w-]+ ){1,3}(?:print|painting|poster|drawing|sketch|render|photo|statue|cartoon|comic))(?!\w)|(?:from|with) an? (?:[\w'’-]+ ){1,3}(?:view|angle|shot|lens|perspective)(?!\w)|"
    r"(?:[\w'-]+ ){1,4}(?:lens|shading|colou?r palette|rim light|bokeh)(?:[ ,][\w ,]*)?\W*$|(?:it'?s |looks |kinda |way |a bit |bit |a little |far )*too (?:dark|bright|busy|blurry|saturated|cluttered|zoomed in|close|far away|small|big|flat|grainy|shiny)(?!\w)|"
    # Spanish
    r"(?:hazl[oa]|ponl[oae]|déjal[oa]|vuélvel[oa]) (?!caso)\w+|(?:haz|pon|quita|quítale|cambia|cámbiale|añade|añádele|agrega|elimina|borra|gira|dale|recorta|desenfoca) (?:más |menos )?(?:el|la|los|las|un|una|unos|unas|algo|su|sus|fuegos|más|menos) ?\w+|(?:más|menos) \w+(?: \w+)?(?: por favor)?\W*$|"
    r"(?:que|q) (?:tenga|lleve|sea (?:más|menos)|esté (?:más|menos|en|con)|parezca)(?!\w)|(?:le|les) faltan? (?:un|una|unos|unas|más)(?!\w)|en (?:el )?estilo (?:de )?\w+|demasiado (?:oscuro|claro|brillante)|"
    # German
    r"mach(?:e|t)? (?:es|ihn|sie|den|die|das|alles|beide) (?:(?:ein )?(?:bisschen|wenig) )?\w+|(?:entfern|lösch|ersetz|änder|dreh|verändere?|schärf|spiegel|verwisch)\w* (?:den|die|das|es|ihn|sie|alle|alles|seine?n?|ihre?n?)(?!\w)|füge? .{2,60} (?:hinzu|ein)|"
    r"gib (?:ihm|ihr|ihnen|dem \w+|der \w+) (?:eine?n?|mehr|weniger) \w+|(?:etwas |ein bisschen |viel )?(?:mehr|weniger) \w+(?: bitte)?\W*$|(?:etwas |ein bisschen |viel )?(?:heller|dunkler|größer|kleiner|wärmer|kälter|schärfer|weicher)(?: bitte)?\W*$|"
    r"ohne (?:den|die|das) \w+|(?:\S+ ){1,6}(?:wäre|wären) (?:schön|gut|cool|besser|toll|der hammer|nett)|(?:der|die|das|er|sie|es) \w* ?(?:braucht|bräuchte) (?:eine?n?|nen|mehr|noch)|"
    r"(?:das ganze )?(?:nochmal|noch mal|noch einmal) (?:bei|mit|in|als|aber)|könnten? (?:er|sie|es|(?:der|die|das) \w+) .{3,}|setz(?:e|t)? (?:ihm|ihr|ihnen|dem \w+|der \w+) |(?:etwas |ein bisschen |bisschen )?zu (?:dunkel|hell|bunt|klein|groß|nah)(?!\w)|"
    # Chinese
    r"让(?:画面|背景|颜色|光线?|整体|[他她它](?!们)|天空|人物)(?!.*(?:看看|知道|来|走|滚|等))|(?:换|改|变)(?:成|为|个(?!人|班|工作|手机)|一[种下张](?!人)|掉)|把.{1,20}?(?:去掉|换成|换掉|改成?|变成?|删|移|放[到在大]|缩小|弄|调|涂|画|加|拿掉|模糊|虚化|染)|"
    r"加(?:上|一(?!下我|下微信)|[两三几]|点|个(?!好友|微信|班)|些)|(?:去掉|删掉|拿掉|抹掉)|给(?:[他她它]|画面|图片?|这[个张幅])(?:们)?(?:加|戴|穿|换|画|配|添|来)|"
    r"(?:背景|画面|镜头|颜色|光线?|对比度?|饱和度?|色调|构图|整体|人物|脸|头发|衣服|天空|前景|细节|线条|亮度|边缘).{1,8}(?:一点|一些|点儿?|些)\W*$|"
    r"(?:能不能|可不可以|可以)?给[他她它](?:戴|穿|加|换|画|配)|.{1,8}(?:改成|换成|变成).+|.{0,8}调(?:亮|暗|高|低|大|小|淡|浓)|太(?:亮|暗|黑|大|小|模糊|乱|花)了|.{2,}(?:就更?好了)\W*$|(?:手|脸|眼睛|手指|背景).{1,8}修一?下|"
    # Japanese
    r".{0,16}もっと.{1,8}[くに]して|.{1,20}(?:で|を)(?:頼む|お願い(?:します)?)\W*$|.{1,12}じゃなくて.{1,12}が(?:いい|良い)|(?:後ろ|前|背景|左|右|奥|上)の.{1,10}(?:いらない|邪魔)|.{0,10}(?:明る|暗|大き|小さ)(?:すぎ|過ぎ)|.{1,24}?(?:をもっと.{1,10}|もっと.{1,12}|[をは].{1,10}|.{1,10})に(?:して|変えて|替えて|換えて)(?:ください|ほしい|欲しい)?\W*$|.{1,20}を(?:もっと)?(?:足|加え|追加し|つけ|付け|描い|入れ|ぼかし|消し|替え|変え|取っ|外し|増やし|減らし|かぶせ|着せ|持たせ|被せ|巻い|乗せ)て(?:ください|ほしい|欲しい)?\W*$"
    r")"
)
_PEOPLE: Final = re.compile(
    r"(?<!\w)(?:me|my|mine|myself|you|your|yours|yourself|u|ur|we|us|our|ours|guys|dude|bro|ya|y'?all|brb|man(?=\W*$)|mods?|boys|folks|everybody|someone|somebody|lol|lmao|i'm|i|sir|already|"
    r"mí?|mis?|tus?|te|nos|gente|mir|mich|dir|dich|uns|euch|leute)(?!\w)|[我你您]|俺|私|僕|みんな|ちょっと待",
    re.IGNORECASE,
)
_ASIDE_FIRST: Final = re.compile(_ASIDE, re.IGNORECASE)


@cache
def _compiled() -> re.Pattern[str]:
    """Return the orders' pattern. To compile it takes a tenth of a second, which no start waits for."""
    return re.compile(_ORDERS, re.IGNORECASE)


def orders(clause: str) -> bool:
    """Whether a clause orders a change of the picture: "more contrast", "remove the fence", "换个背景"."""
    return _compiled().search(clause) is not None and not _PEOPLE.search(_ASIDE_FIRST.sub("", clause, count=1))
