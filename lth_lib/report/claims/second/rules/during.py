"""What is said of pruning during training."""

from __future__ import annotations

from lth_lib.report.claims.second.comparison import Side, over
from lth_lib.report.claims.second.judgements import Asked, Pooled
from lth_lib.report.claims.second.questions import BETTER
from lth_lib.report.claims.second.rule import Rule
from lth_lib.report.claims.second.rules.before import COMPARED


def no_ticket(study: str, data: str) -> Rule:
    """Return claim 32 of a study."""
    moved, static = Side(study, "RigL", "RigL"), Side(study, "RigL's mask", "the same mask from the start")
    return Rule(
        32,
        "Evci et al. 2020",
        "The mask that RigL ends with is no winning ticket: trained from the start, it is less accurate than RigL.",
        "of ResNet-50; no size given for these networks",
        Pooled(
            "the {count} levels at which methods are compared ({densities})",
            "of RigL with the mask that it ends with, trained from the initial values",
            (Asked(over(moved, static, shared=True), COMPARED, BETTER, "RigL is more accurate", "RigL more accurate"),),
            needed=2,
        ),
        data,
    )
