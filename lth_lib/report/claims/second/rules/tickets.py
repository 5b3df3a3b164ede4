"""Rules that hold for any data set: tickets match, re-initialised ones do not, and tickets generalise better."""

from __future__ import annotations

from lth_lib.report.claims.second.comparison import GAP, Comparison, before, over
from lth_lib.report.claims.second.judgements import Asked, Counted
from lth_lib.report.claims.second.questions import BETTER, EARLIER, MATCHES
from lth_lib.report.claims.second.rule import Rule
from lth_lib.report.claims.second.rules.sides import PLAN, again, dense, ticket

WINNING = (7, 9, 10, 13, 15)
"""The controlled levels between 21.1 and 3.6 %, where the paper sees winning tickets."""


def match(study: str, data: str) -> Rule:
    """Return claim 1 of a study."""
    own, start = ticket(study), dense(study)
    return Rule(
        1,
        "the paper; in the plan's words",
        "Tickets with 50, 20, 10 and 5 % of the weights match or exceed the dense network, and learn faster.",
        "at 50, 20, 10 and 5 %; no size given",
        Counted(
            "the {count} nearest levels ({densities})",
            "with dense",
            (
                Asked(over(own, start), PLAN, MATCHES, "test accuracy matches or exceeds", "matches or exceeds dense"),
                Asked(before(own, start), PLAN, EARLIER, "the early stop is earlier", "earlier"),
            ),
            needed=2,
            both=True,
        ),
        data,
    )


def worse(study: str, data: str) -> Rule:
    """Return claim 2 of a study."""
    own, other = ticket(study), again(study)
    better, faster = over(own, other, shared=True), before(own, other, shared=True)
    return Rule(
        2,
        "the paper; in the plan's words",
        "Tickets that are re-initialised at random train worse.",
        "no size given",
        Counted(
            "the {count} controlled levels at which the paper sees winning tickets ({densities})",
            "of the ticket with its re-initialisations",
            (
                Asked(better, WINNING, BETTER, "the ticket is more accurate", "ticket more accurate"),
                Asked(faster, WINNING, EARLIER, "its early stop earlier", "ticket earlier"),
            ),
            needed=3,
            both=False,
            drawn=(3, 18, 20),
        ),
        data,
    )


def generalise(study: str, data: str) -> Rule:
    """Return claim 14 of a study."""
    own, start = ticket(study), dense(study)
    smaller = (
        "the gap is smaller (yes if the whole interval of dense minus ticket lies above {yes}; no if it does not, and "
        "lies below {no})"
    )
    kept = "test accuracy matches or exceeds, since a network that merely fits less also has a small gap"
    return Rule(
        14,
        "the paper",
        "Winning tickets generalise better: less lies between their training and test accuracy.",
        "no size given",
        Counted(
            "the {count} levels of claim 1",
            "with dense",
            (
                Asked(Comparison(GAP, start, own), PLAN, BETTER, smaller, "smaller gap"),
                Asked(over(own, start), PLAN, MATCHES, kept, "matches or exceeds dense"),
            ),
            needed=2,
            both=True,
        ),
        data,
        preface="The gap is training minus test accuracy of one network, that of the last iteration, training accuracy "
        "over the whole training split.",
    )
