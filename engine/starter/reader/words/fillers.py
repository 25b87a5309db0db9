"""Words around a request that name nothing to be seen, and a guess at the language from them."""
# ruff: noqa: E501, SIM905 (lists of words)

from __future__ import annotations

import re
from typing import Final

from engine.starter.lexicon.tables import single_words
from engine.starter.reader.words.forms import speaks

FILLERS: Final[dict[str, frozenset[str]]] = {
    "en": frozenset(
        """a an the this that these those after before during some any each every all both such same other another of to from for with without in on at by near
        next beside between behind above below over under around along through into onto upon across inside outside against towards toward
        up down out off away back there here where when while as like and or but nor so then than too also just only even still yet already
        either neither if because although though since until about i me my mine you your yours he him his she her hers it its we us our they
        them their who whom whose which what is are was were be been being am isn't aren't it's i'm i'd i'll i've that's there's let's
        do does did done doing have has had having can could would should will shall may might must want wants wanted need needs
        please pls plz thanks thank thx hi hello hey ok okay yes yeah lol haha hmm wow well really very quite rather pretty more most much many
        lot lots few bit little one ones something anything nothing everything someone thing things stuff kind sort way make makes made making wear wears holds carries
        draw draws drawing drawn paint paints create generate show shows give gives put add get see seen look looks looking picture image scene
        illustration imagine image's generation version style styled called named titled says saying said write writes written reads word words text
        now again instead em vibe vibes but not no don't can't won't you're im id wanna gonna u ur teh da o'clock time take right left one's
        think know feel say tell go goes going gone come comes coming let ask forget wait sure actually maybe perhaps probably basically
        ever never always often once own able using use used front end side sides middle top bottom half together mostly ago turn turns change changes switch replace convert swap keep click system without within per via etc vs far tho though everywhere anywhere somewhere nowhere else nah nope yep yea yeah ugh""".split()
    ),
    "es": frozenset(
        """un una unos unas el la los las lo al del de en con sin por para y o u e ni pero que como es son era ser está están esté estar hay
        mi mis tu tus su sus me te se nos le les yo él ella quiero quisiera puedes podrías dibuja dibújame dibujar pinta píntame pintar haz hazme
        hacer crea crear muestra muéstrame dame una imagen foto dibujo cuadro ver favor gracias hola muy más menos también sobre bajo entre junto
        cerca desde hasta donde cuando este esta esto ese esa eso nada algo todo toda todos haya nombre escrito dice diga añade agrega pon ponlo cambia
        cambiar quita quitar hazlo ahora mejor gustaría fondo paisaje estilo saliendo si no sea sean fuera porfa porfis porfi plis cosa tal vez ya solo así lugar sitio sola muchas antemano saludos buenas buenos señor señora oye podría podrían necesito busco además par poco poquito uy ay sí nuevo nueva vez otra otro""".split()
    ),
    "de": frozenset(
        """ein eine einen einem einer eines der die das den dem des und oder aber mit ohne in im an am auf aus bei beim von vom zu zum zur für
        über unter neben vor hinter zwischen nach ist sind war sein hat habe haben hätte ich du er sie es wir ihr mir mich dir dich mein meine meinen meiner
        meinem dein deine sein seine bitte danke hallo zeichne zeichnen male malen mach mache machen zeig zeige bild foto zeichnung gern gerne möchte
        will kann könntest du noch mehr sehr auch als wie so dann jetzt da dort hier nicht kein keine keinen keiner dafür etwas alles viele viel namens
        heißt steht stehen darauf füge hinzu ändere ersetze durch statt lieber sitzt ne nen ner nem mal man ma doch halt eben also fall war wäre ort hintergrund stil mir's n ihn ihm ihnen dazu wieder paar ganz einfach herzlichen dank danken voraus vielen gruß grüße liebe lieber guten super nochmal nochmals soll sollte sollen wäre bisschen dabei rein hin mehr eher daraus draus damit weiter fänd fände find finde cool ja nein nee jo""".split()
    ),
}

CJK_FILLERS: Final = tuple(
    sorted(
        """背景 画面 颜色 时间 地点 场景 天上 远处 上空 岸边 亮着 坐在 坐着 坐 站在 站着 躺在 躺着 飞过 飞在 飞 跑 游 看 睡 骑着 骑 停着 停在 漂着 照着 的 了 在 有 和 与 里 上 下 中 边 旁边 前面 后面 里面 上面 下面 是 把 被 让 给 我 你 他 它 我们 想 要 能 可以 帮我 请 画一幅 画一张 画 一张 一幅
        来一张 吗 吧 呢 啊 很 非常 特别 分别 一起 一样 一下 一点 一些 看起来 希望 谢谢 写着 上写着 名叫 叫做 叫 名字 风格 这 那 还 也 再 又 加上 加 改成 换成 变成 而
        其他 其余 别动 别删 别改 别忘 大佬 麻烦 你好 不好意思 帮忙 戴着 穿着 拿着 放着 放在 贴着 挂着 睡在 感觉 要求 千万 真的 一定
        場所は 場所を 場所 時間は 時間を 時間帯 スタイルは スタイルを スタイル 背景は 背景を 色は 色を 画風 っぽい っぽく 風に 風で 調に 調で お願い おねがい できる できます てみて の に が は を で と も や から まで へ です ます ください 描いて して した いる ある 絵 と書かれた 書かれた""".split(),
        key=len,
        reverse=True,
    )
)

_PARTICLES: Final = frozenset("过着得地向往给对")
_KANA = re.compile(r"[\u3040-\u30ff]")
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
SURE: Final = 2
_MARKS: Final = {"es": "ñ¿¡áéíóú", "de": "äöüß"}


def language(text: str) -> str:
    """Guess the language of a text: en, zh, es, ja or de; English where nothing speaks for another."""
    if _KANA.search(text):
        return "ja"
    if _HAN.search(text):
        return "zh"
    scores = _scores(text)
    return max(scores, key=lambda code: (scores[code], code == "en"))


def says_nothing(word: str) -> bool:
    """Whether a word names nothing in any of the languages."""
    return word in CJK_FILLERS or word in _PARTICLES or any(word in known for known in FILLERS.values())


def is_sure(text: str) -> bool:
    """Whether enough words speak for the guess of `language` to act on it."""
    ranked = sorted(_scores(text).values())
    return bool(_KANA.search(text) or _HAN.search(text)) or ranked[-1] - ranked[-2] >= SURE


def _scores(text: str) -> dict[str, int]:
    words = [word.lower() for word in _WORD.findall(text)]
    scores = {
        code: sum(word in known or word in single_words(code) or speaks(word, code) for word in words)
        for code, known in FILLERS.items()
    }
    for code, marks in _MARKS.items():
        scores[code] += sum(char in marks for char in text.lower())
    return scores
