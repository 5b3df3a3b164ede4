"""What two data sets say of the same methods: where both stand, and whose lead over whom is shown on both."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import TypeVar

import numpy as np
import pandas as pd
from scipy.stats import kendalltau

from lth_lib.report.stats.compare import difference
from lth_lib.report.stats.intervals import Interval
from lth_lib.report.stats.many import standing
from lth_lib.report.stats.tables import Table
from lth_lib.report.stats.welch import welch
from lth_lib.spec import require

_SAME = ["series", "granularity", "level"]
_OF_EACH = ["data", "accuracy", "accuracies", "density", "note"]

AGAIN, TURNED, LOST, NEW, NEITHER = "yes", "turned round", "not shown", "only there", "on neither"
"""Whether what the first data set shows the other shows again, the other way round or not; or it alone shows it."""

Key = TypeVar("Key")
Answers = dict[tuple[str, int], Interval]
"""A difference by its question in words and its level."""

Pair = tuple[int, int]
"""Two methods by their index, the one with the higher mean first."""


@dataclasses.dataclass(frozen=True)
class Agreement:
    """Of all pairs of methods: whose lead is shown on the first data set, and what is shown of these on the other.

    `rank` is Kendall's rank correlation of the means: 1 where the order is the same, 0 where it is as by chance, -1
    where it is turned round.
    """

    pairs: int
    shown: tuple[Pair, ...]
    again: tuple[Pair, ...]
    turned: tuple[Pair, ...]
    rank: float


def alongside(first: Table, other: Table) -> Table:
    """Return a row for each method of two tables of `stats.methods` at each level that both have it.

    What is of each data set ends in `_first` or `_other`; when weights go, and what is asked of the network otherwise,
    is the same.
    """
    both = first[[*_SAME, "when", *_OF_EACH]].merge(other[[*_SAME, *_OF_EACH]], on=_SAME, suffixes=("_first", "_other"))
    require(len(both) > 0, "The two tables have no method at the same level; give those of one study on two data sets.")
    return both


def agreement(both: Table) -> Agreement:
    """Return what the two sides of `alongside` say of all pairs of its methods, which are of one level.

    A lead is shown by all replicates of both methods (Welch), after Holm's correction over all pairs of a data set.
    """
    first, other = (_leads(both[f"accuracies_{side}"]) for side in ("first", "other"))
    means = [both[f"accuracy_{side}"].map(lambda found: found.mean) for side in ("first", "other")]
    return Agreement(
        len(both) * (len(both) - 1) // 2,
        tuple(sorted(first)),
        tuple(sorted(first & other)),
        tuple(sorted(first & {(b, a) for a, b in other})),
        float(kendalltau(*means).statistic),
    )


def asked(table: Table, questions: Mapping[str, tuple[str, str, str]], levels: Sequence[int]) -> Answers:
    """Return, for each question in words (one series, another, a column) and level, what one has more than the other.

    All replicates of both are compared (Welch); a level that one of the two has not is left out.
    """
    there = set(table[["series", "level"]].itertuples(index=False, name=None))
    return {
        (words, level): difference(table, y, (one, level), (other, level), shared=False)
        for words, (one, other, y) in questions.items()
        for level in levels
        if {(one, level), (other, level)} <= there
    }


def asked_again(first: Mapping[Key, Interval], other: Mapping[Key, Interval]) -> dict[Key, str]:
    """Return whether each of some differences, as found on one data set, is shown on another (Holm over each's own)."""
    (ahead, behind), (still, now) = standing(first), standing(other)

    def told(key: Key) -> str:
        if key in ahead or key in behind:
            same, turned = (still, now) if key in ahead else (now, still)
            return AGAIN if key in same else TURNED if key in turned else LOST
        return NEW if key in still or key in now else NEITHER

    return {key: told(key) for key in first}


def _leads(accuracies: pd.Series) -> set[Pair]:
    """Return whose lead over whom is shown."""
    pairs = combinations([int(at) for at in accuracies.index], 2)
    found = {(a, b): welch(np.asarray(accuracies[a]), np.asarray(accuracies[b]), drop_nan=True) for a, b in pairs}
    ahead, behind = standing(found)
    return {*ahead, *((b, a) for a, b in behind)}
