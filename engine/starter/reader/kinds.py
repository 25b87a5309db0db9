"""What kind of message a reply to a picture is, in the languages that the starter reads: chat, undo or a change.

A change is what asks for something: a wish, bare words for what can be seen, or an order by the shape of its sentence,
whatever it names. Talk about the picture, or about anything else, is chat, and so is any other sentence that the tables
cannot read: nobody wants a picture of it. Longer than 300 lines, since a good third is the tables of turns.
"""
# ruff: noqa: E501, SIM905 (lists of words)

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from engine.starter.lexicon.tables import wishing_words
from engine.starter.reader.orders import orders
from engine.starter.reader.phrasings import plainly
from engine.starter.reader.slots import SIDE, find_key
from engine.starter.reader.stated import Said, Stated, read_stated
from engine.starter.reader.steps import steps
from engine.starter.reader.words.emoji import emoji
from engine.starter.reader.words.fillers import FILLERS, language, says_nothing
from engine.starter.reader.words.forms import find
from engine.starter.reader.words.numbers import numbers
from engine.starter.reader.words.stems import HAN_OR_KANA
from engine.starter.reader.words.things import PLACE, QUALITY, STYLE, TIME
from engine.starter.reader.words.vocabulary import Vocabulary
from engine.starter.reader.words.word import Kind

