"""A study of five replicates for the rules of the first edition."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from lth_lib.report.claims.first import CLAIMS, Verdict
from lth_lib.report.claims.first.judges import TICKETS, published_density

SEEDS = np.arange(5)


WOBBLE = SEEDS - 2.0
"""How replicates differ, in units of a spread: the half width of the interval of their mean is 1.963 spreads."""


Cell = tuple[str, int]


ALL = [("winning ticket", n) for n in range(1, 21)] + [("re-initialised", n) for n in TICKETS]


def study(
    gain: Mapping[Cell, float] | float = 0.004,
    times: Mapping[Cell, float] | float = 1.6,
    spread: float = 0.0002,
    gap: float = -0.003,
) -> pd.DataFrame:
    """Return a study of five replicates; a cell is `gain` more accurate than dense and stops `times` as early.

    The re-initialised control gains nothing and is as fast as dense unless it is given.
    """
    parts = [rows(("dense", 0), 0, 1, 0, 0)]
    for cell in ALL:
        control = cell[0] == "re-initialised"
        parts.append(rows(cell, at(gain, cell, 0), at(times, cell, 1), 0 if control else spread, gap))
    return pd.concat(parts, ignore_index=True)


def at(value: Mapping[Cell, float] | float, cell: Cell, dense: float) -> float:
    """Return a cell's value; controls, and cells that are not given, are as the dense network is."""
    if isinstance(value, Mapping):
        return value.get(cell, dense)
    return dense if cell[0] == "re-initialised" else value


def rows(cell: Cell, gain: float, times: float, spread: float, gap: float) -> pd.DataFrame:
    """Return the rows of one series and level; replicates differ from each other far more than from their pairs."""
    series, level = cell
    accuracy = 0.98 + 0.001 * SEEDS + gain + spread * WOBBLE
    stop = (5000 + 1000 * SEEDS) / (times * np.exp(50 * spread * WOBBLE))
    columns: dict[str, Any] = {
        "series": series,
        "level": level,
        "digest": "a",
        "seed": SEEDS,
        "density": published_density(level),
        "early_stop": stop,
        "censored": False,
        "accuracy_at_early_stop": accuracy,
        "accuracy_at_end": accuracy,
        "gap_at_end": 0.02 + gap + spread * WOBBLE,
        "diverged": False,
        # The card reads what the first edition read, under the names that these columns have now.
        "censored_at_last": False,
        "accuracy_at_last": accuracy,
        "gap_at_last": 0.02 + gap + spread * WOBBLE,
    }
    return pd.DataFrame(columns)


def where(table: pd.DataFrame, series: str, level: int) -> pd.Series:
    """Return which rows are of a series and level."""
    return (table["series"] == series) & (table["level"] == level)


def ticket(level: int) -> Cell:
    """Return the winning ticket of a level."""
    return "winning ticket", level


def judged(number: int, table: pd.DataFrame) -> Verdict:
    """Return the verdict on one claim."""
    return CLAIMS[number].verdict(table)


def told(found: Verdict) -> str:
    """Return what was measured as one text."""
    return "; ".join(f"{name}: {'; '.join(items)}" if name else "; ".join(items) for name, items in found.measured)


def verdict(number: int, **what: Any) -> str:
    """Return the word of the verdict on one claim in a made study."""
    return judged(number, study(**what)).verdict


def all_levels(value: float, **other: float) -> dict[Cell, float]:
    """Return `value` for every ticket, but `l7=...` at level 7."""
    return {ticket(n): other.get(f"l{n}", value) for n in range(1, 21)}
