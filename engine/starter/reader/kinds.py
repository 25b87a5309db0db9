"""What kind of message a reply to a picture is, in the languages that the starter reads: chat, undo or a change."""
# ruff: noqa: E501 (lists of words)

from __future__ import annotations

import re
from typing import Any, Final

from engine.starter.reader.stated import Said, Stated
from engine.starter.reader.words.fillers import CJK_FILLERS, FILLERS
from engine.starter.reader.words.things import OTHER, QUALITY
from engine.starter.reader.words.word import Kind

_PRAISE: Final = re.compile(
    r"(?<!\w)(?:(?:ha|he|ja|hi){2,}h?|a?ha+h|lo+l+|lmf?ao+|rofl|xd+|omg|wo+w+|woah|whoa|ye+s+|yay+|yep|yup|nice+(?: one)?|"
    r"cool+|awesome|amazing|beauti?ful|gorgeous|stunning|wonderful|fantastic|brilliant|incredible|lovely|love(?:d|s)?|"
    r"like(?:d|s)?|adore|cute+|adorable|pretty|sweet|sick|dope|fire|lit|epic|great|good|best|better|perfect|excellent|"
    r"impressive|masterpiece|funny|hilarious|crazy|insane|well done|bravo|job|work|congrats|thanks?|thank you|thx|ty(?:sm)?|"
    r"tysm|cheers|appreciate[ds]?|please|bot|buddy|bro|dude|guys|mate|man|art|artist|picture|pic|image|drawing|version|"
    r"so|very|really|much|too|it|this|that|is|looks?|how|why|who|where|when|turned out|exactly|what|wanted|"
    r"gracias|genial|increíble|precioso|hermoso|bonito|lindo|me (?:gusta|encanta)|muy|bien|perfecto|qué|bueno|"
    r"danke(?:schön)?|schön|toll|super|klasse|prima|wunderschön|perfekt|gefällt mir|geil|cool|echt|sehr|gut|"
    r"k|ok(?:ay)?|gg|pog(?:gers)?|based|slay|same|true|right|haha)(?!\w)",
    re.IGNORECASE,
)
_PRAISE_CJK: Final = re.compile(
    r"哈+|嘿+|呵+|嘻+|太?(?:好看|漂亮|美|棒|赞|可爱|帅|酷|好笑|搞笑|厉害|牛|强|绝|神|妙|好)了?|谢谢?|多谢|感谢|辛苦|喜欢|爱|不错|"
    r"真的?|太|好|很|非常|超级?|大佬|老师|老哥|兄弟|这个|这张|这|图|画得|画|你|我|啊|呀|哇|呢|吧|了|的|啦|哦|嗯|也|都|就是|完美|满意|收到|"
    r"可以|没错|对|6+|笑死|绝绝子|yyds|nb|"
    r"ありがとう(?:ございます)?|素敵|すてき|すごい|すごく|凄い|綺麗|きれい|かわいい|可愛い|最高|いいね|いい|良い|感じ|上手|大好き|好き|草|笑|わあ|"
    r"とても|めっちゃ|です|ですね|だね|ね|よ|！|。",
    re.IGNORECASE,
)
_QUESTION: Final = re.compile(
    r"^\W*(?:(?:but |and |so |wait,? |hey,? |um+,? )?(?:what(?!(?: about| if))|why|how(?! about)|who|where|when|which|is|are|was|were|did|do|does|"
    r"has|have) .*|.*(?:为什么|怎么画|怎么做|是什么|什么意思|谁|多久|哪里|用的?什么|是不是).*|"
    r"(?:qué|por qué|cómo|quién|dónde|cuándo|cuál) .*|(?:was|warum|wie|wer|wo|wann|welche[rs]?) .*|"
    r".*(?:何|なぜ|どうして|どうやって|誰|どこ|いつ|ですか|の)[?？])\W*$",
    re.IGNORECASE | re.DOTALL,
)
_WISH: Final = re.compile(
    r"(?<!\w)(?:can|could|would|will|add|make|put|change|turn|draw|give|remove|replace|without|more|less|instead|let's|"
    r"puedes|podrías|pon|añade|quita|cambia|kannst|könntest|mach|füge|entferne)(?!\w)|加|改|换|去掉|变成|能不能|可以.*吗|足して|変えて|消して|して",
    re.IGNORECASE,
)
_UNDO: Final = re.compile(
    r"(?<!\w)(?:undo|revert|roll ?back|restore|(?:go|change|switch|put|turn|bring|take)(?: (?:it|that|this))? back|back to (?:the )?"
    r"(?:first|original|previous|last|earlier|old)|(?:the )?(?:previous|earlier|original|first|last) (?:one|version|picture|image)|"
    r"deshaz|deshacer|vuelve|volver|(?:la )?(?:versión )?(?:anterior|original)|primera versión|"
    r"rückgängig|zurück|(?:vorherige|letzte|erste|ursprüngliche)[nrs]?(?: version| bild)?)(?!\w)|"
    r"撤销|撤回|改回去?|变回去?|换回去?|还原|恢复|回到|退回|上一[个张版]|第[一二三四五六七八九]?[个张版]|原来(?:的|那)|"
    r"元に(?:戻|もど)|戻して|もどして|前の(?:方|ほう|バージョン|版|やつ)?|最初の|取り消",
    re.IGNORECASE,
)
_FIRST: Final = re.compile(r"first|original|primera|erste|ursprüng|第一|最初|原来|最开始|一开始", re.IGNORECASE)
_NUMBERED: Final = re.compile(
    r"(?:version|versión|number|no\.?|#|第|picture)\s*([2-9]|[二三四五六七八九])", re.IGNORECASE
)
_DIGITS: Final = "零一二三四五六七八九"
_LETTERS: Final = re.compile(r"[^\W_]+")


