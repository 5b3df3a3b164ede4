"""A figure in words, and a claim in a line."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np
import pandas as pd

from lth_lib.report.claims import NOT_REPRODUCED, NOT_TESTED, PARTLY, REPRODUCED, UNDECIDED, Line
from lth_lib.report.figures.learning import band, off_axis
from lth_lib.report.figures.means import means
from lth_lib.report.figures.style import quantity
from lth_lib.report.stats import PERCENT, Interval, Table, Unit, describe

MARKS = {REPRODUCED: "●", PARTLY: "◐", NOT_REPRODUCED: "○", UNDECIDED: "?", NOT_TESTED: "–"}


def alt(table: Table, y: str, *, dense: str = "dense") -> str:
    """Return what `by_density` draws in words: what the axes are, and each series' range, ends and numbers."""
    shown = quantity(y)
    found = means(table, y)
    parts = [f"Line chart: {_lower(shown.axis)} against weights remaining, from 100 % down, on a log scale."]
    for name in dict.fromkeys(found["series"]):
        rows = found[found["series"] == name].sort_values("density", ascending=False)
        parts.append(_dense(rows, shown.unit, name) if name == dense else _series(rows, shown.unit, name))
    return " ".join(parts)


def _lower(text: str) -> str:
    """Return `text` with a small first letter."""
    return text[:1].lower() + text[1:]


def _dense(rows: pd.DataFrame, unit: Unit, name: str) -> str:
    """Return the sentence of a series drawn as a band."""
    return f"{name.capitalize()} (100 %): {describe(rows['interval'].iloc[0], unit)}."


def _series(rows: pd.DataFrame, unit: Unit, name: str) -> str:
    """Return the sentence of a series drawn as a line."""
    ends = _percent(rows["density"].iloc[0]), _percent(rows["density"].iloc[-1])
    where = f", {len(rows)} densities from {ends[0]} to {ends[1]}" if len(rows) > 1 else ""
    lead = f"{name.capitalize()}{where}: "
    drawn = rows[rows["drawn"]].reset_index(drop=True)
    if drawn.empty:
        return f"{lead}no mean, since not every replicate arrives."
    values = np.array([value.mean for value in drawn["interval"]])
    spots = {int(values.argmin()): "lowest", int(values.argmax()): "highest"}
    spots.setdefault(len(drawn) - 1, "at the end")
    said = [f"{word} {_at(drawn, spot, unit)}" for spot, word in sorted(spots.items())] if len(drawn) > 1 else []
    lost = len(rows) - len(drawn)
    rest = f"; no mean at {lost} of them, where not every replicate arrives" if lost else ""
    return lead + ", ".join(said or [_at(drawn, 0, unit)]) + rest + "."


def _at(rows: pd.DataFrame, spot: int, unit: Unit) -> str:
    """Return one interval and the density it was measured at."""
    least = "at least " if rows["censored"].iloc[spot] else ""
    value: Interval = rows["interval"].iloc[spot]
    return f"{least}{describe(value, unit)} at {_percent(rows['density'].iloc[spot])}"


def _percent(density: float) -> str:
    """Return a density to three digits."""
    return f"{density * PERCENT.scale:.3g} %"


def alt_curves(table: Table, metric: str, *, low: float | None = None, log: bool = False) -> str:
    """Return what `learning_curves` draws in words: each series' best mean, where it ends, and what is off the axes.

    `low` is where the vertical axis begins, `log` whether that of iterations is logarithmic.
    """
    shown = quantity(metric)
    parts = [f"Line chart: {_lower(shown.axis)} against training iteration{', on a log scale' if log else ''}."]
    best, word = (np.nanargmin, "lowest") if "loss" in metric else (np.nanargmax, "highest")
    for name in dict.fromkeys(table["series"]):
        at, found = band(table[table["series"] == name])
        mean = [value.mean for value in found]
        last, top = int(np.flatnonzero(~np.isnan(mean))[-1]), int(best(mean))
        spots = {top: word, last: "at the end" if last != top else f"{word}, at the end,"}
        said = [f"{told} {describe(found[k], shown.unit)} at iteration {at[k]:,.0f}" for k, told in spots.items()]
        said += [_off(side, spot, value, shown.unit) for side, spot, value in off_axis(at, np.array(mean), low, log)]
        parts.append(f"{name.capitalize()}: {', '.join(said)}.")
    return " ".join(parts)


def _off(side: str, at: float, value: float, unit: Unit) -> str:
    """Return one value that an arrow points to."""
    told = f"{unit.text(value)} {unit.name} at iteration {at:,.0f}"
    return f"off the axes {'to the left' if side == 'left' else 'below'}, by an arrow, {told}"


def alt_layers(table: Table) -> str:
    """Return what `layer_density` draws in words: what each layer keeps at the lowest density."""
    deepest = table[table["level"] == table["level"].max()]
    kept = deepest.groupby("layer", sort=False)["layer_density"].mean()
    told = ", ".join(f"{name} keeps {_percent(share)}" for name, share in kept.items())
    return (
        "Line chart: weights remaining in each layer against those of the network, both in % on a log scale. "
        f"At {_percent(deepest['density'].mean())} of the weights {told}."
    )


def verdicts_html(lines: Sequence[Line], *, page: str) -> str:
    """Return a line of HTML for each claim: its verdict, what it says, and a link to its rule on the scorecard."""
    body = "\n".join(
        f"<li>{MARKS[line.verdict]}&nbsp;<strong>{line.verdict}</strong>: {escape(line.text)} "
        f"<em>({escape('; '.join(filter(None, (line.source, line.where))))})</em> "
        f'<a href="{escape(page)}#{escape(line.anchor)}">Rule and measurements of claim {escape(line.key)}</a></li>'
        for line in lines
    )
    return f'<ul class="verdicts">{body}</ul>'
