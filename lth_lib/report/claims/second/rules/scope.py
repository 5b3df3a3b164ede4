"""What is said of the scope of magnitude pruning."""

from __future__ import annotations

from lth_lib.report.claims.second.comparison import over
from lth_lib.report.claims.second.judgements import Ahead, Asked
from lth_lib.report.claims.second.questions import EITHER
from lth_lib.report.claims.second.rule import Rule
from lth_lib.report.claims.second.rules.sides import ticket

SCOPED = (3, 7, 10, 13, 15, 18, 20)

SCOPE = Rule(
    17,
    "our source texts",
    "Magnitude pruning in iterative magnitude pruning is global.",
    "no size given",
    Ahead(
        "test accuracy of tickets of {one} minus tickets of {other} scope, at equal rates (their densities differ by "
        "what the output layer keeps, at most {near} points of density)",
        Asked(
            over(ticket("fashion-global", word="global"), ticket("fashion", word="layer-wise")),
            SCOPED,
            EITHER,
            "more accurate",
            "global more accurate",
        ),
        needed=4,
    ),
    "Fashion-MNIST",
    preface="As written it is a mislabelling: the paper prunes LeNet and the Conv networks layer by layer, and only "
    "the deep ones globally. Judged is what the choice is worth:",
    judged="At equal rates, tickets that are pruned globally are more accurate than those pruned layer by layer.",
)