def kind_of(words: str, stated: Stated) -> dict[str, Any]:
    """Return `kind`, for an undo with `version`, of a reply's words and what was read of them."""
    names = [
        one
        for one in stated.said
        if one.group != QUALITY and not _means_nothing(one.text) and not _is_mere_emoji(one, stated)
    ]
    wishes = bool(stated.gone or stated.negated or _WISH.search(words))
    if _UNDO.search(words) and not _asks_for_more(stated):
        return {"kind": "undo", "version": _version(words)}
    if not wishes and _QUESTION.match(words) and words.strip().endswith(("?", "？")):
        return {"kind": "chat"}
    if not wishes and not names:
        return {"kind": "chat"}
    return {"kind": "change"}


def _is_mere_emoji(one: Said, stated: Stated) -> bool:
    """Whether an emoji shows a face or a sign, and nothing that the tables know."""
    return stated.words[one.start : one.end] != one.text and len(one.spellings) == 1


def _means_nothing(text: str) -> bool:
    """Whether nothing is left of a word, or of its neighbours in a run, that could name something to be seen."""
    rest = _PRAISE_CJK.sub(" ", _PRAISE.sub(" ", text))
    return not any(word.casefold() not in FILLERS["en"] and word not in CJK_FILLERS for word in _LETTERS.findall(rest))


def _asks_for_more(stated: Stated) -> bool:
    """Whether an undo also names things to be seen, and so is a change: "go back to the beach"."""
    things = [one for one in stated.said if one.kind in (Kind.THING, Kind.QUOTE) and not _UNDO.search(one.text)]
    return any(one.group != OTHER or len(one.spellings) > 1 for one in things if not _means_nothing(one.text))


def _version(words: str) -> int:
    if match := _NUMBERED.search(words):
        digit = match.group(1)
        return int(digit) if digit.isdecimal() else _DIGITS.index(digit)
    return 1 if _FIRST.search(words) else -1
