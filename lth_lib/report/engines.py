"""Two engines train the same if a rule that was written before says so."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from lth_lib.report.prose import Value
from lth_lib.report.stats import POINTS, TIMES, Interval, Table, describe, interval

MARGIN, LONGEST = 0.001, 1.25
"""How far accuracies, and early stops, of engines that train the same may lie apart."""

DIFFER, SAME, UNDECIDED = "they differ", "they train the same", "undecided"


@dataclass(frozen=True)
class Change:
    """The difference of accuracies, and the ratio of early stops, of one engine and another."""

    gain: Interval
    delay: Interval

    @property
    def none_shown(self) -> bool:
        """Whether both intervals include no change."""
        return self.gain.contains(0) and self.delay.contains(1)

    @property
    def verdict(self) -> str:
        """What the rule says; without an interval nothing is decided."""
        if math.isnan(self.gain.low) or math.isnan(self.delay.low):
            return UNDECIDED
        if not self.none_shown:
            return DIFFER
        near = self.gain.inside(-MARGIN, MARGIN) and self.delay.inside(1 / LONGEST, LONGEST)
        return SAME if near else UNDECIDED

    def words(self) -> tuple[str, str]:
        """Return both in words; where every replicate came out the same, that."""
        if (self.gain.low, self.gain.high, self.delay.low, self.delay.high) == (0, 0, 1, 1):
            return "the same", "the same"
        return describe(self.gain, POINTS), describe(self.delay, TIMES)


def change(pairs: Table) -> Change:
    """Return how far engines lie apart, by the `gain` and `delay` of each pair of replicates."""
    return Change(interval(pairs["gain"]), interval(pairs["delay"]).through(math.exp))


def over_levels(remade: Table, blocks: Collection[int]) -> Change:
    """Return the change of replicates of some blocks of seeds, each the mean over its levels first."""
    own = remade[remade["block"].isin(blocks)]
    return change(own.groupby("replicate")[["gain", "delay"]].mean())


def remade_pairs(comparison: Mapping[str, Any]) -> Table:
    """Return a row for each replicate of each run that was trained again, against what is committed."""
    return pd.concat(
        [
            pd.DataFrame(
                {
                    "level": row["level"],
                    "block": row["seeds"][0],
                    "replicate": row["seeds"],
                    "gain": np.subtract(row["best_test_accuracy"]["remade"], row["best_test_accuracy"]["committed"]),
                    "delay": np.log(row["best_step"]["remade"]) - np.log(row["best_step"]["committed"]),
                }
            )
            for row in comparison["runs"]
        ]
    )


def kernel_pairs(comparisons: Iterable[Mapping[str, Any]], ours: str, theirs: str) -> Table:
    """Return a row for each replicate that two kernels trained from one start.

    `first` is the first seed of its comparison, `kept` the share of weights, and `late` whether a stop was at the
    last iteration, which is a bound.
    """
    return pd.concat(
        [
            pd.DataFrame(
                {
                    "first": comparison["blocks"][0]["seeds"][0],
                    "kept": row["kept"],
                    "gain": np.subtract(row[ours]["best_test_accuracy"], row[theirs]["best_test_accuracy"]),
                    "delay": np.log(row[ours]["best_step"]) - np.log(row[theirs]["best_step"]),
                    "late": np.maximum(row[ours]["best_step"], row[theirs]["best_step"]) >= comparison["steps"],
                }
            )
            for comparison in comparisons
            for row in comparison["blocks"]
        ]
    )


def trained_by_both(comparisons: Iterable[Mapping[str, Any]], *kernels: str) -> list[Mapping[str, Any]]:
    """Return those of the comparisons that have these kernels."""
    return [found for found in comparisons if found["blocks"][0].keys() >= {*kernels}]


def stops_at_the_end(pairs: Table, comparisons: Iterable[Mapping[str, Any]]) -> Value:
    """Return how many pairs have a stop that is a bound, and beside it who trained them."""
    made = [found["made"] for found in comparisons]
    machines = {f"{one['device']}, {one['threads']} threads" for one in made}
    commits = ", ".join(one["commit"][:7] for one in made)
    return Value(f"{pairs['late'].sum()} of {len(pairs)}", f"{'; '.join(sorted(machines))}, commits {commits}")


def change_table(
    changes: Mapping[str, Change], *, name: str, one: str, other: str, judged: Collection[str] = ()
) -> pd.DataFrame:
    """Return changes as a table whose first column is headed `name`; with a verdict on those that are `judged`."""
    columns = [name, f"Accuracy, {one} minus {other}", f"Early stop, {one} over {other}", "By the rule"]
    rows = [[key, *found.words(), found.verdict if key in judged else ""] for key, found in changes.items()]
    table = pd.DataFrame(rows, columns=columns)
    return table if judged else table.drop(columns=columns[-1])


def apart(one: Mapping[str, ArrayLike], other: Mapping[str, ArrayLike]) -> float:
    """Return the Euclidean distance of two sets of weights."""
    pairs = [(np.asarray(one[name], dtype=float), np.asarray(other[name], dtype=float)) for name in one]
    return math.sqrt(sum(float(np.square(a - b).sum()) for a, b in pairs))
