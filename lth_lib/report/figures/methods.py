"""Methods beside one another: what they reach at one density, and against what they cost at all."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullFormatter

from lth_lib.report.figures.behind import note
from lth_lib.report.figures.density import NOTE
from lth_lib.report.figures.head import head
from lth_lib.report.figures.style import Look, looks, new_axes, quantity, value_axis
from lth_lib.report.stats import COSTS, PERCENT, Interval, Table, describe, front

WHEN = {
    "before": "before training",
    "during": "during training",
    "ticket": "after training, and back",
    "after": "after training, and on",
    "control": "control: drawn anew",
}
"""When weights went, in words, in the order of the legend."""

PRICES = {name: quantity(name) for name in COSTS}
"""What a pruned network costs, by column."""


ROOM = 0.02
"""So much accuracy is drawn below a front."""

ROW = 0.05
"""Of the height of a figure of fronts, a row for one name."""

LETTER = 0.01
"""Of its width, a letter: a name that would be too long ends at the axis's end."""


def _looks() -> dict[str, Look]:
    return looks(WHEN)


def ranked(rows: Table, *, ax: Axes | None = None, title: str = "") -> Axes:
    """Draw the accuracy of each of some rows of `stats.methods` with its interval, the most accurate on top."""
    ordered = rows.iloc[rows["accuracy"].map(lambda found: -found.mean).argsort(kind="stable")]
    ax = new_axes(7.6, 1.6 + 0.27 * len(rows)) if ax is None else ax
    look = _looks()
    for when, words in WHEN.items():
        own = [place for place, found in enumerate(ordered["when"]) if found == when]
        found = ordered["accuracy"].iloc[own]
        mean = [one.mean for one in found]
        error = [[one.mean - one.low for one in found], [one.high - one.mean for one in found]]
        style: dict[str, Any] = {"color": look[when].colour, "marker": look[when].marker, "linestyle": ""}
        if own:
            style |= {"markersize": 8, "markeredgecolor": "white"}
            ax.errorbar(mean, own, xerr=error, elinewidth=1.1, capsize=2.5, label=words, **style)
    ax.set_yticks(range(len(ordered)), [named(row) for _, row in ordered.iterrows()], fontsize=10)
    ax.set_ylim(len(ordered) - 0.4, -0.6)
    ax.xaxis.set_major_formatter(lambda value, _: f"{value * 100:g}")
    ax.set_xlabel(quantity("accuracy_at_end").axis)
    head(ax, title, NOTE, *ax.get_legend_handles_labels(), columns=2)  # long names leave narrow axes
    note(ax, _numbers(ordered))
    return ax


def fronts(rows: Table, cost: str, *, ax: Axes | None = None, title: str = "") -> Axes:
    """Draw accuracy against what it costs, and name the methods that none at most as dear exceeds (Pareto).

    The axis begins a little below that front; a note says how many methods lie lower.
    """
    ax = new_axes(7.6, 5.6) if ax is None else ax
    look = _looks()
    best = rows.loc[front(rows, cost)]
    ax.step(best[cost], _means(best), where="post", color="#999999", linewidth=1.2, zorder=1)
    for when, words in WHEN.items():
        own = rows[rows["when"] == when].dropna(subset=[cost])
        if len(own):
            style: dict[str, Any] = {"color": look[when].colour, "marker": look[when].marker, "linestyle": ""}
            ax.plot(own[cost], _means(own), markersize=8, markeredgecolor="white", label=words, zorder=3, **style)
    _cost_axis(ax, cost)
    value_axis(ax, quantity("accuracy_at_end"))
    floor, top = _means(best).min() - ROOM, _means(best).max() + ROOM / 4
    ax.set_ylim(floor, floor + (top - floor) / (1 - ROW * len(best)))
    ax.set_yticks([tick for tick in ax.get_yticks() if floor <= tick <= 1])
    ax.spines["left"].set_bounds(floor, min(1.0, ax.get_ylim()[1]))  # above it are names, and no accuracy
    _name(ax, best, cost)
    lower = int((_means(rows.dropna(subset=[cost])) < floor).sum())
    head(ax, title, f"Means; the line is the front; {lower} lie below the axis", *ax.get_legend_handles_labels())
    unit, priced = PRICES[cost].unit, rows.dropna(subset=[cost]).sort_values(cost, kind="stable")
    note(ax, _numbers(priced).assign(**{"It costs": [f"{unit.text(one)} {unit.name}" for one in priced[cost]]}))
    return ax


