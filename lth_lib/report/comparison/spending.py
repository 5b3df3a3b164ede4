"""What series take, as a table: to their best, to the dense accuracy, and in all."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import pandas as pd
from IPython.display import HTML, display

from lth_lib.report.comparison.methods import number
from lth_lib.report.page import percent
from lth_lib.report.sortable import Shown, sortable
from lth_lib.report.stats import ITERATIONS, PERCENT, Table, Unit, briefly, densities, interval


def spent(
    table: Table, names: Sequence[str], step: Callable[[float], float] | None = None, *, caption: str, begin: str = ""
) -> None:
    """Show what each of some series takes at each of its levels: to its best, to the dense accuracy, and in all.

    `step` returns the seconds that an iteration takes at a density, of all replicates together; without it no seconds
    are shown. The table begins with one density, or with all.
    """
    rows = [
        _spent(name, cell, step)
        for level in densities(table, names[0])
        for name in names
        if len(cell := table[(table["series"] == name) & (table["level"] == level)])
    ]
    shown = {"Weights left": begin}
    display(HTML(sortable(pd.DataFrame(rows), caption=caption, filters=["Weights left"], chosen=shown)))


def _spent(name: str, cell: Table, step: Callable[[float], float] | None) -> dict[str, Shown]:
    """Return the cells of one series at one level; an early stop that may be too early is said to be at least."""
    kept, reached = float(cell["density"].mean()), cell["iterations_to_dense"]
    stop, stopped = _interval(cell["early_stop"], ITERATIONS)
    never = f"{reached.notna().sum()} of {len(reached)} get there", math.nan
    return {
        "Series": name,
        "Weights left": (percent(kept), kept),
        "Accuracy (%)": _interval(cell["accuracy_at_end"].fillna(cell["accuracy_at_last"]), PERCENT),
        "Early stop": (f"at least {stop}" if cell["censored"].any() else stop, stopped),
        "To the dense accuracy": never if reached.isna().any() else _interval(reached, ITERATIONS),
        "Own iterations": number(cell["steps"].mean()),
        **({"Seconds": number(cell["steps"].mean() * step(kept))} if step else {}),
        "Training": number(cell["cost"].mean()),
        "Bytes": number(cell["bytes_best"].mean()),
    }


def _interval(found: pd.Series, unit: Unit) -> tuple[str, float]:
    """Return a mean with its interval, and the mean."""
    own = interval(found, drop_nan=True)
    return briefly(own, unit), own.mean