_CLAUSES: Final = re.compile(
    r"[.!?;:,。！？；，、～~…\n]+|\s[-–—]+\s|(?<!\w)(?:but|and now|now|pero|ahora|aber|jetzt)(?!\w)|但是?|不过|でも|けど",
    re.IGNORECASE,
)
_PRAISE: Final = re.compile(
    r"(?<!\w)(?:(?:ha|he|ja|hi|je){2,}h?|a?ha+h|lo+l+|lmf?ao+|rofl|xd+|omg|wo+w+|woah|whoa|yay+|nice(?: one)?|cool+|awesome|amazing|"
    r"beauti?ful|gorgeous|stunning|wonderful|fantastic|brilliant|incredible|lovely|love(?:d|s)?|like(?:d|s)?|adore|cute+|adorable|"
    r"pretty|sweet|sick|dope|(?<!camp )fire|lit|epic|great|good|best|perfect|excellent|impressive|masterpiece|funny|hilarious|well done|bravo|"
    r"congrats|thanks?|thank you|thx|tysm|cheers|appreciate[ds]?|gg|pog(?:gers)?|based|slay|goals?|(?<!sunset )(?<!night )(?<!winter )(?<!autumn )vibes?|mood|"
    r"gracias|genial|increíble|precios[oa]|hermos[oa]|bonit[oa]|lind[oa]|me (?:gusta|encanta)|perfect[oa]|qué|maravillos[oa]|chulo|guay|"
    r"danke(?:schön)?|schön(?:e[rsn]?)?|toll(?:e[rsn]?)?|super|klasse|prima|wunderschön|perfekt|gefällt|geil|hübsch|süß)(?!\w)|"
    r"哈哈|嘿嘿|呵呵|嘻嘻|好看|漂亮|太?(?:美|棒|赞|帅|酷|绝|妙)了|可爱|好笑|搞笑|厉害|谢谢?|多谢|感谢|辛苦|喜欢|不错|完美|满意|笑死|绝绝子|yyds|6{2,}|牛[逼啊]?|"
    r"ありがと|素敵|すてき|すご[いく]|凄い|綺麗|きれい|かわいい|可愛い|最高|いいね|上手|好き|(?<![\u3040-\u30ff\u4e00-\u9fff])草+(?=\W*$)|笑|わあ|うれしい|嬉しい",
    re.IGNORECASE,
)
_CJK_TALK: Final = r"我(?!想要|要|希望|想)|你|他|她|我们|大家|谁|像|想起|让我想|是|昨天|今天|明天|等会|刚才|老师|朋友|私|僕|俺|君|みんな|みたい|思い出|昨日|今日|明日|だった|でした|早上好|晚上好|[真好]?想[去住坐]|たい(?:[なねよ]|なあ|です|$|[。！!~～])|(?:だ[なねよ]?|かんじ|感じ)(?:$|[。！!~～])"
_TALK: Final = {
    "en": r"(?<!\w)(?:i'?(?:m|ve|ll|d)? (?!want|wan|need|wish|would|like to|love to|prefer)[a-z']+|i'm|"
    r"(?:you|he|she|they|we)(?:'re|'ve|'ll)?|my|our|his|her|their|your|reminds?|looks?(?: just| exactly| so| a lot)? like|look at|is|are|was|were|isn'?t|has|did(?:n'?t)?|does(?:n'?t)?|"
    r"this|that'?s|it'?s|who|tonight|tomorrow|yesterday|today|later|soon|brb|afk|gtg|guys|bro|dude|mate|everyone|someone|yo|looks?|seems?|feels?|there's|"
    r"night night|(?:morning|evening) (?:all|everyone)|good (?:morning|night|evening|afternoon))(?!\w)",
    "es": r"(?<!\w)(?:yo|mi|mis|tu|tus|él|ella|nosotros|parece|recuerda|es|está|son|era|fue|hoy|ayer|luego|amigo|tío|se ve|me|buen[oa]s|aquí|allí|otra vez)(?!\w)",
    "de": r"(?<!\w)(?:ich|du|er|wir|ihr|mein[ers]?e?n?|dein[ers]?e?n?|sieht|erinnert|ist|sind|war|waren|hat|heute|gestern|später|leute|gute[nr]?|bin|muss|hier)(?!\w)",
    "zh": _CJK_TALK,
    "ja": _CJK_TALK,
}
"""Words of who talks about the picture, or of something else."""
_CJK_QUESTION: Final = r".*(?:为什么|怎么|是什么|什么意思|什么模型|谁|多久|哪里|哪个|几个|多少|哪儿|用的?什么|是不是|有没有人|吗|何|なぜ|どうして|どうやって|誰|だれ|どこ|いつ|どの|ですか|ますか|かな|の)"
_QUESTIONS: Final = {
    "en": r"(?:but |and |so |wait,? |hey,? |um+,? |hmm+,? |ok(?:ay)?,? )?(?:what(?!(?: about| if))|why|how(?! about)|who|where|when|which|is|are|was|were|did|do(?! (?:it|this|that|them)(?!\w))|does|has|have (?:you|they|we|i|he|she)) .*",
    "es": r"¿?(?:qué|que modelo|por qué|cómo|como se|quién|quien|dónde|donde|cuándo|cuando|cuál|cual|cuánto|es|está|hay|eres) .*",
    "de": r"(?:was|warum|wieso|wie|wer|wo|wann|welche[rs]?|ist|sind|hast|bist|kommt) .*",
    "zh": _CJK_QUESTION,
    "ja": _CJK_QUESTION,
}


