"""Methods beside one another: a row for each at each density, what it reaches and what it costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from lth_lib.report.stats.intervals import Interval, interval
from lth_lib.report.stats.many import holm, p_value
from lth_lib.report.stats.series import without_gone
from lth_lib.report.stats.tables import Table
from lth_lib.report.stats.welch import welch
from lth_lib.spec import require

COSTS = ("cost", "flops", "bytes_best")
_FACTS = ("digest", "data", "when", "method", "granularity", "scope", "prunings", "steps")
_MEANS = ("density", "effective_density", "dead_units", "dead_inputs", "early_stop", *COSTS)


def methods(tables: Mapping[str, Table], named: Mapping[str, Sequence[str]]) -> Table:
    """Return a row for each method of some studies at each of its levels.

    `named` are the series of each study that are methods. `accuracy` is the interval over `accuracies` [R], at the end
    of training, or at the last iteration where there is no such reading: of a network that is not trained on, or too
    briefly. Costs are means over the replicates; early stops are lower bounds where they are `late` in any, and `note`
    says what is empty in how many. A run that several studies have is a row once.
    """
    rows = [
        _row(name, str(series), int(level), cell)
        for name, table in tables.items()
        for (series, level), cell in table.groupby(["series", "level"], sort=False)
        if series in named[name]
    ]
    require(bool(rows), "None of the studies has a method whose results are stored.")
    return pd.DataFrame(rows).drop_duplicates(["digest", "when"], ignore_index=True)


def _row(study: str, series: str, level: int, cell: Table) -> dict[str, object]:
    """Return what one method is, reaches and costs at one level."""
    if str(cell["granularity"].iloc[0]).startswith("Unit"):
        cell = smaller(cell)
    reached = cell["accuracy_at_end"].fillna(cell["accuracy_at_last"]).to_numpy(dtype=float)
    return {
        "study": study,
        "series": series,
        "level": level,
        **{name: cell[name].iloc[0] for name in _FACTS},
        **{name: float(cell[name].mean()) for name in _MEANS},
        "late": bool((cell["censored"] & cell["early_stop"].notna()).any()),
        "accuracies": reached,
        "accuracy": interval(reached, drop_nan=True),
        "note": _note(cell),
    }


def smaller(cell: Table) -> Table:
    """Return rows of a network that lost units by what is left of it: its masks keep columns that read nothing.

    Its own training counts by what is left, too.
    """
    left = without_gone(cell)
    gone = cell["density"] - left["density"]
    return left.assign(flops=cell["flops_smaller"], cost=cell["cost"] - gone * cell["steps"])


def _note(cell: Table) -> str:
    """Return which layers are empty in how many replicates, and how many diverged."""
    told = [
        f"collapsed: {name} in {count} of {len(cell)}"
        for name, count in cell["collapsed"].fillna("").value_counts().items()
        if name
    ]
    lost = int(cell["diverged"].sum())
    return "; ".join([*told, *([f"diverged in {lost} of {len(cell)}"] if lost else [])])


def best(rows: Table) -> int:
    """Return which of some methods has the highest mean accuracy, by its index."""
    return int(rows["accuracy"].map(lambda found: found.mean).idxmax())


def behind(rows: Table) -> dict[int, Interval]:
    """Return, for each of some methods but the best, the best's accuracy minus its own, by all replicates of both."""
    top = rows["accuracies"][best(rows)]
    return {int(at): welch(top, own, drop_nan=True) for at, own in rows["accuracies"].items() if at != best(rows)}


POINT = 0.01
"""What may be a point of accuracy worse, or more, is not as good: it is not known how good it is."""


def not_shown_worse(rows: Table) -> list[int]:
    """Return which methods are not shown to be less accurate than the best, itself first (Holm over all of them).

    Left out is what differs so much between replicates that it may be a `POINT` worse.
    """
    gaps = behind(rows)
    adjusted = holm([p_value(found, 0) for found in gaps.values()])
    close = (at for (at, found), p in zip(gaps.items(), adjusted, strict=True) if p >= 0.05 and found.high < POINT)
    return [best(rows), *close]


def front(rows: Table, cost: str) -> list[int]:
    """Return the Pareto front: methods that none at most as dear exceeds in mean accuracy, the cheapest first."""
    known = rows.assign(mean=rows["accuracy"].map(lambda found: found.mean)).dropna(subset=[cost, "mean"])
    ordered = known.sort_values([cost, "mean"], ascending=[True, False], kind="stable")
    means = ordered["mean"].to_numpy()
    highest = np.maximum.accumulate(np.concatenate([[-np.inf], means[:-1]])) if len(means) else means
    return [int(at) for at, mean, before in zip(ordered.index, means, highest, strict=True) if mean > before]
