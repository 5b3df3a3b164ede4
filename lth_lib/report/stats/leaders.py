"""Which of several series leads at each level, and whether that is shown."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from lth_lib.report.stats.compare import difference
from lth_lib.report.stats.intervals import Interval, interval
from lth_lib.report.stats.levels import densities
from lth_lib.report.stats.many import standing
from lth_lib.report.stats.tables import Table, values
from lth_lib.report.stats.units import PERCENT, briefly


def leads(table: Table, y: str, names: Sequence[str]) -> dict[int, tuple[str, Interval]]:
    """Return, for each level, the series with the highest mean of `y`, and by how much it leads the second.

    The series share their masks, so that a lead is paired by replicate. There are two of them or more.
    """
    found = {}
    for level in densities(table, names[0]):
        means = {name: interval(values(table, y, (name, level)), drop_nan=True).mean for name in names}
        first, second, *_ = sorted(means, key=lambda name: -means[name])
        found[level] = first, difference(table, y, (first, level), (second, level), shared=True)
    return found


def leaders(table: Table, y: str, names: Sequence[str]) -> dict[int, str]:
    """Return who leads at the levels at which that is shown, after Holm's correction over all of them."""
    found = leads(table, y, names)
    shown, _ = standing({level: lead for level, (_, lead) in found.items()})
    return {level: found[level][0] for level in shown}


def standings(table: Table, y: str, names: Sequence[str]) -> pd.DataFrame:
    """Return a table for the page: a row for each series, a column for each level, and at each who is shown to lead."""
    kept, first = densities(table, names[0]), leaders(table, y, names)

    def cell(name: str, level: int) -> str:
        told = briefly(interval(values(table, y, (name, level)), drop_nan=True), PERCENT)
        return f"best: {told}" if first.get(level) == name else told

    rows = [
        {"Method": name} | {f"{left * 100:.3g} %": cell(name, level) for level, left in kept.items()} for name in names
    ]
    return pd.DataFrame(rows)