_WISH: Final = re.compile(
    r"(?<!\w)(?:add|make|put|change|turn|draw|paint|give|show|remove|replace|delete|erase|swap|switch|convert|move|place|bring|take|set|let|recolou?r|colou?r it|include|insert|hang|dress|attach|stick|wrap|"
    r"without|no|more|less|fewer|bigger|smaller|darker|brighter|instead|let's|could (?:you|we|it)|can (?:you|we|it|i)|would you|will you|how about|what about|what if|try|"
    r"(?:i'd|would) (?:like|love|prefer)|would be (?:nicer|better|cooler|cuter)|plus|i want|i wish|i need|needs?|should|missing|another|also|too many|"
    r"puedes|podrías|pon(?:lo|le|er)?|añade|añadir|agrega|quita(?:r|le|lo)?|cambia(?:r|lo)?|haz(?:lo|la)?|que (?:sea|esté|este|haya|tenga|parezca|se vea)|quiero|quisiera|más|menos|sin|otr[oa]|mejor|(?:estaría|quedaría) (?:bien|mejor)|dibuja|borra|reemplaza|"
    r"kannst|könntest|mach(?:e|en)?|füge?|hinzu|entferne|entfernen|ersetze|ersetzen|lösche|lass|setz(?:e|en)?|stell(?:e)?|zeichne|male|ändere|möchte|hätte gern|wäre (?:schön|toll|cool|gut|nett)|will|mehr|weniger|ohne|noch|bitte|statt|lieber|weg|soll(?:en|te)?)(?!\w)|"
    r"[加改换變变添删涂放移]|(?<![我你他她们])把(?=.)|挂|[戴穿贴摆装披插盖]上|画(?=[一上只个张成])|[多再请]画|去掉|不要|拿掉|弄成|做成|来[一个点张幅场些]|再来|能不能|可不可以|希望|想要|多一?点|少一?点|还要|没有|别|就好了|下着|"
    r"足して|加えて|追加|変えて|替えて|換えて|消して|取って|なくして|無しで|なしで|にして|して(?:ほしい|ください)|もっと|増やして|降らせて|たらいい|減らして|描いて|入れて|置いて|つけて|っぽく|調に|風に|(?<![がも])でき(?:る|ます)か|[いしえけせてねべめれ]て(?:みて|くれ|もらえ)|かぶせて|着せて|持たせて|乗せて|飾って|欲しい|ほしい",
    re.IGNORECASE,
)
_UNDO: Final = re.compile(
    r"(?<!\w)(?:un-?do|revert|rewind|reset|unmake|ctrl[ +-]?z|roll ?(?:it |that |this )?back|restore|never ?mind|nvm|start over|(?:scratch|cancel) (?:that|this|it|the last)(?: one| change)?|prefer(?:red)? the (?:first|original|old|previous)|previous (?:one )?was|swap back|return to (?:the )?(?:first|previous|original|last|old)|(?:go|change|switch|put|turn|bring|take|get|step)(?: (?:it|that|this|me|us|things?|everything))?(?: all)?(?: (?:one|two|three|a|\d)(?: (?:steps?|versions?))?)? back|"
    r"back to (?:the )?(?:start|beginning|first|second|third|fourth|original|previous|last|earlier|old|before|version|one|how it was|what it was)|^\W*(?:ok |no |please )?(?:step )?back(?: please| pls)?\W*$|^\W*(?:previous|prior)(?: please| pls)?\W*$|(?:the )?(?:old|last) (?:one|version)(?= (?:was|is|looked) (?:better|nicer|best)|,? (?:again|back|please|pls)|\W*$)|(?:first|second|third) (?:one |version |picture )?again|back (?:one|two|a) (?:steps?|versions?)|"
    r"(?:the )?(?:previous|earlier|original|first|prior) (?:one|version|picture|image)|the (?:one|version|picture|image) before|(?:as|like|how) it was(?: before)?|(?:was|were|looked|liked it) better before|"
    r"(?:version|picture|image) (?:one|two|three|\d) (?:was|again|please)|"
    r"(?:one|two|three|four|\d) (?:versions?|steps?) (?:back|ago|earlier|before)|^\W*(?:version|versión|v) ?(?:\d|one|two|three|four)\W*$|(?:una|dos|tres) (?:versiones|versión|pasos?|veces) (?:atrás|antes)|deshaz(?:lo)?|deshacer|vuelve(?: a)?|volver|regresa(?: a)?|(?:la )?(?:versión )?(?:anterior|original)|(?:la )?primera(?: versión)?|como (?:estaba(?: antes)?|antes)|revierte|^\W*atrás\W*$|vuelve atrás|(?:el|la) primer[oa]? (?:era|estaba|fue)|al principio|^\W*la de antes\W*$|"
    r"rückgängig|zurück|(?:vorherige|vorige|letzte|erste|ursprüngliche)[nrs]?(?: version| bild)?|wie (?:es )?(?:vorher|am anfang)|wie zuvor|vorher war|(?:wieder )?(?:das|die|den) (?:alte|vorige|vorherige|erste)[nrs]?(?: version| bild)?(?= (?:war|bitte|wieder)|\W*$)|"
    r"(?:die|das|der) (?:version|bild) davor)(?!\w)|"
    r"撤销|撤回|改回去?|变回去?|换回去?|还原|恢复|回到|退回|回退|倒回|返回|重来|^\W*撤\W*$|刚才的|^\W*回去[吧了]?\W*$|上上?一?[个张版幅]|第[一二三四五六七八九\d]?[个张版幅]|原来(?:的|那)|之前(?:的|那)|刚才那|"
    r"元に(?:戻|もど)|戻[しっ]て|戻す|もどして|前の(?:方|ほう|バージョン|版|やつ|絵|画像)|最初の(?:方|ほう|バージョン|版|やつ|絵)?|取り消|やり直し|やっぱり(?:前|最初)|(?:一つ|ひとつ|一個|1つ|1個)前|前の?が(?:よかった|良かった|いい|好き)|(?:元|さっき)の?(?:方|ほう)が|戻せ|キャンセル",
    re.IGNORECASE,
)
_FIRST: Final = re.compile(
    r"first|original|beginning|start|reset|primer[ao]|principio|original|erste|ursprüng|anfang|第一|最初|原来|最开始|一开始|(?:version|versión|picture|no\.?|#|(?<!\w)v) ?(?:1|one|uno)(?!\w)",
    re.IGNORECASE,
)
_NUMBERED: Final = re.compile(
    r"(?:version|versión|number|no\.?|#|第|picture|image|bild|(?<!\w)v)\s*([2-9]|[二三四五六七八九]|two|three|four|five)|"
    r"(?<!\w)(second|third|fourth|fifth|segunda|tercera|cuarta|zweite|dritte|vierte)[nrs]?(?!\w)|([二三四2-9２-９])(?:番目|つ目|枚目)",
    re.IGNORECASE,
)
_STEPS: Final = re.compile(
    r"(?:back (two|three|2|3|4)(?: steps| versions)?|(two|three|2|3|4) (?:steps|versions|times)(?: back)?|(twice)|(dos|tres) (?:versiones|pasos|veces)|"
    r"(zwei|drei)(?:mal| schritte| versionen)|(上上)|退([两三])|([二三2-3])つ前|(before (?:that|the last|the previous)))",
    re.IGNORECASE,
)
_VALUES: Final = {
    "two": 2, "three": 3, "four": 4, "five": 5, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "segunda": 2, "tercera": 3, "cuarta": 4,
    "zweite": 2, "dritte": 3, "vierte": 4, "twice": 2, "dos": 2, "tres": 3, "zwei": 2, "drei": 3, "上上": 2, "两": 2,
    **{digit: value for value, digit in enumerate("零一二三四五六七八九")},
    **{digit: value for value, digit in enumerate("０１２３４５６７８９")}, **{str(value): value for value in range(10)},
}  # fmt: skip
_LETTERS: Final = re.compile(r"[^\W_]+")
_MOST_BARE: Final = 4
"""So many words may name what is to be seen without a verb: "red boat at night"."""


