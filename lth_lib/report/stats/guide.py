"""A guide by rule: of the methods that a need leaves, the most accurate, and the cheapest not shown to be worse."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import pandas as pd

from lth_lib.report.stats.methods import best, not_shown_worse
from lth_lib.report.stats.tables import Table


@dataclasses.dataclass(frozen=True)
class Condition:
    """What has to be true of a row of `methods`, in words that a reader can check, and of which rows it is."""

    text: str
    holds: Callable[[Table], pd.Series]


@dataclasses.dataclass(frozen=True)
class Need:
    """What is wanted of a pruned network, in words, and what is true of each method that meets it."""

    text: str
    conditions: tuple[Condition, ...] = ()

    def meets(self, rows: Table) -> pd.Series:
        """Return of which rows all conditions hold."""
        met = pd.Series(True, index=rows.index)
        for condition in self.conditions:
            met &= condition.holds(rows)
        return met

    @property
    def rule(self) -> str:
        """The conditions in words."""
        return ", and ".join(condition.text for condition in self.conditions) or "always"


SLACK = 1.05
"""So much more than all iterations of the final density may be counted: densities are rounded."""

EARLY = Condition(
    '"When" is "before training" or "during training"', lambda rows: rows["when"].isin(["before", "during"])
)
SPARSE = Condition(
    f'"Training" is at most {SLACK:g} times "Weights left" times its own iterations',
    lambda rows: rows["cost"] <= SLACK * rows["density"] * rows["steps"],
)
AFTER = Condition('"When" is "after training, and on"', lambda rows: rows["when"] == "after")
UNTRAINED = Condition('"Note" says "not trained after pruning"', lambda rows: rows["steps"] == 0)
TRAINED = Condition('"Note" does not say "not trained after pruning"', lambda rows: rows["steps"] > 0)
UNITS = Condition('"What goes" is "units"', lambda rows: rows["granularity"].str.startswith("Unit"))
PATTERN = Condition('"What goes" is "patterns"', lambda rows: rows["scope"].str.startswith("Neighbours"))

NEEDS = (
    Need("Accuracy is all that counts"),
    Need("It has not been trained yet", (EARLY,)),
    Need("It has to be sparse from the first iteration", (EARLY, SPARSE)),
    Need("It has been trained, and cannot be trained further", (AFTER, UNTRAINED)),
    Need("It has been trained, and can be trained further", (AFTER, TRAINED)),
    Need("Whole units have to go", (UNITS,)),
    Need("A pattern of N in M has to stay", (PATTERN,)),
)
"""The questions of the guide, each answered from one density of one data set."""


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
