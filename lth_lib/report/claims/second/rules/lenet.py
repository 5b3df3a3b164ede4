"""What the paper says of LeNet-300-100 on MNIST at single levels."""

from __future__ import annotations

from lth_lib.report.claims.second.comparison import before, over
from lth_lib.report.claims.second.judgements import BothSized, Claimed, Earliest, Equal, Sized
from lth_lib.report.claims.second.published import more_than, points, sooner, times
from lth_lib.report.claims.second.questions import BETTER, EARLIER
from lth_lib.report.claims.second.rule import AT_EARLY_STOP, Rule
from lth_lib.report.claims.second.rules.sides import ALL_LEVELS, again, dense, ticket

OWN, DENSE, AGAIN = ticket("fresh"), dense("fresh"), again("fresh")

EARLIER_BY = Rule(
    3,
    "the paper",
    "The ticket with 21.1 % of the weights stops 38 % earlier than the dense network.",
    "38 % earlier, at 21.1 %",
    Sized(Claimed(before(OWN, DENSE), 7, sooner(0.38)), EARLIER, "earlier", "earlier"),
    part="a",
)

EARLIEST = Rule(
    3,
    "the paper",
    "The ticket with 21.1 % of the weights stops earliest of all.",
    "the fastest, at 21.1 %",
    Earliest(OWN, DENSE, 7, ALL_LEVELS),
    part="b",
)

GAIN = Rule(
    4,
    "the paper",
    "With 13.5 % of the weights, a ticket is more than 0.3 points more accurate than the dense network.",
    "more than +0.3 points at early stopping, at 13.5 %",
    Sized(Claimed(over(OWN, DENSE), 9, more_than(0.003)), BETTER, "more accurate", "more accurate"),
    reading=AT_EARLY_STOP,
)

RETURNS = Rule(
    5,
    "the paper",
    "With 3.6 % of the weights, a ticket's accuracy is back at the level of the dense network.",
    "0 points at early stopping, at 3.6 %",
    Equal(over(OWN, DENSE), 15),
    reading=AT_EARLY_STOP,
)

BEATS_REINITIALISED = Rule(
    6,
    "the paper",
    "With 21.1 % of the weights, a ticket learns 2.51 times as fast as when re-initialised, and is half a point "
    "better.",
    "2.51 times as fast and +0.5 points at early stopping, at 21.1 %",
    BothSized(
        "of the ticket with its re-initialisations",
        (
            Sized(
                Claimed(before(OWN, AGAIN, shared=True), 7, times(2.51)), EARLIER, "its early stop is earlier", "faster"
            ),
            Sized(Claimed(over(OWN, AGAIN, shared=True), 7, points(0.005)), BETTER, "it is more accurate", "better"),
        ),
    ),
    reading=AT_EARLY_STOP,
)
