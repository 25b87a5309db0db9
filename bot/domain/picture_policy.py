"""Decides whether finished pictures are posted, held or blocked, by the check's scores and the server's policy.

Over its policy's threshold a picture is not posted (`block`), waits for a moderator (`hold`), or is posted in
age-restricted channels alone (`age-restricted`); a request counts as its worst picture. Where moderators set nothing,
and in direct messages, the policy is `block`, as far as the engine has a check:

| the engine's check | no policy set       | a policy set                        |
| ------------------ | ------------------- | ----------------------------------- |
| on                 | as `block`          | as the policy says                  |
| on, but no score   | refused             | refused                             |
| unneeded           | posted              | posted                              |
| off, or not told   | posted              | refused, before anything is painted |
| failed             | refused             | refused                             |

A score that an engine sends counts in each row, also where it sends one unasked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from engine.api.messages import CheckState


class Policy(Enum):
    """What moderators may choose for pictures over the threshold."""

    BLOCK = "block"
    HOLD = "hold"
    AGE_RESTRICTED = "age-restricted"


THRESHOLDS = {Policy.BLOCK: 0.7, Policy.HOLD: 0.5, Policy.AGE_RESTRICTED: 0.5}
"""Probabilities. A block is the last word, so the check has to be fairly sure; after a hold someone looks, and the
requester can go to an age-restricted channel, so there a doubt is enough."""


class Verdict(Enum):
    """`ELSEWHERE`: in an age-restricted channel it would be posted. `UNCHECKED`: it has no score and needs one.

    `FULL`: it would be held, and too much waits for moderators already. `BARRED`: the requester was blocked meanwhile.
    """

    POST = "post"
    BLOCK = "block"
    HOLD = "hold"
    ELSEWHERE = "elsewhere"
    UNCHECKED = "unchecked"
    FULL = "full"
    BARRED = "barred"


class NotShown(Exception):
    """The pictures go to nobody; `verdict` says why."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.value)
        self.verdict = verdict


@dataclass(frozen=True, slots=True)
class Rating:
    """What the engine told of a request's pictures: how its check stands, and a score for each picture."""

    check: CheckState | None = None
    scores: Sequence[float | None] = ()

    @property
    def worst(self) -> float:
        """The highest score; 1 where one is no number, so that a broken one never passes."""
        known = [score for score in self.scores if score is not None]
        return max((score if score == score else 1.0 for score in known), default=0.0)


@dataclass(frozen=True, slots=True)
class Screen:
    """What a picture has to pass in one place; `policy` is None where the moderators set none."""

    policy: Policy | None = None
    age_restricted: bool = False

    def check_before(self, check: CheckState | None) -> None:
        """Raises NotShown where nothing that is painted could be posted."""
        if self.policy is not None and check in ("off", None):
            raise NotShown(Verdict.UNCHECKED)

    def previews(self, check: CheckState | None) -> bool:
        """Whether unfinished pictures, which nothing checks, may be shown."""
        if check == "unneeded" or (self.policy is Policy.AGE_RESTRICTED and self.age_restricted):
            return True
        return self.policy is None and check in ("off", None)

    def judge(self, rating: Rating) -> Verdict:
        policy = self.policy or Policy.BLOCK
        if rating.worst < THRESHOLDS[policy]:
            return Verdict.POST if self._scored(rating) else Verdict.UNCHECKED
        if policy is Policy.AGE_RESTRICTED:
            return Verdict.POST if self.age_restricted and self._scored(rating) else Verdict.ELSEWHERE
        return Verdict.HOLD if policy is Policy.HOLD else Verdict.BLOCK

    def _scored(self, rating: Rating) -> bool:
        """Whether each picture has the score that it needs."""
        if rating.check == "unneeded" or (self.policy is None and rating.check in ("off", None)):
            return True
        return bool(rating.scores) and None not in rating.scores
