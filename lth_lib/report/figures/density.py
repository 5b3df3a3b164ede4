"""A quantity against how many weights are left."""

from __future__ import annotations

import textwrap
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.path import Path
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, NullLocator

from lth_lib.report.figures.behind import note
from lth_lib.report.figures.head import head
from lth_lib.report.figures.means import means, numbers_of
from lth_lib.report.figures.style import Look, looks, new_axes, quantity, value_axis
from lth_lib.report.stats import PERCENT, Interval, Table, describe, interval

TICKS = (1.0, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001)
DODGE = 0.012  # of a factor e: bars of several series at one density stand beside each other, not on top

ARROW = Path([(0, 0), (0, 1), (-0.25, 0.65), (0, 1), (0.25, 0.65), (0, 1), (0, 0)])
"""An upward arrow whose foot is where the marker stands: at least so much."""

NOTE = "Mean and 95 % t interval over replicates"


def by_density(
    table: Table, y: str, *, ax: Axes | None = None, dense: str = "dense", title: str = "", log: bool = False
) -> Axes:
    """Draw the mean of `y` and its 95 % t interval over replicates against measured density, a line for each series.

    The series named `dense` is drawn as a horizontal band. A mean of early stops some of which are
    censored carries an arrow; where replicates have no value, the point says how many have one, and where none has
    one, the figure says why. With `log` the vertical axis is logarithmic too, for what grows tenfold.
    """
    ax = new_axes() if ax is None else ax
    found = means(table, y)
    look = looks(found["series"])
    others = [name for name in look if name != dense]
    if dense in look:
        _band(ax, found[found["series"] == dense]["interval"].iloc[0], look[dense])
    for place, name in enumerate(others):
        rows = found[found["series"] == name].sort_values("density", ascending=False)
        shift = np.exp(-DODGE * 2 * (place - (len(others) - 1) / 2))
        _line(ax, rows.assign(x=rows["density"] * shift), look[name], name, place + 1)
    if not found["drawn"].all():
        ax.margins(y=0.16)  # room at the top for counts without a mean
    if not found["drawn"].any():
        _why_empty(ax, table)
    density_axis(ax, float(found["density"].min()))
    if log:
        ax.set_yscale("log")
        ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        ax.yaxis.set_minor_locator(NullLocator())
    value_axis(ax, quantity(y))
    if log:
        ax.set_ylabel(f"{ax.get_ylabel().removesuffix(')')}, log scale)")
    handles, labels = _legend(ax, look.get(dense), bool(found["censored"].any()))
    head(ax, title, NOTE, handles, [*map(_band_name, found[found["series"] == dense].itertuples()), *labels])
    note(ax, numbers_of(table, [y]))
    return ax


def _band(ax: Axes, value: Interval, look: Look) -> None:
    """Draw one interval across the whole width."""
    ax.axhspan(value.low, value.high, color=look.colour, alpha=0.18, linewidth=0, zorder=1)
    ax.axhline(value.mean, color=look.colour, linewidth=1.6, linestyle=look.line, zorder=2)


def _band_name(row: Any) -> str:
    """Return the label of a band, with how many replicates have a value unless all do."""
    return f"{row.series} (100 %)" + (f", {row.known}/{row.replicates}" if row.known < row.replicates else "")


def _line(ax: Axes, rows: pd.DataFrame, look: Look, name: str, line: int = 1) -> None:
    """Draw one series: its means joined, a bar from low to high at each, arrows and counts where they are due."""
    drawn = rows[rows["drawn"]]
    mean, low, high = (np.array([getattr(i, end) for i in drawn["interval"]]) for end in ("mean", "low", "high"))
    below, above = np.nan_to_num(mean - low), np.nan_to_num(high - mean)
    ax.errorbar(
        drawn["x"],
        mean,
        yerr=[below, above],
        linestyle=look.line,
        elinewidth=1.1,
        capsize=2.5,
        zorder=3,
        label=name,
        color=look.colour,
        marker=look.marker,
        markeredgecolor="white",
        markeredgewidth=0.7,
    )
    late = drawn["censored"].to_numpy(dtype=bool)
    ax.scatter(drawn["x"][late], high[late], marker=ARROW, s=200, linewidths=1.4, color=look.colour, zorder=4)
    for row in rows[rows["known"] < rows["replicates"]].itertuples():
        _count(ax, row, look, line)