def _cost_axis(ax: Axes, cost: str) -> None:
    """Label a logarithmic axis in whole numbers: an exponent would be too small to read on a phone."""
    ax.set_xscale("log")
    low, high = ax.get_xlim()
    ax.xaxis.set_major_locator(LogLocator(subs=(1, 3) if high < 100 * low else (1,)))
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.set_xlabel(f"{PRICES[cost].axis[:-1]}, log scale)")


def _name(ax: Axes, best: Table, cost: str) -> None:
    """Name what is on a front above it, each in a row of its own with a line down, the cheapest on top.

    So no line crosses a name that has room to the right of its line; one that has not ends where the axis does.
    """
    low, high = ax.get_ylim()
    for place, (_, row) in enumerate(best.iterrows()):
        height = high - ROW * (place + 0.5) * (high - low)
        along, _ = ax.transAxes.inverted().transform(ax.transData.transform((row[cost], height)))
        told = f"{named(row)}, {row['density'] * 100:.3g} %"
        x, side = (ax.get_xlim()[1], "right") if along + LETTER * len(told) > 1 else (row[cost], "left")
        ax.plot([row[cost]] * 2, [row["accuracy"].mean, height], color="#999999", linewidth=0.8, zorder=1)
        back = {"facecolor": "white", "edgecolor": "none", "pad": 0.8}
        at = (row[cost], height)
        ax.annotate(told, at, xytext=(x, height), textcoords="data", ha=side, va="center", fontsize=9.5, bbox=back)


def _numbers(rows: Table) -> pd.DataFrame:
    """Return rows of `stats.methods` in words."""
    told = [
        (named(row), WHEN[row["when"]], f"{row['density'] * 100:.3g} %", _told(row["accuracy"]))
        for _, row in rows.iterrows()
    ]
    return pd.DataFrame(told, columns=["Method", "Weights go", "Weights left", quantity("accuracy_at_end").label])


def named(row: pd.Series) -> str:
    """Return what a row of `stats.methods` is called, with what goes where that is not single weights."""
    if str(row["granularity"]).startswith("Unit"):
        return f"units: {row['series']}"
    return str(row["series"])


def alt_ranked(rows: Table) -> str:
    """Return what `ranked` draws in words: how many there are, the first three and the last."""
    ordered = rows.iloc[rows["accuracy"].map(lambda found: -found.mean).argsort(kind="stable")]
    told = [f"{named(row)} {_told(row['accuracy'])}" for _, row in ordered.iterrows()]
    return f"{len(told)} methods by test accuracy. Highest: {'; '.join(told[:3])}. Lowest: {told[-1]}."


def alt_fronts(rows: Table, cost: str) -> str:
    """Return what `fronts` draws in words: the methods on the front, the cheapest first."""
    told = [
        f"{named(row)} with {row['density'] * 100:.3g} % of the weights, {PRICES[cost].unit.text(row[cost])}: "
        f"{PERCENT.text(row['accuracy'].mean)} %"
        for _, row in rows.loc[front(rows, cost)].iterrows()
    ]
    label = PRICES[cost].label
    return f"Test accuracy against {label[:1].lower()}{label[1:]}. On the front: {'; '.join(told)}."


def _means(rows: Table) -> pd.Series:
    return rows["accuracy"].map(lambda found: found.mean)


def _told(found: Interval) -> str:
    return describe(found, PERCENT)
