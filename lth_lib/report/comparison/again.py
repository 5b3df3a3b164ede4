"""What is asked of one data set and asked again of another, as tables on a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
from IPython.display import HTML, display

from lth_lib.report import figures
from lth_lib.report.sortable import Shown, sortable
from lth_lib.report.stats import POINTS, Advised, Interval, Table, briefly

Question = tuple[str, str, int]
"""A chapter, what it says in words, and a level."""


def asked_twice(
    here: Mapping[Question, Interval],
    there: Mapping[Question, Interval],
    again: Mapping[Question, str],
    left: Mapping[Question, Shown],
    *,
    sets: tuple[str, str],
    caption: str,
) -> None:
    """Show each question with its answers on two data sets, and whether the second shows what the first does."""
    rows = [
        {
            "One over the other": words,
            "Chapter": chapter,
            "Weights left": left[chapter, words, level],
            f"On {sets[0]} (points)": _points(here[chapter, words, level]),
            f"On {sets[1]} (points)": _points(there[chapter, words, level]),
            "Shown again?": again[chapter, words, level],
        }
        for chapter, words, level in here
    ]
    filters = ("Chapter", "Weights left", "Shown again?")
    display(HTML(sortable(pd.DataFrame(rows), caption=caption, filters=filters, search=True)))


def advised_twice(
    found: Mapping[str, tuple[Table, Sequence[Advised]]], *, sets: tuple[str, str], caption: str, begin: str
) -> None:
    """Show what the guide names on one data set beside what is best on another, at each density by its label."""
    rows = [
        {
            "What is needed": one.need.text,
            "Weights": label,
            f"Most accurate on {sets[0]}": figures.named(rows.loc[one.advised]),
            f"Most accurate on {sets[1]}": figures.named(rows.loc[one.best]),
            f"Behind it on {sets[1]} (points)": _points(one.gap) if one.gap else ("the same", 0.0),
            "Shown to be worse?": "yes" if one.worse else "no",
        }
        for label, (rows, advice) in found.items()
        for one in advice
    ]
    display(HTML(sortable(pd.DataFrame(rows), caption=caption, filters=["Weights"], chosen={"Weights": begin})))


def _points(found: Interval) -> Shown:
    return briefly(found, POINTS), found.mean
