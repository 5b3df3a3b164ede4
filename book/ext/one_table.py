"""Lay the one table beside the pages, where a reader can take it along."""

from __future__ import annotations

import sys
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

FILE = "lottery-tickets.csv"


def setup(app: Sphinx) -> ExtensionMetadata:
    """Write the table when the book is built."""
    sys.path.insert(0, str(app.srcdir))
    app.connect("build-finished", write)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}


def write(app: Sphinx, error: Exception | None) -> None:
    """Write what is committed as one table into the folder of the built book."""
    if error is None and app.builder.format == "html":
        # Imported here: what only reads this file's settings needs no torch.
        from lth_lib.results.store import committed
        from lth_lib.workshop import table

        rows, _ = table.one_table(committed())
        table.write_table(rows, Path(app.outdir) / FILE)
