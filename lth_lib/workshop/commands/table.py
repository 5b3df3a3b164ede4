"""`table` writes whatever is stored as one table."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from lth_lib.report.stats import COLUMNS
from lth_lib.results.store import StoreError, committed, place_of_file
from lth_lib.spec import require
from lth_lib.workshop import table
from lth_lib.workshop.own import bring


def run(given: argparse.Namespace) -> int:
    """Write the table, or print what its columns mean."""
    if given.columns:
        width = max(map(len, COLUMNS))
        print("\n".join(f"{name:<{width}}  {meaning}" for name, meaning in COLUMNS.items()))
        return 0
    require(given.file is not None, "There is no file to write; name one that ends in .csv or .parquet, or --columns.")
    table.check_name(given.file)
    path, store = place_of_file(given.file), committed()
    bring(given.classes)
    rows, unread = table.one_table(store)
    if rows.empty:
        raise StoreError(
            f"There is nothing to tabulate in {store.results}; `make compute` makes results. {left_out(unread)}".strip()
        )
    table.write_table(rows, path)
    print(f"{len(rows)} rows of {rows['digest'].nunique()} runs, {len(rows.columns)} columns, are in {path}.")
    if unread:
        print(left_out(unread))
    return 0


def left_out(unread: Sequence[str]) -> str:
    """Say which results are left out, and why; nothing where none is."""
    short = ", ".join(digest[:12] for digest in unread)
    said = "Left out, since what they are of is not known here (--with FILE.py brings classes of your own)"
    return f"{said}: {short}." if unread else ""
