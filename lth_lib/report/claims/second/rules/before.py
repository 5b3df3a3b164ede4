"""What is said of pruning before training."""

from __future__ import annotations

from lth_lib.report.claims.second.comparison import Side, over
from lth_lib.report.claims.second.judgements import Asked, Pooled
from lth_lib.report.claims.second.questions import BETTER, MATCHES
from lth_lib.report.claims.second.rule import Rule
from lth_lib.report.claims.second.rules.sides import dense

COMPARED = (7, 13, 18)
CHECKED = (7, 18)
"""The densest and the sparsest of them."""

CHOSEN = {"SNIP": "SNIP", "GraSP": "GraSP", "SynFlow": "SynFlow", "magnitude at the start": "magnitude"}
"""The series of the methods that the checks are of, and what a rule calls each."""


def random_costs(study: str, data: str) -> Rule:
    """Return claim 30 of a study."""
    start, drawn = dense(study), Side(study, "random, layer by layer", "random")
    return Rule(
        30,
        "the tutorial alone",
        "Pruning at random gives very little reduction.",
        "no size given",
        Pooled(
            "the {count} levels at which methods are compared ({densities})",
            "of the dense network with one that is pruned at random before training, layer by layer",
            (Asked(over(start, drawn), COMPARED, BETTER, "the dense one is more accurate", "dense more accurate"),),
            needed=2,
        ),
        data,
        preface="As written it is wrong: at random a network is pruned to whatever density is asked for. Judged is "
        "whether that costs accuracy:",
        judged="Pruning at random costs accuracy.",
    )


def densities_suffice(study: str, data: str) -> Rule:
    """Return claim 31 of a study."""
    sides = [
        (Side(study, f"{name}, shuffled", f"shuffled {word}"), Side(study, name, word)) for name, word in CHOSEN.items()
    ]
    return Rule(
        31,
        "Su et al. 2020 and Frankle et al. 2021",
        "What pruning before training finds is how many weights each layer keeps, not which: masks that are shuffled "
        "within their layers train as well.",
        "of SNIP, GraSP, SynFlow and magnitude; no size given for these networks",
        Pooled(
            "the {count} levels at which methods are checked",
            "of a method's shuffled masks with its own, whether test accuracy matches or exceeds",
            tuple(
                Asked(over(moved, own), CHECKED, MATCHES, f"{own.word}'s (at {{densities}})", f"{own.word}, shuffled")
                for moved, own in sides
            ),
            needed=5,
        ),
        data,
        remark="In the papers the networks are convolutional, of photographs.",
    )
