"""Where the weights that are left lie: the layers' densities, method by method."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from lth_lib.report.figures.behind import note
from lth_lib.report.figures.density import NOTE, density_axis
from lth_lib.report.figures.head import head
from lth_lib.report.figures.style import INK, looks, new_axes
from lth_lib.report.stats import PERCENT, Interval, Table, describe, interval
from lth_lib.spec import require

NETWORK = "the network"
APART = 0.22
"""So far stand the layers of a row from each other, of the height of a row."""


def by_layer(table: Table, *, least: float | None = None, ax: Axes | None = None, title: str = "") -> Axes:
    """Draw how dense each layer is, a line for each series of `stats.layers_of` at one level, and the network.

    Figures of one slider have one axis, down to `least`.
    """
    names, found = list(dict.fromkeys(table["series"])), shares(table)
    ax = new_axes(7.6, 1.9 + 0.42 * len(names)) if ax is None else ax
    ax.axvline(float(table["density"].median()), color=INK, linewidth=1, linestyle=(0, (4, 3)), zorder=1, label=NETWORK)
    every = looks(table["layer"])
    for place, (layer, look) in enumerate(every.items()):
        own = [found[name, layer] for name in names]
        mean = [one.mean for one in own]
        error = [[one.mean - max(one.low, 1e-6) for one in own], [one.high - one.mean for one in own]]
        # Layers that are equally dense stand below each other, and none hides another.
        at = [row + APART * (place - (len(every) - 1) / 2) for row in range(len(names))]
        drawn: dict[str, Any] = {"color": look.colour, "marker": look.marker, "linestyle": "", "markersize": 8}
        ax.errorbar(mean, at, xerr=error, capsize=2.5, markeredgecolor="white", label=layer, **drawn)
    ax.set_yticks(range(len(names)), names)
    ax.set_ylim(len(names) - 0.5, -0.5)
    density_axis(ax, float(table["layer_density"].min()) if least is None else least)
    ax.set_xlabel("Weights remaining in the layer (%, log scale)")
    head(ax, title, NOTE, *ax.get_legend_handles_labels())
    told = [(*key, describe(one, PERCENT)) for key, one in found.items()]
    note(ax, pd.DataFrame(told, columns=["Series", "Layer", "Weights remaining"]))
    return ax


def shares(table: Table) -> dict[tuple[str, str], Interval]:
    """Return each layer's density, by series and layer, at the one level of a table of `stats.layers_of`."""
    require(table["level"].nunique() == 1, f"A figure of layers shows one level; these are {set(table['level'])}.")
    cells = table.groupby(["series", "layer"], sort=False)["layer_density"]
    return {key: interval(own.to_numpy()) for key, own in cells}


def alt_by_layer(table: Table) -> str:
    """Return what `by_layer` draws in words, series by series."""
    found, layers = shares(table), list(dict.fromkeys(table["layer"]))
    told = [
        f"{name}: " + ", ".join(f"{layer} {found[name, layer].mean * PERCENT.scale:.3g} %" for layer in layers)
        for name in dict.fromkeys(table["series"])
    ]
    whole = f"{table['density'].median() * PERCENT.scale:.3g} %"
    return f"Weights remaining in each layer, where the network keeps {whole}. {'; '.join(told)}."
