"""What is drawn against density: a mean with its interval for each series and level, as numbers and in words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from lth_lib.report.figures.style import quantity
from lth_lib.report.stats import PERCENT, Interval, Table, Unit, average_within, describe, interval


def means(table: Table, y: str) -> pd.DataFrame:
    """Return, for each series and level: density, the interval of `y`, whether any is censored, and who has a value.

    `y` is averaged within each replicate first. `iterations_to_dense` has no mean where a replicate never
    arrives: those that do are the quick ones.
    """
    rows = []
    for (series, level), cell in average_within(table).groupby(["series", "level"], sort=False):
        values = cell[y].to_numpy(dtype=float)
        known = int((~np.isnan(values)).sum())
        drawn = known > 0 and (y != "iterations_to_dense" or known == len(values))
        censored = y == "early_stop" and bool(cell["censored"].any())
        found = interval(values, drop_nan=True)
        rows.append((series, level, cell["density"].mean(), found, censored, drawn, known, len(values)))
    columns = ["series", "level", "density", "interval", "censored", "drawn", "known", "replicates"]
    return pd.DataFrame(rows, columns=columns)


def said(value: Interval, censored: bool, unit: Unit) -> str:
    """Return an interval in words, `at least` where a replicate is censored."""
    return ("at least " if censored else "") + describe(value, unit)


def numbers_of(table: Table, columns: Sequence[str]) -> pd.DataFrame:
    """Return series, weights and each of some columns in words, a row for each series and level."""
    words = {}
    for name in columns:
        shown, found = quantity(name), means(table, name)
        words["Series"] = found["series"]
        words["Weights"] = found["density"].map(lambda kept: f"{kept * PERCENT.scale:.3g} %")
        words[shown.label] = [
            said(row.interval, row.censored, shown.unit) if row.drawn else "–" for row in found.itertuples()
        ]
    return pd.DataFrame(words)
