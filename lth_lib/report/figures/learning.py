"""A metric while training, a curve for each series."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from lth_lib.report.figures.behind import note
from lth_lib.report.figures.head import head
from lth_lib.report.figures.placed import placed_axes
from lth_lib.report.figures.stopped import Stop, early_stops, numbers_of_stops
from lth_lib.report.figures.style import Look, looks, quantity, value_axis
from lth_lib.report.stats import Interval, Table, describe, interval


def band(curve: Table) -> tuple[np.ndarray, list[Interval]]:
    """Return each iteration of one series with the interval over its replicates, those without a value counted."""
    ordered = curve.sort_values("iteration", kind="stable")
    at, first = np.unique(ordered["iteration"].to_numpy(), return_index=True)
    parts = np.split(ordered["value"].to_numpy(dtype=float), first[1:])
    return at, [interval(part, drop_nan=True) for part in parts]


def limits(tables: Sequence[Table], after: float) -> tuple[float, float]:
    """Return the axis that shows all accuracy curves of some tables, from `after` iterations on.

    The first iterations climb from chance; an axis that showed them would flatten everything after.
    """
    shown = pd.concat([curve[curve["iteration"] >= after] for curve in tables], keys=range(len(tables)))
    means = shown.groupby([shown.index.get_level_values(0), "series", "iteration"])["value"].mean().dropna()
    return math.floor(float(means.min()) * 100) / 100, math.ceil(float(means.max()) * 100 + 0.2) / 100


def learning_curves(
    table: Table,
    metric: str,
    *,
    stops: Table | None = None,
    ax: Axes | None = None,
    ylim: tuple[float, float] | None = None,
    log: bool = False,
    title: str = "",
) -> Axes:
    """Draw `metric` of `stats.curves` against iterations, linear or `log`: means over replicates in 95 % t intervals.

    With `stops`, the tidy table of the same runs, a marker shows each series' mean early-stopping iteration, a bar
    across it the interval; its height is the mean of what each replicate reached at its own stop. Arrows point from
    the edge to what is `off_axis`.
    """
    ax = placed_axes() if ax is None else ax
    ax.set_xscale("log" if log else "linear")
    stopped = {stop.series: stop for stop in early_stops(stops, table, metric)}
    for name, look in looks(table["series"]).items():
        own = table[table["series"] == name]
        at, found = band(own)
        mean = _curve(ax, at, found, look, _name(own, name))
        if name in stopped:
            _mark(ax, stopped[name], look)
        _arrows(ax, off_axis(at, mean, None if ylim is None else ylim[0], log), look)
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    begin = table.loc[table["iteration"] > 0, "iteration"].min() if log else 0
    ax.set_xlim(float(begin), float(table["iteration"].max()))
    if ylim is not None:
        ax.set_ylim(*ylim)
    ax.set_xlabel("Training iteration")
    value_axis(ax, quantity(metric))
    said = "Mean and 95 % t interval over replicates" + ("; marker: early stop" if stops is not None else "")
    head(ax, title, said, *ax.get_legend_handles_labels())
    marked = numbers_of_stops([*stopped.values()], metric)
    note(ax, pd.concat([numbers_along(table, metric), marked], ignore_index=True))
    return ax


def numbers_along(curve: Table, metric: str) -> pd.DataFrame:
    """Return the numbers of curves at 0, at 1, 2 and 5 of each power of ten that was evaluated, and at the end."""
    shown, rows = quantity(metric), []
    for name in dict.fromkeys(curve["series"]):
        for at, value in zip(*band(curve[curve["series"] == name]), strict=True):
            if f"{at:.6g}".rstrip("0") in ("", "1", "2", "5") or at == curve["iteration"].max():
                rows.append((name, f"{at:,.0f}", describe(value, shown.unit)))
    return pd.DataFrame(rows, columns=["Series", "Iteration", shown.label])


def off_axis(at: np.ndarray, mean: np.ndarray, low: float | None, log: bool) -> list[tuple[str, float, float]]:
    """Return what axes leave out of a mean: iteration 0 of `log` ones, and the last value before it is above `low`.

    Each is a side, an iteration and a value.
    """
    out = [("left", 0.0, float(mean[0]))] if log and at[0] == 0 else []
    above = np.flatnonzero(mean >= (-np.inf if low is None else low))
    if len(above) and above[0] > 0:
        out.append(("below", float(at[above[0] - 1]), float(mean[above[0] - 1])))
    return out


def _arrows(ax: Axes, off: Sequence[tuple[str, float, float]], look: Look) -> None:
    """Draw an arrow at the edge towards each value that is off the axes."""
    style = {"arrowstyle": "->", "color": look.colour, "linewidth": 1.8, "shrinkA": 0, "shrinkB": 0}
    for side, at, value in off:
        left = side == "left"
        spot, frame = ((0, value), ax.get_yaxis_transform()) if left else ((at, 0), ax.get_xaxis_transform())
        away = (16, 0) if left else (0, 16)
        ax.annotate("", spot, away, xycoords=frame, textcoords="offset points", arrowprops=style, zorder=6)


def _name(curve: Table, name: str) -> str:
    """Return the series' name, with how many replicates diverged: from there on, the mean is over the others."""
    diverged = curve.loc[curve["value"].isna(), "seed"].nunique()
    return f"{name} ({diverged} diverged)" if diverged else name


def _curve(ax: Axes, at: np.ndarray, found: list[Interval], look: Look, name: str) -> np.ndarray:
    """Draw one mean in its interval, and return the mean."""
    mean, low, high = (np.array([getattr(value, end) for value in found]) for end in ("mean", "low", "high"))
    ax.fill_between(at, low, high, color=look.colour, alpha=0.2, linewidth=0, zorder=2)
    ax.plot(at, mean, color=look.colour, linestyle=look.line, zorder=3, label=name)
    return mean


def _mark(ax: Axes, stop: Stop, look: Look) -> None:
    """Mark a mean early stop at its height, with its interval along the axis of iterations."""
    ax.errorbar(
        stop.when.mean,
        stop.height,
        xerr=np.nan_to_num(stop.when.high - stop.when.mean),
        fmt=look.marker,
        color=look.colour,
        markersize=9,
        markeredgecolor="white",
        capsize=3,
        zorder=5,
    )
