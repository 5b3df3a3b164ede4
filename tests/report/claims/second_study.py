"""A study of five replicates for the rules of the second edition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from lth_lib.report.claims.second import RULES, Verdict, judge
from lth_lib.report.claims.second.comparison import CONV_2, LENET_300_100, StudyCell
from lth_lib.report.claims.second.rules.sides import ALL_LEVELS
from lth_lib.report.claims.second.rules.tickets import WINNING

SEEDS = np.arange(5)


WOBBLE = SEEDS - 2.0
"""How replicates differ, in units of a spread.

Two groups that differ so have a Welch interval of 2.306 spreads to either side (8 degrees of freedom). Controls wobble
the other way: the interval of a paired difference is 3.926 spreads to either side.
"""


BY_KEY = {(rule.data, rule.key): rule for rule in RULES}


Values = Mapping[int, float] | float


def at(value: Values, level: int, other: float) -> float:
    """Return a level's value."""
    return value.get(level, other) if isinstance(value, Mapping) else value


def cell(name: str, series: str, level: int) -> StudyCell:
    """Return a cell at its published density."""
    return StudyCell(name, series, level, (CONV_2 if name == "convolutional" else LENET_300_100).density(level))


def rows(cell: StudyCell, gain: float = 0, times: float = 1, spread: float = 0, gap: float = 0) -> pd.DataFrame:
    """Return the rows of one cell: `gain` more accurate than dense, stopping `times` as early."""
    way = -1 if cell.series == "re-initialised" else 1
    accuracy = 0.98 + gain + way * spread * WOBBLE
    columns: dict[str, Any] = {
        "series": cell.series,
        "level": cell.level,
        "digest": "a",
        "seed": SEEDS,
        "density": cell.density,
        "early_stop": 8000 / times * np.exp(way * 50 * spread * WOBBLE),
        "censored": False,
        "accuracy_at_end": accuracy,
        "accuracy_at_early_stop": accuracy,
        "accuracy_at_best": accuracy,
        "gap_at_last": 0.02 - gap + way * spread * WOBBLE,
        "diverged": False,
    }
    return pd.DataFrame(columns)


def study(
    name: str = "fresh",
    gain: Values = 0.004,
    times: Values = 1.6,
    spread: float = 0.0002,
    gap: Values = 0.003,
    levels: Sequence[int] = ALL_LEVELS,
) -> pd.DataFrame:
    """Return a study: dense, tickets of all levels, and their re-initialisations, which are as the dense network is."""
    tickets = [
        rows(cell(name, "winning ticket", n), at(gain, n, 0), at(times, n, 1), spread, at(gap, n, 0)) for n in levels
    ]
    controls = [rows(cell(name, "re-initialised", n), spread=spread) for n in WINNING]
    return pd.concat([rows(cell(name, "dense", 0), spread=spread), *tickets, *controls], ignore_index=True)


def judged(key: str, data: str = "MNIST", **tables: pd.DataFrame) -> Verdict:
    """Return the verdict on one claim."""
    return judge(BY_KEY[data, key], tables, {name: whole(table) for name, table in tables.items()})


def whole(table: pd.DataFrame) -> dict[tuple[str, int], int]:
    """Return the plan of a study that is stored as a whole: as many trainings as the table has."""
    return dict(table.groupby(["series", "level"]).size())


def word(key: str, **what: Any) -> str:
    """Return the word of the verdict on one claim in a made study."""
    return judged(key, fresh=study(**what)).verdict


def censored(table: pd.DataFrame, series: str, level: int) -> pd.DataFrame:
    """Return the table in which one early stop of a cell is a bound."""
    own = (table["series"] == series) & (table["level"] == level) & (table["seed"] == 0)
    return table.assign(censored=own)


def every(value: float, **other: float) -> dict[int, float]:
    """Return `value` for every level, but `l7=...` at level 7."""
    return {n: other.get(f"l{n}", value) for n in range(1, 21)}
