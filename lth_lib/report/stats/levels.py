"""One series of a table, level by level: how dense it is, and how it compares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from lth_lib.report.stats.compare import difference, speedup
from lth_lib.report.stats.intervals import Interval
from lth_lib.report.stats.tables import Table
from lth_lib.report.stats.units import POINTS, TIMES, briefly

TICKET = "winning ticket"
DENSE = ("dense", 0)


def densities(table: Table, series: str = TICKET) -> dict[int, float]:
    """Return the measured density of each level of a series, the mean over its replicates; empty if it has none."""
    own = table[table["series"] == series].groupby("level")["density"].mean()
    return {int(level): float(kept) for level, kept in own.items()}


def over_dense(table: Table, y: str, series: str = TICKET) -> dict[int, Interval]:
    """Return, for each level of a series, column `y` minus that of the dense network, by all replicates of both."""
    return {level: difference(table, y, (series, level), DENSE, shared=False) for level in densities(table, series)}


def each_level(table: Table, y: str, series: str, other: str, *, shared: bool) -> dict[int, Interval]:
    """Return, for each level that two series have, column `y` of one minus that of the other, as a `difference`."""
    return {
        level: difference(table, y, (series, level), (other, level), shared=shared)
        for level in _both(table, series, other)
    }


def before_dense(table: Table, series: str = TICKET) -> dict[int, Interval]:
    """Return, for each level of a series, how many times its iterations the dense network takes to its early stop."""
    return {level: speedup(table, (series, level), DENSE, shared=False) for level in densities(table, series)}


def before_each(table: Table, series: str, other: str) -> dict[int, Interval]:
    """Return, for each level of two series that share masks, how many times the iterations of one the other takes."""
    levels = _both(table, series, other)
    return {level: speedup(table, (series, level), (other, level), shared=True) for level in levels}


def _both(table: Table, series: str, other: str) -> list[int]:
    """Return the levels that two series have."""
    there = densities(table, other)
    return [level for level in densities(table, series) if level in there]


def beside_controls(table: Table, y: str, controls: Sequence[str], series: str = TICKET) -> pd.DataFrame:
    """Return a table for the page: a row for each controlled level, column `y` and early stops beside theirs."""
    kept = densities(table, series)
    columns: dict[str, dict[int, str]] = {}
    for name in controls:
        more, slower = each_level(table, y, series, name, shared=True), before_each(table, series, name)
        columns[f"{series.capitalize()} minus {name} (points)"] = {
            n: briefly(found, POINTS) for n, found in more.items()
        }
        columns[f"{name.capitalize()} stops later by (times)"] = {
            n: briefly(found, TIMES) for n, found in slower.items()
        }
        columns["n"] = {n: str(found.n) for n, found in more.items()}
    shown = pd.DataFrame({"Weights": {n: f"{kept[n] * 100:.3g} %" for n in sorted(columns["n"])}, **columns})
    return shown[["Weights", "n", *(name for name in columns if name != "n")]]


def down_to(losses: Mapping[int, Interval], most: float) -> int | None:
    """Return the lowest level down to which every loss is shown to be below `most`; none where the highest is not."""
    found = None
    for level in sorted(losses, reverse=True):
        if not losses[level].high < most:
            break
        found = level
    return found
