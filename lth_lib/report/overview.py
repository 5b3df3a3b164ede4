"""All claims at a glance: a line for each, with its verdict, that leads to its place on the scorecard."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import pandas as pd

from lth_lib.report.claims import VERDICTS, Line
from lth_lib.report.figures.words import MARKS
from lth_lib.report.sortable import Linked, sortable

CAPTION = "All claims, grouped by verdict. Choose one to see its rule and its numbers."


def overview_html(lines: Mapping[str, Sequence[Line]]) -> str:
    """Return one line for each claim, by the data it is judged on, that can be sorted and filtered."""
    rows = [(data, line) for data, own in lines.items() for line in own]
    ranked = sorted(rows, key=lambda row: (VERDICTS.index(row[1].verdict), _number(row[1])))
    shown = [
        {
            "Claim": Linked(line.text, f"#{line.anchor}"),
            # The first click on a head shows the largest, which is what is reproduced.
            "Verdict": (f"{MARKS[line.verdict]} {line.verdict}", float(len(VERDICTS) - VERDICTS.index(line.verdict))),
            "Data": data,
            "Number": (line.key, _number(line)),
        }
        for data, line in ranked
    ]
    table = sortable(pd.DataFrame(shown), caption=CAPTION, filters=["Verdict", "Data"])
    return f'<div class="lth-all">{table}</div>'


def _number(line: Line) -> float:
    """Return where a claim stands among all: its number, and a little more for its part."""
    number, part = re.fullmatch(r"(\d+)(\w?)", line.key).groups()  # type: ignore[union-attr]
    return int(number) + (ord(part) - ord("a")) / 26 if part else float(number)
