"""Several differences beside one another, each with its interval."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from lth_lib.report.figures.behind import note
from lth_lib.report.figures.density import NOTE
from lth_lib.report.figures.head import head
from lth_lib.report.figures.style import INK, Quantity, looks, new_axes
from lth_lib.report.stats import POINTS, Interval, describe
from lth_lib.spec import require

Found = Mapping[str, Mapping[str, Interval]]
"""Of each kind of difference, by its name, one for each row."""

_BAND = 0.56  # of a row's height: kinds stand apart within it, and rows further


def differences(
    found: Found,
    label: str,
    *,
    ax: Axes | None = None,
    title: str = "",
    within: tuple[float, float] | None = None,
) -> Axes:
    """Draw differences in points, a line for each row, in it a marker with its interval for each kind, and where 0 is.

    All that is drawn lies `within` two values, if they are given: figures of one slider then have the same axis.
    """
    rows = list(dict.fromkeys(name for kind in found.values() for name in kind))
    require(bool(rows), "There are no differences to draw; give {kind: {row: interval}}.")
    ax = new_axes(7.6, 1.8 + 0.6 * len(rows)) if ax is None else ax
    ax.axvline(0, color=INK, linewidth=1, zorder=1)
    for place, (kind, look) in enumerate(looks(found).items()):
        own, mean = found[kind].values(), [one.mean for one in found[kind].values()]
        shift = _BAND * (place / (len(found) - 1) - 0.5) if len(found) > 1 else 0
        at = [rows.index(name) + shift for name in found[kind]]
        error = [[one.mean - one.low for one in own], [one.high - one.mean for one in own]]
        drawn: dict[str, Any] = {"color": look.colour, "marker": look.marker, "linestyle": ""}
        ax.errorbar(mean, at, xerr=error, elinewidth=1.1, capsize=2.5, markeredgecolor="white", label=kind, **drawn)
    ax.set_yticks(range(len(rows)), rows)
    ax.set_ylim(len(rows) - 0.45, -0.55)
    ax.xaxis.set_major_formatter(lambda value, _: f"{value * POINTS.scale:+.3g}" if abs(value) > 1e-9 else "0")
    ax.set_xlabel(Quantity(label, POINTS).axis)
    if within is not None:
        ax.set_xlim(*within)
    head(ax, title, NOTE, *ax.get_legend_handles_labels())
    told = [(name, kind, describe(own[name], POINTS)) for name in rows for kind, own in found.items() if name in own]
    note(ax, pd.DataFrame(told, columns=["Row", "Kind", label]))
    return ax


def reach(*every: Found) -> tuple[float, float]:
    """Return two values between which all intervals of some figures lie, 0 too, with a little room."""
    ends = [end for found in every for kind in found.values() for one in kind.values() for end in (one.low, one.high)]
    low, high = min(0.0, *ends), max(0.0, *ends)
    return low - 0.04 * (high - low), high + 0.04 * (high - low)


def alt_differences(found: Found, label: str) -> str:
    """Return what `differences` draws in words, row by row."""
    rows = list(dict.fromkeys(name for kind in found.values() for name in kind))
    told = [
        f"{name}: " + ", ".join(f"{kind} {describe(own[name], POINTS)}" for kind, own in found.items() if name in own)
        for name in rows
    ]
    return f"{label}, with intervals. {'; '.join(told)}."