Shows = Callable[[tuple[str, ...]], bool]


def _nothing(spellings: tuple[str, ...]) -> bool:
    return False


def kind_of(words: str, vocabulary: Vocabulary, shows: Shows = _nothing, *, attached: bool = False) -> dict[str, Any]:
    """Return the `kind` of a reply, for an undo with its `version`; for a change the `words` that ask for it.

    `shows` says whether the present picture has what spellings name.
    Words with pictures `attached` are a change where they are no talk: "this hat on him" names what the tables need
    not know. So is what by its shape orders something: "more contrast".
    """
    spoken = language(words)
    if _CHEER.match(words):
        return {"kind": "chat"}
    if state := _state(words, spoken, vocabulary):
        return {"kind": "change", "words": state}
    wishes = [
        plain for clause in _wholes(words, spoken, vocabulary) if (plain := _wish(clause, spoken, vocabulary, shows))
    ]
    undoes = [clause for clause in _clauses(words) if _UNDO.search(clause) and not _names(clause, spoken, vocabulary)]
    if undoes and not [wish for wish in wishes if wish not in undoes]:
        return {"kind": "undo", "version": _version(words)}
    if wishes:
        return {"kind": "change", "words": ", ".join(wishes)}
    if attached and not _only_talks(words, spoken):
        return {"kind": "change", "words": words}
    return {"kind": "chat"}


