"""Learning curves to explore: every evaluation with its interval and replicates, iterations linear or logarithmic."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from lth_lib.report.explorer import drawn, labelled, number, wrapped
from lth_lib.report.figures.learning import band, numbers_along
from lth_lib.report.figures.stopped import Stop, early_stops, numbers_of_stops
from lth_lib.report.figures.style import looks, quantity
from lth_lib.report.stats import ITERATIONS, Interval, Table, Unit, describe
from lth_lib.spec import require

Point = dict[str, Any]

_ITERATION = {
    "label": "Training iteration",
    "unit": "",
    "said": "iteration {}",
    "words": ["iteration", "iterations"],
    "falling": False,
    "curve": True,
}
"""The axis of iterations: from the first up, with a line in its band."""


@dataclass(frozen=True)
class Begin:
    """What a reader sees first: one of the tables, and, if `close`, linear iterations above the axis' other beginning.

    What begins `close` has one vertical axis for all tables.
    """

    name: str
    close: bool = False


def model(
    curves: Mapping[str, Table],
    metric: str,
    *,
    name: str,
    sets: str,
    above: float | None = None,
    stops: Mapping[str, Table] | None = None,
    begin: Begin | None = None,
) -> dict[str, Any]:
    """Return what `explorer.js` draws of `stats.curves` by name; `sets` says what the names are.

    `above`, in the metric's own scale, is where the vertical axis may begin instead; what is lower is off that axis,
    as iteration 0 is off a logarithmic one, and is drawn as an arrow. `stops`, tidy tables of the same runs by the
    same names, mark each early stop. A series that all tables have alike is given once.
    """
    require(bool(curves), "An explorer of learning curves needs at least one table of them; give {name: curves}.")
    look = looks(series for curve in curves.values() for series in curve["series"])
    zoom = None if above is None else number(above, quantity(metric).unit)
    first = Begin(next(iter(curves))) if begin is None else begin
    found = {
        title: _points(curve, metric, list(look), early_stops(_of(stops, title), curve, metric))
        for title, curve in curves.items()
    }
    always = {k for k in range(len(look)) if len(found) > 1 and _alike(found.values(), k)}
    return {
        "name": name,
        "axis": {**_ITERATION, "sets": sets, "alike": first.close, "marked": stops is not None},
        "metrics": [{**labelled(metric), "above": zoom}],
        "series": [drawn(one, own, False) for one, own in look.items()],
        "always": {metric: [point for point in found[first.name] if point["series"] in always]},
        "sets": [
            {"name": title, "points": {metric: [point for point in points if point["series"] not in always]}}
            for title, points in found.items()
        ],
        "begin": {"set": list(curves).index(first.name), "logX": not first.close, "above": first.close},
    }


def html(
    curves: Mapping[str, Table],
    metric: str,
    still: str,
    *,
    name: str,
    sets: str,
    above: float | None = None,
    stops: Mapping[str, Table] | None = None,
    begin: Begin | None = None,
) -> str:
    """Return the explorer as HTML: the picture `still` for paper and where no script runs, the model, and its table."""
    found = model(curves, metric, name=name, sets=sets, above=above, stops=stops, begin=begin)
    behind = [
        part.assign(**{sets: title})
        for title, curve in curves.items()
        for part in (
            numbers_along(curve, metric),
            numbers_of_stops(early_stops(_of(stops, title), curve, metric), metric),
        )
    ]
    table = pd.concat(behind, ignore_index=True)
    return wrapped(found, still, table[[sets, *(column for column in table.columns if column != sets)]])


def _of(stops: Mapping[str, Table] | None, title: str) -> Table | None:
    """Return the table of early stops of one name, where there are any."""
    return None if stops is None else stops[title]


def _points(curve: Table, metric: str, series: list[str], stops: list[Stop]) -> list[Point]:
    """Return the mean of each series at each iteration, and its early stop among them: a sentence and replicates."""
    points = [_marker(series.index(stop.series), stop) for stop in stops]
    for name in dict.fromkeys(curve["series"]):
        own = curve[curve["series"] == name]
        each = own.dropna(subset="value").groupby("iteration")["value"]
        for at, found in zip(*band(own), strict=True):
            if found.n:
                points.append(_point(series.index(name), int(at), found, each.get_group(at), quantity(metric).unit))
    return sorted(points, key=lambda point: (point["series"], point["x"]))


def _point(series: int, at: int, found: Interval, each: pd.Series, unit: Unit) -> Point:
    """Return one mean with its interval, its sentence and its replicates."""
    ends = [number(end, unit) for end in (found.mean, found.low, found.high)]
    return {"series": series, "x": at, "y": ends, "said": describe(found, unit), "each": [unit.text(v) for v in each]}


def _marker(series: int, stop: Stop) -> Point:
    """Return one early stop at its height, with its interval across."""
    height = number(stop.height, quantity(stop.metric).unit)
    across = [number(end, ITERATIONS) for end in (stop.when.low, stop.when.high)]
    return {
        "series": series,
        "x": number(stop.when.mean, ITERATIONS),
        "y": [height, None, None],
        "stop": across,
        "said": f"{stop.said}; {stop.reached}",
        "each": [ITERATIONS.text(one) for one in stop.each],
    }


def _alike(found: Iterable[list[Point]], series: int) -> bool:
    """Return whether all tables have one series alike."""
    first, *others = ([point for point in points if point["series"] == series] for points in found)
    return all(one == first for one in others)
