"""Where the replicates of a series stop early, on its learning curve."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lth_lib.report.figures.means import said
from lth_lib.report.figures.style import quantity
from lth_lib.report.stats import ITERATIONS, Interval, Table, average_within, interval


@dataclass(frozen=True)
class Stop:
    """The early stop of each replicate of a series, and the mean of what they had reached of a metric then."""

    series: str
    metric: str
    each: tuple[float, ...]
    height: float
    censored: bool

    @property
    def when(self) -> Interval:
        """The mean early stop in its interval."""
        return interval(np.array(self.each))

    @property
    def said(self) -> str:
        """The mean early stop in words."""
        return said(self.when, self.censored, ITERATIONS)

    @property
    def reached(self) -> str:
        """The height in words."""
        unit = quantity(self.metric).unit
        return f"{unit.text(self.height)} {unit.name}"


def early_stops(stops: Table | None, curve: Table, metric: str) -> list[Stop]:
    """Return where the series of `stats.curves` stop, of the tidy table of the same runs; none without one.

    The height is the mean of what each replicate reached at its own stop, or, where that is not known, the mean curve
    there. A series of which no replicate stops has none.
    """
    if stops is None:
        return []
    found = (_early_stop(stops, curve, name, metric) for name in dict.fromkeys(curve["series"]))
    return [stop for stop in found if stop is not None]


def numbers_of_stops(found: Sequence[Stop], metric: str) -> pd.DataFrame:
    """Return what the markers of some stops say, a row for each."""
    rows = [(stop.series, f"early stop: {stop.said}", stop.reached) for stop in found]
    return pd.DataFrame(rows, columns=["Series", "Iteration", quantity(metric).label])


def _early_stop(stops: Table, curve: Table, series: str, metric: str) -> Stop | None:
    """Return where one series stops."""
    at_stop = f"{metric.removeprefix('test_')}_at_early_stop" if metric.startswith("test_") else ""
    columns = ["series", "level", "seed", "early_stop", *({at_stop, "censored"} & {*stops.columns})]
    own = average_within(stops.loc[stops["series"] == series, columns]).dropna(subset="early_stop")
    if own.empty:
        return None
    along = curve[curve["series"] == series].groupby("iteration")["value"].mean()
    height = own[at_stop].mean() if at_stop in own else np.interp(own["early_stop"].mean(), along.index, along)
    censored = "censored" in own and bool(own["censored"].any())
    return Stop(series, metric, tuple(own["early_stop"]), float(height), censored)