def _count(ax: Axes, row: Any, look: Look, line: int) -> None:
    """Write how many replicates have a value: above the bar that stands on them, or at the top if none does."""
    end = row.interval.high if row.interval.n > 1 else row.interval.mean
    place, across = ((row.x, end), "data") if row.drawn else ((row.x, 1.0), ax.get_xaxis_transform())
    ax.annotate(
        f"{row.known}/{row.replicates}",
        place,
        xycoords=across,
        xytext=(0, 5 if row.drawn else -12 * line),
        textcoords="offset points",
        color=look.colour,
        fontsize=10,
        ha="center",
        va="bottom",
    )


def _why_empty(ax: Axes, table: Table) -> None:
    """Write on empty axes why nothing is drawn there: what the table says of most of its rows."""
    said = [reason for reason in table.get("reason", []) if reason]
    if said:
        most = textwrap.fill(max(said, key=said.count), 60)
        ax.text(0.5, 0.45, most, transform=ax.transAxes, ha="center", va="center", fontsize=11)


def density_axis(ax: Axes, smallest: float) -> None:
    """Make the horizontal axis logarithmic, from 100 % down, with ticks in percent."""
    ax.set_xscale("log")
    ax.xaxis.set_major_locator(FixedLocator([t for t in TICKS if t >= smallest * 0.8]))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value * 100:g}"))
    ax.set_xlim(1.08, smallest / 1.28)
    ax.set_xlabel("Weights remaining (%, log scale)")


def _legend(ax: Axes, dense: Look | None, censored: bool) -> tuple[list[Any], list[str]]:
    """Return handles and labels: the band, if there is one, then the series, then what an arrow means."""
    found, labels = ax.get_legend_handles_labels()
    handles: list[Any] = list(found)
    if dense:
        line = Line2D([], [], color=dense.colour, linestyle=dense.line, linewidth=1.6)
        handles.insert(0, (Patch(facecolor=dense.colour, alpha=0.18), line))
    if censored:
        handles.append(Line2D([], [], color="#555555", marker=ARROW, markersize=14, markeredgewidth=1.4, linestyle=""))
        labels.append("at least (censored)")
    return handles, labels


def layer_density(table: Table, *, ax: Axes | None = None, title: str = "") -> Axes:
    """Draw how much of each layer is left against how much of the network is, from `stats.layers`."""
    ax = new_axes() if ax is None else ax
    look = looks(table["layer"])
    for place, name in enumerate(look):
        own = table[table["layer"] == name].rename(columns={"layer": "series"})
        rows = [(c["density"].mean(), interval(c["layer_density"])) for _, c in own.groupby("level")]
        frame = pd.DataFrame(rows, columns=["x", "interval"]).sort_values("x", ascending=False)
        _line(ax, frame.assign(drawn=True, censored=False, known=1, replicates=1), look[name], name)
        # Layers that lose the same share lie on one line: the ones below stay visible, since they are wider.
        ax.containers[-1][0].set_linewidth(1.8 + 2.2 * (len(look) - 1 - place))
    density_axis(ax, float(table["density"].min()))
    ax.set_yscale("log")
    ax.yaxis.set_major_locator(FixedLocator([t for t in TICKS if t >= table["layer_density"].min() * 0.8]))
    ax.yaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value * 100:g}"))
    ax.set_ylabel("Weights remaining in the layer (%, log scale)")
    head(ax, title, NOTE, *ax.get_legend_handles_labels())
    note(ax, _layers(table))
    return ax


def _layers(table: Table) -> pd.DataFrame:
    """Return what is drawn of layers as a table, a row for each layer and level."""
    cells = table.groupby(["layer", "level"], sort=False)
    rows = [
        (layer, PERCENT.text(c["density"].mean()), describe(interval(c["layer_density"]), PERCENT))
        for (layer, _), c in cells
    ]
    return pd.DataFrame(rows, columns=["Layer", "Weights of the network (%)", "Weights of the layer"])