_CHEER: Final = re.compile(r"^\W*(?P<one>[^\w\s]\ufe0f?)(?:\s*(?P=one)){2,}\W*$")
"""The same sign three times or more."""


_SHOWS: Final = re.compile(
    r"(?<!\w)(?:look(?: at)?|see|check(?: this| it)? out|here(?:'s| is| are)|meet|mira|aquí (?:está|tienes)|schau(?:t)?|guck(?:t)?|hier (?:ist|sind))(?!\w)|[你快]看|看[看吧]|見て",
    re.IGNORECASE,
)


def _only_talks(words: str, spoken: str) -> bool:
    """Whether words that come with a picture praise, ask, show it around, or say nothing."""
    return any(
        _PRAISE.search(clause) or _SHOWS.search(clause) or _questions(clause, spoken) for clause in _clauses(words)
    ) or not _LETTERS.search(words)


_NOW: Final = re.compile(
    r"^\W*(?:(?:ok(?:ay)?|and|so|but|alright|well|y|und|pero|aber)[\s,]+)*(?:"
    r"now (?:(?:it|there|he|she|they|the [\w ]{1,30}?)(?:['’](?:s|re)| is| are| has| have| wears?))|"
    r"ahora (?:es|está|hay|tiene|lleva)|jetzt (?:ist es|ist|gibt es|hat)|现在(?:是|有|变成)|今は)\s*(?P<state>.+)$",
    re.IGNORECASE | re.DOTALL,
)
_OF_SPEAKER: Final = re.compile(
    r"(?<!\w)(?:i|i'?(?:m|ve|ll|d)|my|mine|our|your?|we|us|me|here|what|mi|me|aquí|ich|mein\w*|hier)(?!\w)|[我你这]",
    re.IGNORECASE,
)


def _state(words: str, spoken: str, vocabulary: Vocabulary) -> str:
    """Return what is said to be seen from now on: of "now it's raining" the rain; empty for talk of anything else."""
    match = _NOW.match(words)
    if match is None or _OF_SPEAKER.search(match["state"]) or _PRAISE.search(match["state"]):
        return ""
    names = _named(read_stated(match["state"], vocabulary, edit=True, tongue=spoken))
    known = [one for one in names if _is_known(one)]
    return match["state"] if known and len(known) * 2 >= len(names) else ""


def _wholes(words: str, spoken: str, vocabulary: Vocabulary) -> list[str]:
    """Return each step of the message as one where it is one phrasing as a whole, else its clauses."""
    found: list[str] = []
    for step in steps(words, spoken, vocabulary):
        plain = plainly(step, spoken, is_thing=lambda part: _is_thing(part, spoken, vocabulary))
        found += [plain] if plain != step else _clauses(step)
    return found


def _wish(clause: str, spoken: str, vocabulary: Vocabulary, shows: Shows) -> str:
    """Return the clause in plain words where it asks for a change of what is seen."""
    plain = plainly(clause, spoken, is_thing=lambda part: _is_thing(part, spoken, vocabulary))
    is_wish = plain != clause or _asks(clause, spoken, vocabulary, shows)
    return plain if is_wish or orders(clause) else ""


def _is_thing(part: str, spoken: str, vocabulary: Vocabulary) -> bool:
    """Whether words name a thing or a weather that the tables know."""
    said = read_stated(part, vocabulary, edit=True, tongue=spoken).said
    return any(
        one.kind is Kind.THING and len(one.spellings) > 1 and one.group not in (QUALITY, PLACE, TIME, STYLE)
        for one in said
    )


def _talks(clause: str, spoken: str) -> bool:
    return re.search(_TALK[spoken], clause, re.IGNORECASE) is not None


def _questions(clause: str, spoken: str) -> bool:
    return re.match(rf"^\W*(?:{_QUESTIONS[spoken]})\W*$", clause, re.IGNORECASE | re.DOTALL) is not None


def _is_known(one: Said) -> bool:
    """Whether the tables know what was named, as a colour, a count, or a thing of theirs."""
    return one.kind is not Kind.THING or (
        not one.foreign and any(find(name.lower(), "en") is not None for name in one.spellings)
    )


