"""The sides that rules compare, and the levels at which they do."""

from __future__ import annotations

from lth_lib.report.claims.second.comparison import LENET_300_100, Shrinking, Side

PLAN = (3, 7, 10, 13)
"""The levels nearest to the plan's 50, 20, 10 and 5 %."""

ALL_LEVELS = tuple(range(1, 21))


def dense(study: str, network: Shrinking = LENET_300_100) -> Side:
    """Return the dense network of a study."""
    return Side(study, "dense", "dense", network, level=0)


def ticket(study: str, network: Shrinking = LENET_300_100, word: str = "ticket") -> Side:
    """Return the winning tickets of a study."""
    return Side(study, "winning ticket", word, network)


def again(study: str) -> Side:
    """Return the re-initialised controls of a study."""
    return Side(study, "re-initialised", "re-initialised")


def once(study: str) -> Side:
    """Return the one-shot tickets of a study."""
    return Side(study, "one-shot ticket", "one-shot")
