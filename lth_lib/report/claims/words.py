"""The verdicts there are, and a line of the scorecard."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from lth_lib.report.stats import Interval, Unit

REPRODUCED, PARTLY, NOT_REPRODUCED = "reproduced", "partly", "not reproduced"
UNDECIDED, NOT_TESTED = "undecided", "not tested"

VERDICTS = (REPRODUCED, PARTLY, NOT_REPRODUCED, UNDECIDED, NOT_TESTED)
"""Every verdict; the first edition had no undecided."""


Measured = tuple[tuple[str, tuple[str, ...]], ...]
"""What was measured, in words: each quantity, with its comparisons."""


class Untestable(Exception):
    """There is too little to judge by; the message says what is missing."""


@dataclasses.dataclass(frozen=True)
class Line:
    """One claim on the scorecard, of any edition, all in words.

    `measured` lists each quantity with its comparisons, `beside` the verdicts by other readings of accuracy, `where` on
    what data and schedule it was measured; `anchor` names the line for links. Where `text` is not in the source's own
    words, those are `written`.
    """

    key: str
    source: str
    text: str
    published: str
    rule: str
    verdict: str
    reason: str
    measured: Measured = ()
    beside: tuple[str, ...] = ()
    where: str = ""
    anchor: str = ""
    written: str = ""


@dataclasses.dataclass(frozen=True)
class KeyResult:
    """One claim as it is drawn: what one comparison of it found, and between which values it is `asked` to lie.

    `bounds` says that in words, `answer` whether it does, and `of` how all comparisons of the claim are answered;
    `side` says on which side a size of nothing is missed; `written` as in a line.
    """

    text: str
    published: str
    data: str
    compared: str
    found: Interval
    unit: Unit
    asked: tuple[float, float]
    verdict: str
    anchor: str
    answer: str = ""
    of: str = ""
    bounds: str = ""
    side: str = ""
    written: str = ""


def tally(verdicts: Sequence[str]) -> str:
    """Return how often each verdict was given, such as `3 reproduced, 1 undecided`."""
    return ", ".join(f"{verdicts.count(word)} {word}" for word in VERDICTS if word in verdicts)
