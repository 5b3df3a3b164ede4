"""The scorecard of the first edition, on the study that it judged."""

from __future__ import annotations

from lth_lib.report.claims.first.lenet import LENET
from lth_lib.report.claims.first.rule import Verdict
from lth_lib.report.claims.words import Line
from lth_lib.report.stats import Table

CLAIMS = {claim.number: claim for claim in LENET}
"""Every claim that the first edition judged, by its number."""


def scorecard(table: Table, where: str = "") -> list[Verdict]:
    """Return a verdict for each claim, from the tidy table; `where` says on what data and schedule."""
    return [claim.verdict(_as_judged(table), where) for claim in CLAIMS.values()]


def _as_judged(table: Table) -> Table:
    """Return the table with the columns of the first edition, whose readings at the end were of the last iteration.

    Its early stops were bounds only where the lowest loss was the very last.
    """
    last = {"accuracy_at_end": "accuracy_at_last", "gap_at_end": "gap_at_last", "censored": "censored_at_last"}
    return table.assign(**{name: table[column] for name, column in last.items()})


def line(verdict: Verdict) -> Line:
    """Return a verdict as a line of the scorecard."""
    claim = CLAIMS[verdict.claim]
    told = (str(claim.number), claim.source, claim.text, claim.published, claim.rule)
    return Line(*told, verdict.verdict, verdict.reason, verdict.measured, where=verdict.where)
