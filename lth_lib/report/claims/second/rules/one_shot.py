"""What the paper says of pruning once."""

from __future__ import annotations

from lth_lib.report.claims.second.comparison import before, over
from lth_lib.report.claims.second.judgements import Asked, Counted, Pooled
from lth_lib.report.claims.second.questions import BETTER, EARLIER
from lth_lib.report.claims.second.rule import AT_EARLY_STOP, Rule
from lth_lib.report.claims.second.rules.sides import PLAN, dense, once, ticket

OWN, DENSE, ONCE = ticket("fresh", word="iterative"), dense("fresh"), once("one-shot")
SMALL = (15, 18, 20)
"""Below the sizes at which the paper's one-shot tickets still win."""

ITERATIVE_WINS = Rule(
    13,
    "the paper",
    "Iterative pruning beats one-shot pruning: with few weights, its tickets learn faster and are more accurate.",
    "at smaller sizes than one-shot tickets win at; no size given",
    Counted(
        "the {count} levels below the sizes at which the paper's one-shot tickets still win ({densities})",
        "of tickets of the same seeds and densities",
        (
            Asked(
                over(OWN, ONCE),
                SMALL,
                BETTER,
                "the iterative one is more accurate than the one-shot one",
                "iterative more accurate",
            ),
            Asked(before(OWN, ONCE), SMALL, EARLIER, "its early stop earlier", "iterative earlier"),
        ),
        needed=2,
        both=False,
    ),
    part="a",
    remark="Denser levels are drawn, not judged.",
)

ONE_SHOT_WINS = Rule(
    13,
    "the paper",
    "One-shot tickets learn faster than the dense network from 67.5 to 17.6 % of the weights, and are more accurate "
    "from 95 to 5.17 %.",
    "faster at 67.5 to 17.6 %, more accurate at 95 to 5.17 %",
    Pooled(
        "the levels within these ranges that were run",
        "of the one-shot ticket with dense",
        (
            Asked(before(ONCE, DENSE), PLAN[:2], EARLIER, "its early stop is earlier (at {densities})", "earlier"),
            Asked(over(ONCE, DENSE), PLAN, BETTER, "it is more accurate (at {densities})", "more accurate"),
        ),
        needed=3,
    ),
    part="b",
    reading=AT_EARLY_STOP,
    remark="What lies beyond the ranges is drawn, not judged.",
)
