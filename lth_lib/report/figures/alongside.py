"""The same methods on two data sets: what each gains over the dense network there, across and up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import FixedLocator, NullLocator

from lth_lib.report.figures.behind import note
from lth_lib.report.figures.density import NOTE
from lth_lib.report.figures.head import head
from lth_lib.report.figures.methods import WHEN, named
from lth_lib.report.figures.style import looks, new_axes
from lth_lib.report.stats import POINTS, Interval, Table, describe

TICKS = (-0.8, -0.4, -0.2, -0.1, -0.05, -0.02, -0.01, -0.005, 0, 0.005)
"""Where axes are labelled: within a point in equal steps, below it by factors."""

FEW = (-0.4, -0.1, -0.01, -0.005, 0, 0.005)
"""Where they are on a sheet that has no room for more, such as a phone's."""

ROOMY = 6
"""Inches of a sheet that has room for all."""

MOST = 4
"""So many methods are named: those that move most in the order."""

CLOSE = 0.01
"""Axes are linear within a point of the dense network, and logarithmic beyond."""

LIMITS = (-0.95, 0.005)


def alongside(here: Table, there: Table, *, sets: tuple[str, str], ax: Axes | None = None, title: str = "") -> Axes:
    """Draw what methods gain over the dense network on two data sets, across and up; what is equal lies on the line.

    Both are rows of `stats.on_both` with an interval `gain`.
    """
    ax = new_axes(7.6, 6.6) if ax is None else ax
    look = looks(WHEN)
    ax.plot(LIMITS, LIMITS, color="#999999", linewidth=1, zorder=1)
    for when, words in WHEN.items():
        across, up = (_ends(rows.loc[here["when"] == when, "gain"]) for rows in (here, there))
        style: dict[str, Any] = {"color": look[when].colour, "marker": look[when].marker, "linestyle": ""}
        style |= {"markersize": 7, "markeredgecolor": "white", "elinewidth": 0.8, "zorder": 3}
        if across[0]:
            ax.errorbar(across[0], up[0], xerr=across[1:], yerr=up[1:], label=words, **style)
    _name(ax, here, there)
    ax.set_xscale("symlog", linthresh=CLOSE, linscale=2)
    ax.set_yscale("symlog", linthresh=CLOSE, linscale=2)
    ax.set(xlim=LIMITS, ylim=LIMITS)
    for axis, name in zip((ax.xaxis, ax.yaxis), sets, strict=True):
        _labelled(axis, name)
    head(ax, title, f"{NOTE}; the line: equal on both", *ax.get_legend_handles_labels(), columns=2)
    gains = {f"On {name}": rows["gain"].map(_told) for name, rows in zip(sets, (here, there), strict=True)}
    note(ax, pd.DataFrame({"Method": [named(row) for _, row in here.iterrows()], **gains}))
    return ax


def _told(found: Interval) -> str:
    return describe(found, POINTS)


def _name(ax: Axes, here: Table, there: Table) -> None:
    """Name the methods that move most, below the line, where few others are, the highest on top."""
    up = there.loc[moved(here, there), "gain"].map(lambda found: found.mean).sort_values()
    for place, (at, height) in enumerate(up.items()):
        ax.annotate(
            named(here.loc[at]),
            (here.loc[at, "gain"].mean, height),
            xytext=(0.98, 0.05 + 0.055 * place),
            textcoords="axes fraction",
            ha="right",
            fontsize=10,
            arrowprops={"arrowstyle": "-", "color": "#777777", "linewidth": 0.8, "shrinkB": 4},
        )


class _Marked(FixedLocator):
    """Ticks of a page, or the few of a narrow sheet: the same axes are drawn on both."""

    def __call__(self) -> Sequence[float]:
        """Return where ticks are on the sheet as it is now."""
        assert isinstance(self.axis, Axis), "it is an axis that asks"
        figure = self.axis.get_figure(root=True)
        assert figure is not None, "axes are always drawn in a figure"
        return TICKS if figure.get_size_inches()[0] > ROOMY else FEW


def _labelled(axis: Axis, name: str) -> None:
    """Label an axis in points."""
    axis.set_major_locator(_Marked(TICKS))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(lambda value, _: f"{value * POINTS.scale:+g}" if value else "0")
    axis.set_label_text(f"On {name}: accuracy minus dense ({POINTS.name})")


def moved(here: Table, there: Table, most: int = MOST) -> list[int]:
    """Return which methods move most in the order from one data set to the other, by their index."""
    places = [rows["gain"].map(lambda found: -found.mean).rank() for rows in (here, there)]
    order = (places[0] - places[1]).abs().sort_values(ascending=False, kind="stable")
    return [int(at) for at in order.index[:most]]


def _ends(found: pd.Series) -> tuple[list[float], list[float], list[float]]:
    """Return the means of intervals, and how far below and above them these reach."""
    every = list(found)
    below, above = [one.mean - one.low for one in every], [one.high - one.mean for one in every]
    return [one.mean for one in every], below, above


def alt_alongside(here: Table, there: Table, sets: tuple[str, str]) -> str:
    """Return what `alongside` draws in words: how many there are, and those that move most in the order."""
    told = [
        f"{named(here.loc[at])}, on {sets[0]} {describe(here.loc[at, 'gain'], POINTS)}, "
        f"on {sets[1]} {describe(there.loc[at, 'gain'], POINTS)}"
        for at in moved(here, there)
    ]
    return f"{len(here)} methods: accuracy minus that of the dense network. Most moved in the order: {'; '.join(told)}."
