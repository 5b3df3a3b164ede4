"""How long something takes, against what it depends on."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from lth_lib.report.figures.behind import note
from lth_lib.report.figures.head import head
from lth_lib.report.figures.style import looks, new_axes
from lth_lib.report.stats import Table

NOTE = "Median of the turns; bar: shortest to longest"


def timings(
    table: Table,
    *,
    x: str,
    y: str,
    ticks: Sequence[float] = (),
    level: float | None = None,
    reverse: bool = False,
    ax: Axes | None = None,
) -> Axes:
    """Draw `median` in its range `low` to `high` against `at`, a line for each `series`; `x` and `y` label the axes.

    The horizontal axis is logarithmic, with `ticks`, and falls where `reverse`; a dotted line stands at `level`.
    """
    ax = new_axes() if ax is None else ax
    for name, look in looks(table["series"]).items():
        own = table[table["series"] == name].sort_values("at")
        around = [own["median"] - own["low"], own["high"] - own["median"]]
        line = ax.errorbar(own["at"], own["median"], yerr=around, label=name, color=look.colour, capsize=2.5)
        line[0].set(marker=look.marker, linestyle=look.line)
    if level is not None:
        ax.axhline(level, color="#555555", linestyle=":", linewidth=1.4, zorder=1)
    ax.set_xscale("log")
    ax.xaxis.set_major_locator(FixedLocator(list(ticks) or sorted(table["at"].unique())))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    if reverse:
        ax.invert_xaxis()
    ax.set_ylim(bottom=0)
    ax.set_xlabel(x)
    ax.set_ylabel(y)
    head(ax, "", NOTE, *ax.get_legend_handles_labels())
    told = [
        (row.series, f"{row.at:.3g}", f"{row.median:.3g} ({row.low:.3g} to {row.high:.3g})")
        for row in table.itertuples()
    ]
    note(ax, pd.DataFrame(told, columns=["Series", x.replace(", log scale", ""), y]))
    return ax
