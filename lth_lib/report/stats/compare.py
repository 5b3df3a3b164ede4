"""Two cells of a table are compared: paired where they share masks, else by all replicates of both."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np
import pandas as pd

from lth_lib.report.stats.intervals import Interval, paired, ratio
from lth_lib.report.stats.tables import Table, pairs, values
from lth_lib.report.stats.welch import welch, welch_ratio

Cell = tuple[str, int]
"""A series and a level."""

FEWEST = 40
"""A share of fewer weights than this, in any replicate, is not worth a point."""


def difference(table: Table, y: str, left: Cell, right: Cell, *, shared: bool) -> Interval:
    """Return column `y` of one cell minus that of another; replicates without a value are counted.

    What is `shared`, such as the masks of a ticket and its control, is paired by replicate; a ticket and the
    dense network are compared by all replicates of both (Welch).
    """
    if shared:
        return paired(*pairs(table, y, left, right), drop_nan=True)
    return welch(values(table, y, left), values(table, y, right), drop_nan=True)


def speedup(table: Table, fast: Cell, slow: Cell, *, shared: bool) -> Interval:
    """Return how many times the iterations of `fast` the other takes to its early stop, compared as a `difference`.

    A replicate that never improved on its start has no ratio; that early stops are bounds is noted.
    """
    read = pairs(table, "early_stop", slow, fast) if shared else [values(table, "early_stop", c) for c in (slow, fast)]
    a, b = (np.where(stops > 0, stops, np.nan) for stops in read)
    late = [cell[0] for cell in (slow, fast) if censored(table, cell)]
    note = f"some early stops of {' and '.join(late)} are lower bounds" if late else ""
    return dataclasses.replace((ratio if shared else welch_ratio)(a, b, drop_nan=True), note=note)


def censored(table: Table, cell: Cell) -> bool:
    """Return whether any early stop of a cell is a bound."""
    own = table.loc[(table["series"] == cell[0]) & (table["level"] == cell[1]), ["censored", "early_stop"]]
    return bool((own["censored"] & own["early_stop"].notna()).any())


def pooled(kept: np.ndarray, every: np.ndarray, limit: float, low: float, high: float) -> float:
    """Return the share kept of the weights, of all replicates, that began in the bins between two values."""
    edges = np.linspace(-limit, limit, kept.shape[1] + 1)
    inside = (edges[:-1] >= low - 1e-9) & (edges[1:] <= high + 1e-9)
    known = ~np.isnan(kept + every).any(1)  # a replicate that diverged is NaN
    return float(kept[known][:, inside].sum() / every[known][:, inside].sum())


def survival(kept: Mapping[str, np.ndarray], every: Mapping[str, np.ndarray], limit: float) -> Table:
    """Return layer, replicate, value and share kept, from histograms [R, bins] of kept and of all weights.

    Bins go from -`limit` to `limit`; those with hardly any weight are left out.
    """
    parts = []
    for layer, counts in kept.items():
        edges = np.linspace(-limit, limit, counts.shape[1] + 1)
        enough = ((every[layer] >= FEWEST) | np.isnan(every[layer])).all(0)  # a replicate that diverged is NaN
        share = np.where(enough, counts / np.maximum(every[layer], 1), np.nan)
        wide = pd.DataFrame(share, columns=(edges[1:] + edges[:-1]) / 2).rename_axis(index="replicate", columns="value")
        parts.append(wide.stack().rename("kept").reset_index().assign(layer=layer))
    return pd.concat(parts, ignore_index=True).dropna()