def _is_known_thing(one: Said) -> bool:
    """Whether the tables know what goes: of a green car the car."""
    return _is_known(one) or any(find(name.lower().rpartition(" ")[2], "en") for name in one.spellings)


def without_praise(words: str) -> str:
    """Return the words but for what only praises; all of them where nothing is left."""
    return ", ".join(_clauses(words)) or words


def _clauses(words: str) -> list[str]:
    """Cut a message at its marks and at "but" and "now"; a mark within quotation marks, or a number, cuts nothing."""
    if '"' in words or "“" in words or "「" in words:
        return [words]
    found, start = [], 0
    for match in _CLAUSES.finditer(words):
        found.append(words[start : match.start()] + match.group().strip()[:1] * (match.group().strip()[:1] in "?？"))
        start = match.end()
    found.append(words[start:])
    return [clause.strip() for part in found for clause in _without_praise(part) if clause.strip()]


def _without_praise(clause: str) -> list[str]:
    """Cut praise off where blanks part it from the rest: Chinese and Japanese have no others."""
    if not HAN_OR_KANA.search(clause):
        return [clause]
    return [" ".join(piece for piece in clause.split() if _PRAISE.sub("", piece).strip(_AROUND_PRAISE))]


def _asks(clause: str, spoken: str, vocabulary: Vocabulary, shows: Shows) -> bool:
    """Whether a clause asks for a change of what is seen."""
    if _STAYS.search(clause):
        return False
    stated = read_stated(clause, vocabulary, edit=True, tongue=spoken)
    names = _named(stated)
    verbs = wishing_words(spoken).intersection(word.lower() for word in _LETTERS.findall(clause))
    wish = bool(verbs or _WISH.search(clause) or stated.gone or stated.negated)
    known = [one for one in names if _is_known(one) or shows(one.spellings)]
    if not (names or stated.gone or stated.negated) or (_of_people(clause) and not _STRONG.search(clause)):
        return False
    if wish:
        return not (_questions(clause, spoken) and not _asks_politely(clause)) and (
            bool(known)
            or any(_is_known_thing(one) or shows(one.spellings) for one in (*stated.gone, *stated.negated))
            or (bool(names) and _WANTS_NEW.search(clause) is not None)
        )
    if _questions(clause, spoken) or _talks(clause, spoken) or _PRAISE.search(clause):
        return False
    seen = [one for one in known if one.kind is not Kind.NUMBER or one.head or _OF_THEM.match(clause)]
    colored = {name for one in known if one.kind is Kind.COLOR for name in one.head}
    strange = [
        one for one in names if one not in known and not colored & {*one.spellings} and not DOES.match(clause, one.end)
    ]
    is_list = len(seen) > 1 and not strange  # of known things alone
    return bool(seen) and len(strange) * 2 <= len(known) and (is_list or _is_short(clause, spoken))


_AROUND_PRAISE: Final = "真太好很了吧啊呀的哦~～！!？?。，w"
_OF_THEM: Final = re.compile(r"^\W*(?:just |only )?\w+ of (?:them|those|these)(?: please| pls)?\W*$", re.IGNORECASE)
_PEOPLE: Final = re.compile(
    r"^\W*(?:(?:and|but|so|lol|haha|ok|well) )*(?:i(?! (?:want|wanna|need|wish|would|prefer|(?:think|guess|feel like) (?:it|there|we)))(?!'d)|we|he|she|they|(?:my|our|his|her|their) \w+|everyone|someone|anyone|you(?! could| can| should))(?!\w)",
    re.IGNORECASE,
)
_STAYS: Final = re.compile(r"(?:不用|不要|别)再?[改变换动](?!成)|改[天日]")
"""Asks that all stays as it is."""
_CJK_PEOPLE: Final = re.compile(r"^\W*(?:我们?|[他她你]们?|大家)(?!想[要让把给加]|要|希望|觉得|是想)")
_STRONG: Final = re.compile(
    r"(?<!\w)(?:add|put|make|change|turn|replace|remove|swap|paint|draw|move|without|instead)(?!\w)", re.IGNORECASE
)


