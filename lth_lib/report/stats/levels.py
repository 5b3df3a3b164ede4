"""One series of a table, level by level: how dense it is, and how it compares."""

from __future__ import annotations

from lth_lib.report.stats.compare import difference, speedup
from lth_lib.report.stats.intervals import Interval
from lth_lib.report.stats.tables import Table

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
    levels = [level for level in densities(table, series) if level in densities(table, other)]
    return {level: difference(table, y, (series, level), (other, level), shared=shared) for level in levels}


def before_dense(table: Table, series: str = TICKET) -> dict[int, Interval]:
    """Return, for each level of a series, how many times its iterations the dense network takes to its early stop."""
    return {level: speedup(table, (series, level), DENSE, shared=False) for level in densities(table, series)}
