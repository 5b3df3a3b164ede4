"""A claim is a rule written before the run."""

from lth_lib.claims.first.lenet import LENET
from lth_lib.claims.first.rule import COMMON, NOT_REPRODUCED, NOT_TESTED, PARTLY, REPRODUCED, Claim, Verdict
from lth_lib.stats import Table

CLAIMS = {claim.number: claim for claim in LENET}
"""Every claim on the scorecard, by its number."""


def scorecard(table: Table, where: str = "") -> list[Verdict]:
    """Return a verdict for each claim, from the tidy table; `where` says on what data and schedule."""
    return [claim.verdict(table, where) for claim in CLAIMS.values()]


__all__ = [
    "CLAIMS",
    "COMMON",
    "LENET",
    "NOT_REPRODUCED",
    "NOT_TESTED",
    "PARTLY",
    "REPRODUCED",
    "Claim",
    "Verdict",
    "scorecard",
]
