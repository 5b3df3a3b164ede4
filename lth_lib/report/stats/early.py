"""A learning curve is read at an iteration, at a height, or at fewer of its evaluations."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lth_lib.report.stats.tables import Table
from lth_lib.spec import require


def at_iteration(curve: Table, series: str, iteration: int) -> np.ndarray:
    """Return the value of each replicate [R] of one series of `curves` at an iteration, in the order of seeds.

    Raises `SpecError` where nothing was evaluated then.
    """
    wide = _by_seed(curve, series)
    known = f"it has {len(wide)} evaluations, from {wide.index.min()} to {wide.index.max()}"
    require(iteration in wide.index, f"{series!r} was not evaluated at iteration {iteration}; {known}.")
    return wide.loc[iteration].to_numpy(dtype=float)


def iterations_to(curve: Table, series: str, height: float) -> np.ndarray:
    """Return the iterations [R] at which each replicate of one series of `curves` is first at `height` or above.

    NaN where it never is. Replicates are in the order of seeds.
    """
    wide = _by_seed(curve, series)
    there = (wide >= height).to_numpy()
    at = wide.index.to_numpy(dtype=float)[there.argmax(axis=0)]
    return np.where(there.any(axis=0), at, np.nan)


def thinned(curve: Table, fine: int) -> Table:
    """Return `curves` with every evaluation of the first `fine` iterations, and then every fifth, and the last."""
    at = np.unique(curve["iteration"])
    late = at[at > fine]
    return curve[curve["iteration"].isin([*at[at <= fine], *late[4::5], at[-1]])]


def _by_seed(curve: Table, series: str) -> pd.DataFrame:
    """Return one series with a row for each iteration and a column for each seed, both in order."""
    own = curve[curve["series"] == series]
    require(len(own) > 0, f"There is no series {series!r}; there are {', '.join(curve['series'].unique())}.")
    return own.pivot(index="iteration", columns="seed", values="value").sort_index()
