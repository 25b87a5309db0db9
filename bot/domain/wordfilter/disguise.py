"""Whether what may be read as a blocked word is a disguise of it, or numbers and words that happen to look like it.

A text is looked at again only so often; one that needs more is made to hide something, and counts as disguised.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby, pairwise

from bot.domain.wordfilter.lookalikes import HARD, LONELY_I, SIGNS, SOFT, readings

SPACED_SHARE = 0.6
"""Of the places between letters, so many must be blank for blanks to be a disguise: "pen is" is two words."""
DOUBLED = set("bcdefglmnoprstz")
"""What words double: "good" is no disguise of a short "god"."""
SHORT = 4
REACH = 8
"""How many characters of a text one letter of a word may take up, in the mean."""
STEPS, WAYS = 50_000, 60
"""Characters that are looked at again for one text, of which usual ones need hundreds; ways to read one place."""

_LETTER = re.compile(r"[^\W\d_]|[@$]")
_VOWELS = re.compile("[aeiouyаеёиоуыэюяєіїαειοουω]")
SMALL_WORDS = frozenset(
    """
    a i am an and any are arm art as ask at ate bad bag bar bat be bed bee bet big bit bow box boy but buy by
    can cap car cat cow cup cut day did die dig do dog dot dry ear eat egg end era eye far fat few fig fit fix
    fly for fun gap gas get go god got gun had ham has hat he hen her hi him hip his hit hot how ice if ill in
    ink inn is it its itch jam jar jet job joy key kit lab lap law lay leg let lid lie lip lit lot low mad man
    map may me men met mix mud my net new no nor not now nut odd of off oh oil ok old on one or our out own pan
    pay pen pet pie pig pin pit pop pot put ran rap rat raw red rid rob row run sad sat saw sea see set she sin
    sit six sky so son sun tea ten the tie tin tip to toe ton too top toy try two uh um under up us use van war
    was way we wet who why win with won yes yet you zoo able ball bank base best bird blue boat body book born
    both call city come cool dark date deal door down draw each east easy else even ever face fact fall fast
    fire fish five food foot four free from full game girl give goes gold gone good grow hair half hall hand
    hard have head hear here high hill hold home hope hour idea into just keep kind king know lake land last
    late less life like line live long look lose love made main make many mark mean moon more most move much
    must name near neck need next nice nine once only open over page park part past path pick plan play poor
    rain read rest rich ride ring rise road rock role room rose safe said salt same sand seen sell send ship
    shop show side sing size slow snow some song soon star stay step stop such sure take talk tall team tell
    that them then they thin this time town tree true turn upon very view wait walk wall want warm wave well
    went were west what when wide wild will wind wine wing wise wish wood word work year your ab am auf aus bei
    da das de del den der des di die dos du ein el em en er es et eu ich ihr il ja je la las le les lo los mi
    mit na ne nei non nos ob os para por qu que sa se si sie su sur ta te tu un una und une von vor wir zu и в
    во не на но за из по до от он мы вы ты я а о у к с же ли бы то это как так что она они его её ο η το οι τα
    και να με σε από για που τι
    """.split()  # noqa: SIM905 - a table of words reads better as text
)
"""Words of up to four letters that stand side by side in any sentence; what is split into others is split to hide."""
_MODEL = re.compile(r"[a-z]{1,2}[0-9]+")


@dataclass(frozen=True, slots=True)
class Word:
    """A folded entry: its letters without what stands between them, and of how many words it is."""

    letters: str
    words: int

    @property
    def runs(self) -> list[str]:
        return ["".join(run) for _, run in groupby(self.letters)]


class BudgetSpent(Exception):
    """All STEPS are spent."""


class Steps:
    """Counts what was looked at again for one text."""

    def __init__(self) -> None:
        self._left = STEPS

    def spend(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise BudgetSpent


def is_gap(char: str) -> bool:
    """Whether a character of folded text may stand between the letters of a word."""
    return char in (SOFT, HARD) or (char in SIGNS and not char.isalnum())


def is_disguised(word: Word, text: str, end: int, steps: Steps) -> bool:
    """Whether folded text[:end] ends with the word, disguised or as it is. Raises BudgetSpent."""
    start = max(0, end - REACH * len(word.letters))
    if not word.letters.isdigit() and not _LETTER.search(text, start, end):
        return False
    return any(_is_meant(word, text, taken) for taken in _alignments(word, text, start, end, steps))


def _alignments(word: Word, text: str, start: int, end: int, steps: Steps) -> Iterator[list[int]]:
    """Return where the letters of the word can be in text[start:end], whose last one it ends with."""
    runs, ways = word.runs, 0

    def back(run: int, place: int, taken: list[int]) -> Iterator[list[int]]:
        """Take as many letters of a run as there are, then fewer, going backwards."""
        nonlocal ways
        if run < 0:
            if taken[0] == 0 or not text[taken[0] - 1].isalpha():
                yield taken
            return
        mine: list[int] = []
        while place > start:
            place -= 1
            steps.spend()
            if _reads(text[place], runs[run][0], word):
                mine.append(place)
            elif not is_gap(text[place]):
                break
        for count in range(len(mine), len(runs[run]) - 1, -1):
            ways += 1
            if ways > WAYS:
                return
            yield from back(run - 1, mine[count - 1], mine[:count][::-1] + taken)

    return back(len(runs) - 1, end, [])


def _reads(char: str, letter: str, word: Word) -> bool:
    found = readings(char)
    if letter in found:
        return True
    return letter == "i" and LONELY_I in found and "il" not in word.letters and "li" not in word.letters


def _is_meant(word: Word, text: str, taken: list[int]) -> bool:
    """Tell a disguise from a number, a model's name, words that follow each other, and a like word."""
    letters, match = word.letters, text[taken[0] : taken[-1] + 1]
    written = "".join(text[place] for place in taken)
    if letters.isdigit():
        whole = not text[: taken[0]][-1:].isdigit() and not text[taken[-1] + 1 :][:1].isdigit()
        return whole and written == letters and len(match) in (len(letters), 2 * len(letters) - 1)
    if not _LETTER.search(written) or (len(letters) < SHORT and _MODEL.fullmatch(match)):
        return False
    if not _spaced_on_purpose(word, match, written, taken):
        return False
    if match != written or not written.isalpha() or written == letters:
        return True
    doubled = len(match) == len(letters) + 1 and match[0] != match[1]
    longer = {char for char in match if match.count(char) > letters.count(char)} if doubled else set()
    return not (longer & DOUBLED and len(letters) <= SHORT)


def _spaced_on_purpose(word: Word, match: str, written: str, taken: list[int]) -> bool:
    """Whether the blanks in a match, if any, are there to disguise it."""
    if match.count(SOFT) < word.words:
        return True
    digits = sum(char.isdigit() for char in written)
    if digits * 2 > len(written) and len(written) < SHORT:
        return False
    gaps, places = sum(after - before > 1 for before, after in pairwise(taken)), len(taken) - 1
    pieces = match.replace(HARD, "").split(SOFT)
    known = [piece for piece in pieces if piece in SMALL_WORDS and (len(piece) > 1 or len(pieces) == 2)]
    if gaps == places or (gaps - word.words + 1 >= SPACED_SHARE * (places - word.words + 1) and not known):
        return True
    if word.words > 1 or len(word.letters) < SHORT or digits * 2 > len(written):
        return False
    if any(len(piece) > 1 and piece.isalpha() and not _VOWELS.search(piece) for piece in pieces):
        return True
    return not known or (len(word.letters) > SHORT and all(len(piece) <= 2 for piece in pieces))
