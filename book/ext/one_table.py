"""Lay the one table and its data dictionary beside the pages, where a reader can take them along."""

from __future__ import annotations

import sys
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

FILES = ("lottery-tickets.csv", "lottery-tickets.parquet")
DICTIONARY = "lottery-tickets-columns.csv"
PAGE = "book/one-table"


def setup(app: Sphinx) -> ExtensionMetadata:
    """Say on its page what the columns mean, and write the table when the book is built."""
    sys.path.insert(0, str(app.srcdir))
    app.connect("source-read", add_columns)
    app.connect("build-finished", write)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}


def add_columns(app: Sphinx, docname: str, source: list[str]) -> None:
    """Append the data dictionary to the table's page."""
    if docname == PAGE:
        from lth_lib.report.stats import COLUMNS

        source[0] += dictionary(COLUMNS)


def dictionary(columns: dict[str, str]) -> str:
    """Return the columns and their meanings as a list of definitions in Markdown."""
    return "".join(f"\n`{name}`\n: {meaning}\n" for name, meaning in columns.items())


def write(app: Sphinx, error: Exception | None) -> None:
    """Write what is committed as one table, and what its columns mean, into the folder of the built book."""
    if error is None and app.builder.format == "html":
        # Imported here: what only reads this file's settings needs no torch.
        import pandas as pd

        from lth_lib.report.stats import COLUMNS
        from lth_lib.results.store import committed
        from lth_lib.workshop import table

        out = Path(app.outdir)
        rows, _ = table.one_table(committed())
        for name in FILES:
            table.write_table(rows, out / name)
        table.write_table(pd.DataFrame(COLUMNS.items(), columns=["column", "meaning"]), out / DICTIONARY)
