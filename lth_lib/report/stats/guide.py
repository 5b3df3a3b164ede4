"""A guide by rule: of the methods that a need leaves, the most accurate, and the cheapest not shown to be worse."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import pandas as pd

from lth_lib.report.stats.methods import best, not_shown_worse
from lth_lib.report.stats.tables import Table


@dataclasses.dataclass(frozen=True)
class Need:
    """What is wanted of a pruned network, in words, and which rows of `methods` meet it."""

    text: str
    meets: Callable[[Table], pd.Series]


NEEDS = (
    Need("Accuracy is all that counts", lambda rows: rows["when"] != ""),
    Need("It has not been trained yet", lambda rows: _early(rows)),
    Need("It has to be sparse from the first iteration", lambda rows: _early(rows) & _never_dense(rows)),
    Need(
        "It has been trained, and cannot be trained further",
        lambda rows: (rows["when"] == "after") & (rows["steps"] == 0),
    ),
    Need(
        "It has been trained, and can be trained further", lambda rows: (rows["when"] == "after") & (rows["steps"] > 0)
    ),
    Need("Whole units have to go", lambda rows: rows["granularity"].str.startswith("Unit")),
    Need("A pattern of N in M has to stay", lambda rows: rows["scope"].str.startswith("Neighbours")),
)
"""The questions of the guide, each answered from one density of one data set."""


def _early(rows: Table) -> pd.Series:
    return rows["when"].isin(["before", "during"])


def _never_dense(rows: Table) -> pd.Series:
    """Return which methods trained no iteration with more weights than they end with, to a twentieth."""
    return rows["cost"] <= 1.05 * rows["density"] * rows["steps"]


@dataclasses.dataclass(frozen=True)
class Answer:
    """What a need comes to: the most accurate method, those not shown to be worse, and of all these the cheapest."""

    need: Need
    best: int
    equals: tuple[int, ...]
    cheapest: int


def answers(rows: Table, cost: str = "cost", needs: Sequence[Need] = NEEDS) -> list[Answer]:
    """Return what each need comes to that any of some rows of `methods` meets; of equal costs the more accurate.

    Where the best of a need is the best of all rows, it is compared among all: what is not shown to be worse there is
    not shown to be by a need that fewer meet.
    """
    found, of_all = [], not_shown_worse(rows)
    for need in needs:
        left = rows[need.meets(rows)]
        if left.empty:
            continue
        equal = [at for at in of_all if at in left.index] if best(left) == of_all[0] else not_shown_worse(left)
        means = left.loc[equal, "accuracy"].map(lambda one: -one.mean)
        order = left.loc[equal].assign(less=means).sort_values([cost, "less"], kind="stable")
        found.append(Answer(need, best(left), tuple(equal[1:]), int(order.index[0])))
    return found
