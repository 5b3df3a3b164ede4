"""The guide as a table: for each need, at each density, what is best and what is not shown to be worse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
from IPython.display import HTML, display

from lth_lib.report import figures, stats
from lth_lib.report.sortable import sortable
from lth_lib.report.stats import PERCENT, Table, briefly

Needs = Mapping[str, Sequence[stats.Need]]
"""What alone is asked of some densities, such as those of patterns, at which other methods are not."""


def guide(groups: Mapping[str, Table], *, caption: str, begin: str, needs: Needs | None = None) -> None:
    """Show the guide as a table that is filtered by density, and begins with one of them."""
    display(HTML(sortable(guided(groups, needs), caption=caption, filters=["Weights"], chosen={"Weights": begin})))


def guided(groups: Mapping[str, Table], needs: Needs | None = None) -> pd.DataFrame:
    """Return the guide as a table: a row for each need at each density of `by_density`; all needs, or its own."""
    needs = needs or {}
    return pd.DataFrame(
        [
            {
                "What is needed": answer.need.text,
                "Weights": label,
                "Most accurate": f"{_named(rows, answer.best)}: {briefly(rows.loc[answer.best, 'accuracy'], PERCENT)}",
                "Not shown to be worse": "; ".join(_named(rows, at) for at in answer.equals) or "none",
                "Least training among these": _named(rows, answer.cheapest),
            }
            for label, rows in groups.items()
            for answer in stats.answers(rows, needs=needs.get(label, stats.NEEDS))
        ]
    ).sort_values("What is needed", kind="stable", key=lambda needs: needs.map(_order))


def rules() -> pd.DataFrame:
    """Return a table for the page: what is needed, and what is true of the row of a method that meets it."""
    return pd.DataFrame([{"What is needed": need.text, "A method meets it if": need.rule} for need in stats.NEEDS])


def _order(text: str) -> int:
    return [need.text for need in stats.NEEDS].index(text)


def _named(rows: Table, at: int) -> str:
    return figures.named(rows.loc[at])
