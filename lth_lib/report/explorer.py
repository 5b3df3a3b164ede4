"""A figure that answers: the same means as on paper, with values, replicates and a table behind every point."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from lth_lib.report.figures.means import means, numbers_of, said
from lth_lib.report.figures.style import Look, looks, palette, quantity
from lth_lib.report.pictures import folded, wide
from lth_lib.report.stats import PERCENT, Table, Unit, average_within
from lth_lib.spec import require

_DASHES = {"-": "", "--": "7 4", "-.": "8 3 2 3"}
NETWORK: Mapping[str, Any] = {
    "label": "Weights remaining",
    "unit": "%",
    "said": "{} % of the weights",
    "words": ["density", "densities"],
    "falling": True,
    "curve": False,
    "alike": False,
}
"""The axis of densities: from all weights down, with a mark at each."""

LAYER: Mapping[str, Any] = {
    **NETWORK,
    "label": "Weights of the layer remaining",
    "said": "{} % of the layer's weights",
    "alike": True,
}
"""The axis of what is left of one layer; all tables stand on the same vertical axis."""


@dataclass(frozen=True)
class Offer:
    """Many series, of which few are shown at a time: what each belongs to, and which of them a reader begins with."""

    groups: Mapping[str, str]
    begin: Sequence[str]


def model(
    tables: Mapping[str, Table],
    metrics: Sequence[str],
    *,
    name: str,
    dense: str = "dense",
    sets: str = "Data",
    offer: Offer | None = None,
    across: Mapping[str, Any] = NETWORK,
) -> dict[str, Any]:
    """Return what `render({model, el})` of `explorer.js` draws: tables by name, columns against density.

    `sets` says what the names are; on `offer` are series that a reader adds and takes away; `across` is the horizontal
    axis. All numbers and sentences are made here, so that the picture on paper, the table and the explorer say the
    same.
    """
    require(
        bool(tables) and bool(metrics), "An explorer needs a table and a column to draw; give at least one of each."
    )
    names = list(dict.fromkeys(series for table in tables.values() for series in table["series"]))
    look = looks(names if offer is None else {dense} & {*names})
    return {
        "name": name,
        "axis": {**across, "sets": sets},
        "metrics": [labelled(one) for one in metrics],
        "series": [drawn(one, look[one], one == dense) if one in look else _offered(one, offer) for one in names],
        "looks": [] if offer is None else [_worn(look) for look in palette(dense)],
        "sets": [
            {"name": title, "points": {metric: _points(table, metric, names) for metric in metrics}}
            for title, table in tables.items()
        ],
    }


def html(
    tables: Mapping[str, Table],
    metrics: Sequence[str],
    still: str,
    *,
    name: str,
    dense: str = "dense",
    sets: str = "Data",
    offer: Offer | None = None,
    across: Mapping[str, Any] = NETWORK,
) -> str:
    """Return the explorer as HTML: the picture `still` for paper and where no script runs, the model, and its table.

    The table has the series that a reader begins with.
    """
    begun = {title: table if offer is None else begins(table, offer, dense) for title, table in tables.items()}
    found = model(tables, metrics, name=name, dense=dense, sets=sets, offer=offer, across=across)
    return wrapped(found, still, _behind(begun, metrics, sets))


def begins(table: Table, offer: Offer, dense: str = "dense") -> Table:
    """Return the rows of the series that a reader begins with."""
    return table[table["series"].isin([dense, *offer.begin])]


def wrapped(model: Mapping[str, Any], still: str, behind: pd.DataFrame) -> str:
    """Return a model as HTML, with its picture for paper and the table behind it."""
    text = json.dumps(model, ensure_ascii=False, separators=(",", ":"))
    safe = text.replace("<", "\\u003c")  # no text of a model may end the script that holds it
    picture = wide(still, model["name"])
    return (
        f'<div class="lth-explorer"><div class="lth-still">{picture}</div><div class="lth-live"></div>'
        f'<script type="application/json">{safe}</script>{folded(behind, model["name"])}</div>'
    )


def labelled(name: str) -> dict[str, Any]:
    """Return how a column is labelled, and whether it may grow tenfold."""
    shown = quantity(name)
    return {"key": name, "label": shown.label, "unit": shown.unit.name, "log": shown.unit.scale == 1}


def drawn(name: str, look: Look, flat: bool) -> dict[str, Any]:
    """Return how a series is drawn; a `flat` one is a band across all densities."""
    return {"name": name, **_worn(look), "flat": flat}


def _worn(look: Look) -> dict[str, str]:
    """Return a look as the page draws it."""
    line = look.line
    dash = _DASHES[line] if isinstance(line, str) else " ".join(f"{2 * length:g}" for length in line[1])
    return {"colour": look.colour, "dash": dash, "marker": look.marker}


def _offered(name: str, offer: Offer | None) -> dict[str, Any]:
    """Return a series that a reader may add or take away: it has a look while it is shown."""
    assert offer is not None, "without an offer each series has its look"
    return {"name": name, "group": offer.groups[name], "begun": name in offer.begin, "flat": False}


def _points(table: Table, metric: str, series: Sequence[str]) -> list[dict[str, Any]]:
    """Return each mean that is drawn: where it stands, its interval, its sentence and its replicates."""
    unit = quantity(metric).unit
    found = means(table, metric)
    cells = average_within(table).groupby(["series", "level"])[metric]
    ordered = found[found["drawn"]].sort_values("density", ascending=False, kind="stable")
    return [
        {
            "series": series.index(row.series),
            "x": number(row.density, PERCENT),
            "y": [number(end, unit) for end in (row.interval.mean, row.interval.low, row.interval.high)],
            "least": bool(row.censored),
            "said": said(row.interval, row.censored, unit),
            "each": [unit.text(one) for one in cells.get_group((row.series, row.level)).dropna()],
        }
        for row in ordered.itertuples()
    ]


def number(value: float, unit: Unit) -> float | None:
    """Return a number in the unit shown, to six digits; none where there is none."""
    return None if math.isnan(value) else float(f"{value * unit.scale:.6g}")


def _behind(tables: Mapping[str, Table], metrics: Sequence[str], sets: str) -> pd.DataFrame:
    """Return the table behind the figure: a row for each point, a column for each metric."""
    parts = [numbers_of(table, metrics).assign(**{sets: title}) for title, table in tables.items()]
    table = pd.concat(parts, ignore_index=True)
    return table[[*([sets] if len(tables) > 1 else []), *(one for one in table.columns if one != sets)]]
