"""What the paper says of Conv-2 on CIFAR-10."""

from __future__ import annotations

from lth_lib.report.claims.second.comparison import CONV_2, before, over
from lth_lib.report.claims.second.judgements import AllThree, Asked, Claimed
from lth_lib.report.claims.second.published import points, times
from lth_lib.report.claims.second.questions import MATCHES
from lth_lib.report.claims.second.rule import AT_EARLY_STOP, Rule
from lth_lib.report.claims.second.rules.sides import dense, ticket

OWN, DENSE = ticket("convolutional", CONV_2), dense("convolutional", CONV_2)
RUN = (2, 4, 7, 9, 11, 14, 17)

CONV = Rule(
    7,
    "the paper",
    "Conv-2: the ticket with 8.8 % of the weights stops 3.5 times as early as the dense network, the one with 4.6 % is "
    "3.4 points more accurate, and tickets are as good or better down to 2 %.",
    "3.5 times at 8.8 %, +3.4 points at early stopping at 4.6 %, above dense to 2 %",
    AllThree(
        Claimed(before(OWN, DENSE), 11, times(3.5)),
        Claimed(over(OWN, DENSE), 14, points(0.034)),
        Asked(over(OWN, DENSE), RUN, MATCHES, "test accuracy matches or exceeds", "above"),
        down_to=0.02,
    ),
    "CIFAR-10",
    reading=AT_EARLY_STOP,
    remark="A gain depends on how accurate the dense network is, so both absolute accuracies are stated.",
)
