"""Series whose names are a method and a way to go on, such as `magnitude, reset`: one way, or two beside each other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from lth_lib.report.stats.intervals import Interval
from lth_lib.report.stats.levels import each_level
from lth_lib.report.stats.many import standing
from lth_lib.report.stats.tables import Table
from lth_lib.report.stats.units import POINTS, briefly
from lth_lib.spec import require

Contrasts = dict[tuple[str, int], Interval]
"""A difference by method and level."""


def renamed(table: Table, names: Mapping[str, str]) -> Table:
    """Return the rows of some series under other names, in this order; raises `SpecError` for one that is not there."""
    lacking = [name for name in names if name not in set(table["series"])]
    require(not lacking, f"There is no series {', '.join(lacking)}; there are {', '.join(table['series'].unique())}.")
    parts = [table[table["series"] == series].assign(series=name) for series, name in names.items()]
    return pd.concat(parts, ignore_index=True)


def without_gone(table: Table) -> Table:
    """Return a table whose density is that of the smaller network: without the units that are gone, and their columns.

    Masks of whole units keep the columns that read what is gone, so by them a network seems larger than it is.
    """
    return table.assign(density=table["bytes_smaller"] / table["bytes_dense"])


def between_ways(table: Table, y: str, methods: Iterable[str], one: str, other: str) -> Contrasts:
    """Return column `y` of one way to go on minus that of another, for each method and level; ways share its masks."""
    ways = {name: each_level(table, y, f"{name}, {one}", f"{name}, {other}", shared=True) for name in methods}
    return _flat(ways)


def over_other(table: Table, y: str, methods: Iterable[str], other: str, *, shared: bool) -> Contrasts:
    """Return column `y` of some series minus that of another one, for each of them and each level."""
    return _flat({name: each_level(table, y, name, other, shared=shared) for name in methods})


def _flat(found: Mapping[str, Mapping[int, Interval]]) -> Contrasts:
    return {(name, level): one for name, levels in found.items() for level, one in levels.items()}


def beside_ways(
    densities: Mapping[int, float], columns: Mapping[str, Contrasts], head: str = "Criterion"
) -> pd.DataFrame:
    """Return a table for the page: a row for each density and method, under a `head`, and its contrasts."""
    first = next(iter(columns.values()))
    keys = sorted(first, key=lambda key: key[1])
    told = {f"{name} (points)": [briefly(found[key], POINTS) for key in keys] for name, found in columns.items()}
    left = [f"{densities[level] * 100:.3g} %" for _, level in keys]
    names, counts = [name for name, _ in keys], [str(first[key].n) for key in keys]
    return pd.DataFrame({"Weights": left, head: names, "n": counts, **told})


def marked(found: Contrasts, densities: Mapping[int, float], *, head: str, words: tuple[str, str]) -> pd.DataFrame:
    """Return a table for the page: a row for each name, a column for each density, in points, and what is shown.

    Of the two `words` the first stands where a difference is shown to be above 0, the second where below, after Holm's
    correction over all of them.
    """
    shown = {key: word for keys, word in zip(standing(found), words, strict=True) for key in keys}

    def cell(key: tuple[str, int]) -> str:
        told = briefly(found[key], POINTS)
        return f"{shown[key]}: {told}" if key in shown else told

    names = dict.fromkeys(name for name, _ in found)
    columns = {f"{left * 100:.3g} %": [cell((name, at)) for name in names] for at, left in densities.items()}
    return pd.DataFrame({head: list(names)} | columns)
