"""Methods beside one another on a page: by density, in one table, and in a figure to choose for."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import pandas as pd
from IPython.display import HTML, display

from lth_lib.report import figures, stats
from lth_lib.report.explorer import Offer
from lth_lib.report.page import explore, percent
from lth_lib.report.sortable import Shown, sortable
from lth_lib.report.stats import PERCENT, Table, briefly

METRICS = (*stats.READINGS, "early_stop", *stats.COSTS)
"""What is drawn of methods against density."""

MOST = 20
"""So many methods are drawn at a density; a table has all of them."""

UNTRAINED = "not trained after pruning"
"""Why a method has no early stop."""

FILTERS = ("Data", "When", "What goes", "Level")

CALLED = {"MNIST": "digits", "FashionMNIST": "clothes", "CIFAR10(variant='jpeg75')": "photographs"}
"""What the book's pages call data sets."""


def by_density(rows: Table, levels: Sequence[int]) -> dict[str, Table]:
    """Return the rows of `stats.methods` at each of some levels, by data set where there are several, and density."""
    several = rows["data"].nunique() > 1
    found = {}
    for data, of_data in rows.groupby("data", sort=False):
        for level in levels:
            own = of_data[of_data["level"] == level]
            if len(own):
                left = percent(float(own["density"].median()))
                found[f"{data}, {left}" if several else left] = own
    return found


def highest(rows: Table, most: int = MOST) -> Table:
    """Return the most accurate of some methods."""
    return rows.loc[rows["accuracy"].map(lambda found: -found.mean).sort_values(kind="stable").index[:most]]


def spread(rows: Table) -> float:
    """Return by how much the means of methods that are trained differ: three quarters are above, three below."""
    means = rows[rows["steps"] > 0]["accuracy"].map(lambda found: found.mean)
    return float(means.quantile(0.75) - means.quantile(0.25))


def listed(rows: Table, *, caption: str) -> None:
    """Show every method at every density as a table that is sorted, and filtered by what is not the same of all."""
    ordered = rows.sort_values(["data", "density"], ascending=[True, False], kind="stable")
    table = pd.DataFrame([_line(row) for _, row in ordered.iterrows()])
    same = [name for name in FILTERS if table[name].nunique() == 1]
    filters = [name for name in FILTERS if name not in same]
    display(HTML(sortable(table.drop(columns=same), caption=caption, filters=filters, search=True)))


def _line(row: pd.Series) -> dict[str, Shown]:
    """Return the cells of one method at one density."""
    found = row["accuracy"]
    return {
        "Method": figures.named(row),
        "Data": CALLED.get(str(row["data"]), str(row["data"])),
        "When": figures.WHEN.get(row["when"], row["when"]),
        "What goes": _goes(row),
        "Level": (str(row["level"]), row["level"]),
        "Weights left": (percent(row["density"]), row["density"]),
        "Accuracy (%)": (briefly(found, PERCENT), found.mean),
        "Early stop": number(row["early_stop"], "at least " if row["late"] else "")
        if row["steps"]
        else ("–", math.nan),
        "Training": number(row["cost"]),
        "Operations": number(row["flops"]),
        "Bytes": number(row["bytes_best"]),
        "Dead units": number(row["dead_units"]),
        "Dead inputs": number(row["dead_inputs"]),
        "Note": "; ".join(told for told in ("" if row["steps"] else UNTRAINED, row["note"]) if told),
    }


def choose(tables: Mapping[str, Table], rows: Table, begin: Sequence[str], *, number: str, caption: str) -> None:
    """Show methods of `stats.methods` against density, to choose from: what they reach and what they cost.

    `tables` are those that the rows were made of, `begin` the methods that a reader begins with.
    """
    whole = every_replicate(tables, rows)
    groups = {figures.named(row): figures.WHEN.get(row["when"], row["when"]) for _, row in rows.iterrows()}
    sets = {CALLED.get(str(data), str(data)): own for data, own in whole.groupby("data", sort=False)}
    explore(sets, METRICS, number=number, caption=caption, offer=Offer(groups, tuple(begin)))


def every_replicate(tables: Mapping[str, Table], rows: Table) -> Table:
    """Return the replicates of the dense network and of the methods at the levels of some rows, by `figures.named`.

    What is not trained on is read at its last iteration, and what lost units by what is left of it, as in the rows.
    """
    parts = []
    for study, own in rows.groupby("study", sort=False):
        table = tables[str(study)]
        for _, row in own.iterrows():
            cell = table[(table["series"] == row["series"]) & (table["level"] == row["level"])]
            cell = stats.smaller(cell) if _goes(row) == "units" else cell
            parts.append(cell.assign(series=figures.named(row)))
    begun = {str(one["data"].iloc[0]): one[one["series"] == "dense"] for one in tables.values()}
    found = pd.concat([*begun.values(), *parts], ignore_index=True)
    return found.assign(accuracy_at_end=found["accuracy_at_end"].fillna(found["accuracy_at_last"]))


def _goes(row: pd.Series) -> str:
    """Return what goes, in a word: single weights, whole units, or what a pattern leaves no place for."""
    if str(row["granularity"]).startswith("Unit"):
        return "units"
    return "patterns" if str(row["scope"]).startswith("Neighbours") else "weights"


def number(value: float, before: str = "") -> Shown:
    """Return a number as a cell, to be sorted by; a dash where there is none."""
    return ("–" if math.isnan(value) else f"{before}{value:,.0f}", float(value))
