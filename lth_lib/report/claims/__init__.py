"""A claim is judged by a rule written before the run: in two editions, of which the first keeps its verdicts."""

from lth_lib.report.claims.words import (
    NOT_REPRODUCED,
    NOT_TESTED,
    PARTLY,
    REPRODUCED,
    UNDECIDED,
    VERDICTS,
    KeyResult,
    Line,
    Measured,
    Untestable,
    tally,
)

__all__ = [
    "NOT_REPRODUCED",
    "NOT_TESTED",
    "PARTLY",
    "REPRODUCED",
    "UNDECIDED",
    "VERDICTS",
    "KeyResult",
    "Line",
    "Measured",
    "Untestable",
    "tally",
]
