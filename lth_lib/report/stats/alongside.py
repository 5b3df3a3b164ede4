"""The same methods on two data sets: each beside itself, all leads at once, and whether advice for one holds."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from lth_lib.report.stats.agreement import asked_again
from lth_lib.report.stats.guide import NEEDS, Need, answers
from lth_lib.report.stats.intervals import Interval
from lth_lib.report.stats.many import standing
from lth_lib.report.stats.methods import behind, best
from lth_lib.report.stats.tables import Table
from lth_lib.report.stats.welch import welch

METHOD = ["study", "series", "level"]
"""What names a method at one level of `methods`, whatever the data."""


def on_both(here: Table, there: Table) -> tuple[Table, Table]:
    """Return the rows of `methods` on two data sets that both have, in one order and with one index."""
    shared = here[METHOD].merge(there[METHOD])
    first, other = (shared.merge(rows, on=METHOD, validate="one_to_one") for rows in (here, there))
    return first, other


def over(rows: Table, dense: np.ndarray) -> list[Interval]:
    """Return by how much each of some methods is more accurate than the dense network, by all replicates of both."""
    return [welch(own, dense, drop_nan=True) for own in rows["accuracies"]]


def rank_correlation(here: Sequence[float], there: Sequence[float]) -> float:
    """Return Spearman's rank correlation: 1 where both are in the same order, 0 where the orders have nothing to do."""
    # `scipy.stats.spearmanr` computes the same, and to import that takes a second.
    return float(np.corrcoef(pd.Series(here).rank(), pd.Series(there).rank())[0, 1])


def leads_again(here: Table, there: Table) -> dict[tuple[int, int], str]:
    """Return, for each two methods of one level, whether the difference here is shown there, as `asked_again`.

    Both are rows `on_both`; on each data set Holm's correction is over all of them.
    """
    found = [dict(_leads(rows)) for rows in (here, there)]
    return asked_again(*found)


def _leads(rows: Table) -> list[tuple[tuple[int, int], Interval]]:
    reached = rows["accuracies"].to_dict()
    every = (pair for _, own in rows.groupby("level") for pair in combinations(own.index, 2))
    return [(pair, welch(reached[pair[0]], reached[pair[1]], drop_nan=True)) for pair in every]


@dataclasses.dataclass(frozen=True)
class Advised:
    """What the guide names for a need on one data set, what is best on another, and by how much (None: the same)."""

    need: Need
    advised: int
    best: int
    gap: Interval | None
    worse: bool


def advice(here: Table, there: Table, needs: Sequence[Need] = NEEDS) -> list[Advised]:
    """Return whether the most accurate for each need on one data set is shown to be worse than the best on another.

    Both are rows `on_both`, of one level. A method meets a need by its row here; Holm's correction is over all that do.
    """
    found = []
    for answer in answers(here, needs=needs):
        left = there[answer.need.meets(here)]
        gaps, top = behind(left), best(left)
        worse = answer.best in standing(gaps)[0]
        found.append(Advised(answer.need, answer.best, top, gaps.get(answer.best), worse))
    return found
