"""Methods by what they reach on two data sets."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from lth_lib.report.figures.methods import WHEN, named
from lth_lib.report.figures.style import head, looks, new_axes
from lth_lib.report.stats import PERCENT, Interval, Table, describe

_ROOM = 0.06  # of the axes, around what is drawn


def alongside(both: Table, *, lowest: float = math.inf, ax: Axes | None = None, title: str = "") -> Axes:
    """Draw the accuracy of each method of `stats.alongside` on one data set against that on the other, with intervals.

    Those that no other exceeds on both are named. Methods that are more than `lowest` below the best on either are left
    out; a note says how many.
    """
    ax = new_axes(7.6, 6.2) if ax is None else ax
    x, y = means(both)
    near = (x >= x.max() - lowest) & (y >= y.max() - lowest)
    look = looks(WHEN)
    for when, words in WHEN.items():
        own = both[near & (both["when"] == when)]
        if len(own):
            style: dict[str, Any] = {"color": look[when].colour, "marker": look[when].marker, "linestyle": ""}
            style |= {"markersize": 8, "markeredgecolor": "white", "elinewidth": 0.8, "label": words}
            across, up = _reach(own["accuracy_first"]), _reach(own["accuracy_other"])
            ax.errorbar(x[own.index], y[own.index], xerr=across, yerr=up, **style)
    for at in unexceeded(both):
        name = named(both.loc[at])
        ax.annotate(name, (x[at], y[at]), xytext=(-5, 5), textcoords="offset points", ha="right", fontsize=9)
    for axis, side in ((ax.xaxis, "first"), (ax.yaxis, "other")):
        axis.set_major_formatter(lambda value, _: f"{value * 100:g}")
        axis.set_label_text(f"Test accuracy on {both[f'data_{side}'].iloc[0]} (%)")
    ax.margins(_ROOM)
    note = f"Means and 95 % intervals; {int((~near).sum())} of {len(both)} lie below the axes"
    head(ax, title, note, *ax.get_legend_handles_labels())
    return ax


def unexceeded(both: Table) -> list[int]:
    """Return the methods that no other exceeds on both data sets, by the means."""
    x, y = means(both)
    return [int(at) for at in both.index if not ((x > x[at]) & (y > y[at])).any()]


def alt_alongside(both: Table) -> str:
    """Return what `alongside` draws in words: those that no other exceeds on both."""
    told = [
        f"{named(both.loc[at])} {_told(both.loc[at, 'accuracy_first'])} and {_told(both.loc[at, 'accuracy_other'])}"
        for at in unexceeded(both)
    ]
    first, other = (both[f"data_{side}"].iloc[0] for side in ("first", "other"))
    return (
        f"{len(both)} methods by test accuracy on {first} and on {other}. Exceeded by none on both: {'; '.join(told)}."
    )


def means(both: Table) -> tuple[pd.Series, pd.Series]:
    """Return the mean accuracies on the first and on the other data set."""
    x, y = (both[f"accuracy_{side}"].map(lambda found: found.mean) for side in ("first", "other"))
    return x, y


def _reach(found: pd.Series) -> list[list[float]]:
    return [[one.mean - one.low for one in found], [one.high - one.mean for one in found]]


def _told(found: Interval) -> str:
    return describe(found, PERCENT)
