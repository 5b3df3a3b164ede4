"""A table that can be sorted and filtered is a plain table first."""

import math

import pandas as pd

from lth_lib.report.sortable import sortable

TABLE = pd.DataFrame(
    {"Method": ["a<b", "c"], "When": ["before", "after"], "Bytes": [("1,000", 1000.0), ("–", math.nan)]}
)
PAGE = sortable(TABLE, caption="Methods & costs", filters=["When"], chosen={"When": "after"})


def test_cells_are_escaped_and_say_what_they_are_sorted_by() -> None:
    assert '<th scope="row">a&lt;b</th><td>before</td><td data-by="1000">1,000</td>' in PAGE
    assert '<td data-by="">–</td>' in PAGE, "what has no number comes last"
    assert "<caption>Methods &amp; costs</caption>" in PAGE


def test_a_filter_offers_each_value_once_and_waits_for_its_script() -> None:
    assert '<div class="lth-filters" hidden>' in PAGE
    select = (
        '<select data-column="1"><option value="">all</option><option>before</option><option selected>after</option>'
    )
    assert f"<label>When {select}" in PAGE


def test_a_search_has_a_label_and_waits_for_its_script_too() -> None:
    page = sortable(TABLE, caption="Costs", search=True)
    assert '<label>Search <input type="search"></label><output aria-live="polite">' in page
    assert "<input" not in PAGE
