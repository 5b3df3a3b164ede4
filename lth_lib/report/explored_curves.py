"""Learning curves to explore: every evaluation with its interval and replicates, iterations linear or logarithmic."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from lth_lib.report.explorer import drawn, labelled, number, wrapped
from lth_lib.report.figures.learning import band, numbers_along
from lth_lib.report.figures.style import looks, quantity
from lth_lib.report.stats import Table, describe
from lth_lib.spec import require

_ITERATION = {
    "label": "Training iteration",
    "unit": "",
    "said": "iteration {}",
    "words": ["iteration", "iterations"],
    "falling": False,
    "curve": True,
    "alike": False,
}
"""The axis of iterations: from the first up, with a line in its band."""


def model(curves: Mapping[str, Table], metric: str, *, name: str, sets: str, above: float | None) -> dict[str, Any]:
    """Return what `explorer.js` draws of `stats.curves` by name; `sets` says what the names are.

    `above`, in the metric's own scale, is where the vertical axis may begin instead; what is lower is off that axis,
    as iteration 0 is off a logarithmic one, and is drawn as an arrow.
    """
    require(bool(curves), "An explorer of learning curves needs at least one table of them; give {name: curves}.")
    look = looks(series for curve in curves.values() for series in curve["series"])
    zoom = None if above is None else number(above, quantity(metric).unit)
    return {
        "name": name,
        "axis": {**_ITERATION, "sets": sets},
        "metrics": [{**labelled(metric), "above": zoom}],
        "series": [drawn(one, own, False) for one, own in look.items()],
        "sets": [
            {"name": title, "points": {metric: _points(curve, metric, list(look))}} for title, curve in curves.items()
        ],
    }


def html(
    curves: Mapping[str, Table], metric: str, still: str, *, name: str, sets: str, above: float | None = None
) -> str:
    """Return the explorer as HTML: the picture `still` for paper and where no script runs, the model, and its table."""
    found = model(curves, metric, name=name, sets=sets, above=above)
    return wrapped(found, still, _behind(curves, metric, sets))


def _points(curve: Table, metric: str, series: list[str]) -> list[dict[str, Any]]:
    """Return the mean of each series at each iteration: its interval, its sentence and its replicates."""
    unit, found = quantity(metric).unit, []
    for k, name in enumerate(series):
        own = curve[curve["series"] == name]
        each = own.dropna(subset="value").groupby("iteration")["value"]
        for at, value in zip(*band(own), strict=True):
            if value.n:
                found.append(
                    {
                        "series": k,
                        "x": int(at),
                        "y": [number(end, unit) for end in (value.mean, value.low, value.high)],
                        "least": False,
                        "said": describe(value, unit),
                        "each": [unit.text(one) for one in each.get_group(at)],
                    }
                )
    return found


def _behind(curves: Mapping[str, Table], metric: str, sets: str) -> pd.DataFrame:
    """Return the numbers of all curves, whose names are a column called `sets`."""
    found = pd.concat([numbers_along(curve, metric).assign(**{sets: title}) for title, curve in curves.items()])
    return found[[sets, *(column for column in found.columns if column != sets)]]
