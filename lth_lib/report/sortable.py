"""A table that a reader sorts by any column, filters and searches, and that reads whole where scripts do not run."""

from __future__ import annotations

import html
import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pandas as pd


class Linked(NamedTuple):
    """A cell whose words lead to a place."""

    words: str
    place: str


Shown = str | tuple[str, float] | Linked
"""A cell: its words, or its words and the number that it is sorted by, or the place that they lead to."""


def sortable(
    table: pd.DataFrame,
    *,
    caption: str,
    filters: Sequence[str] = (),
    chosen: Mapping[str, str] | None = None,
    search: bool = False,
) -> str:
    """Return a table as HTML, whose columns are sorted by their heads, with a choice for each column of `filters`.

    With a `search` it has a place for words too, all of which are in the rows that stay. A cell is its words, or its
    words and the number that it is sorted by; one without a number comes last. `chosen` are the values that filters
    begin with; the others begin with all.
    """
    chosen = chosen or {}
    heads = "".join(f'<th scope="col">{html.escape(str(name))}</th>' for name in table.columns)
    rows = "\n".join(_row(row) for row in table.itertuples(index=False))
    choices = "".join(
        _choice(name, table[name], list(table.columns).index(name), chosen.get(name, "")) for name in filters
    )
    choices += '<label>Search <input type="search"></label>' if search else ""
    return (
        f'<div class="lth-sortable"><div class="lth-filters" hidden>{choices}<output aria-live="polite"></output></div>'
        f'<div class="lth-scroll" tabindex="0" role="region" aria-label="{html.escape(caption)}"><table>'
        f"<caption>{html.escape(caption)}</caption><thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}\n</tbody></table></div></div>"
    )


def _row(row: Sequence[Shown]) -> str:
    first, *rest = row
    cells = _cell(first, 'th scope="row"') + "".join(_cell(one, "td") for one in rest)
    return f"<tr>{cells}</tr>"


def _cell(cell: Shown, tag: str) -> str:
    if isinstance(cell, Linked):
        return f'<{tag}><a href="{html.escape(cell.place)}">{html.escape(cell.words)}</a></{tag.split()[0]}>'
    words, number = cell if isinstance(cell, tuple) else (cell, None)
    by = "" if number is None else f' data-by="{"" if math.isnan(number) else f"{number:.8g}"}"'
    return f"<{tag}{by}>{html.escape(words)}</{tag.split()[0]}>"


def _choice(name: str, cells: pd.Series, column: int, chosen: str) -> str:
    """Return the choice of one column's values, in their order, or of all of them."""
    words = dict.fromkeys(cell[0] if isinstance(cell, tuple) else cell for cell in cells)
    options = "".join(
        f"<option{' selected' if word == chosen else ''}>{html.escape(word)}</option>" for word in words if word
    )
    choices = f'<select data-column="{column}"><option value="">all</option>{options}</select>'
    return f"<label>{html.escape(name)} {choices}</label>"
