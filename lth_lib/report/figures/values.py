"""Which initial values survive pruning."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from lth_lib.report.figures.behind import note
from lth_lib.report.figures.density import NOTE
from lth_lib.report.figures.head import head
from lth_lib.report.figures.placed import placed_axes
from lth_lib.report.figures.style import looks
from lth_lib.report.stats import PERCENT, Table, describe, interval


def survival(table: Table, *, ax: Axes | None = None, title: str = "") -> Axes:
    """Draw the share of weights kept against their initial value, from `stats.survival`, a line for each layer."""
    ax = placed_axes() if ax is None else ax
    told: list[tuple[str, str, str]] = []
    for name, look in looks(table["layer"]).items():
        own = table[table["layer"] == name].groupby("value", sort=True)["kept"]
        found = {value: interval(shares, drop_nan=True) for value, shares in own}
        at = list(found)
        told += [(name, f"{value:.3g}", describe(one, PERCENT)) for value, one in found.items() if one.n]
        low, high = ([getattr(one, end) for one in found.values()] for end in ("low", "high"))
        ax.fill_between(at, low, high, color=look.colour, alpha=0.2, linewidth=0, zorder=2)
        mean = [one.mean for one in found.values()]
        ax.plot(
            at, mean, color=look.colour, linestyle=look.line, marker=look.marker, markersize=4, zorder=3, label=name
        )
    ax.yaxis.set_major_formatter(lambda value, _: f"{value * 100:g}")
    ax.set_ylim(0, 1)
    ax.set_xlabel("Initial value (standard deviations of the layer's initialisation)")
    ax.set_ylabel("Weights kept (%)")
    head(ax, title, NOTE, *ax.get_legend_handles_labels())
    note(ax, pd.DataFrame(told, columns=["Layer", "Initial value (standard deviations)", "Weights kept"]))
    return ax