def _of_people(clause: str) -> bool:
    """Whether a clause speaks of someone: "we should go to the beach" asks nothing of the picture."""
    return _PEOPLE.search(clause) is not None or _CJK_PEOPLE.search(clause) is not None


_WANTS_NEW: Final = re.compile(
    r"(?<!\w)(?:(?:add|put|draw|paint|include|insert|place|replace|swap|make it|into|instead of|with|"
    r"pon|añade|agrega|dibuja|con|por|füge|zeichne|male|mit|durch|noch) "
    r"(?:(?:in|on|me|also) )?(?:an?|the|some|another|more|un[ao]?s?|otr[oa]|el|la|eine?[nrms]?|de[nrm]|die|das|\d+|"
    + "|".join(numbers("en"))
    + r") )|[加画添来](?:上|点|些)?(?:[一二两三四几][个只条张棵位座头匹朵]|个)|[换改变]成|"
    r"を(?:足|加え|描|入れ|置|つけ|追加)|[にへ](?:変え|替え|換え)",
    re.IGNORECASE,
)
"""Asks for a thing by an article, a count or a verb of its own, so that even an unknown one is meant: "add a zeppelin"."""
DOES: Final = re.compile(r"\s+(?:an?|the|that|this|these|those|it|all)(?!\w)", re.IGNORECASE)
"""What follows a verb, and no name of a thing."""
_POLITE: Final = re.compile(
    r"(?<!\w)(?:can|could|would|will|what about|how about|what if|is it possible|puedes|podrías|kannst|könntest|geht)(?!\w)|能|可以|可不可以|もらえ|くれ|できま",
    re.IGNORECASE,
)


def _asks_politely(clause: str) -> bool:
    return _POLITE.search(clause) is not None


def _is_short(clause: str, spoken: str) -> bool:
    around = FILLERS["en"] | FILLERS.get(spoken, frozenset())
    return (
        HAN_OR_KANA.search(clause) is not None
        or len([word for word in _LETTERS.findall(clause) if word.lower() not in around]) <= _MOST_BARE
    )


def _names(clause: str, spoken: str, vocabulary: Vocabulary) -> bool:
    """Whether an undo also names something, and so is a change ("go back to the beach") or talk ("go back to work")."""
    rest = _UNDO.sub(" ", clause)
    if spoken == "en" and any(not _means_nothing(word) for word in _LETTERS.findall(rest) if word not in _OF_VERSIONS):
        return True
    return any(
        not one.foreign and len(one.spellings) > 1 and one.kind is Kind.THING
        for one in _named(read_stated(rest, vocabulary, edit=True))
    )


_OF_VERSIONS: Final = frozenset(
    """better worse nicer best before version step steps previous first last original second third fourth please oops nah
    nope it k load prefer twice times v1 v2 v3 v4 v5 0 1 2 3 4 5 6 7 8 9 two three""".split()
)


def _named(stated: Stated) -> list[Said]:
    """Return what may name something to be seen: no word of praise, and no face."""
    faces = {start for name, start, _ in emoji(stated.words)}
    return [
        one
        for one in stated.said
        if not (_means_nothing(one.text) and find_key(one.english)[0] not in (SIDE, PLACE))
        and not (one.start in faces and (not _is_known(one) or "person" in one.text))
    ]


def _means_nothing(text: str) -> bool:
    """Whether a word only praises, or stands around what is named."""
    rest = _PRAISE.sub(" ", text)
    return not any(word.casefold() not in FILLERS["en"] and not _says_nothing(word) for word in _LETTERS.findall(rest))


def _says_nothing(word: str) -> bool:
    return HAN_OR_KANA.search(word) is not None and says_nothing(word)


def _version(words: str) -> int:
    if match := _STEPS.search(words):
        return -next((_VALUES.get(group.lower(), 2) for group in match.groups() if group), 2)
    if match := _NUMBERED.search(words):
        return _VALUES[next(group for group in match.groups() if group).lower()]
    return 1 if _FIRST.search(words) else -1
