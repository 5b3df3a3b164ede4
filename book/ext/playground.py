"""Lay the playground's files beside the pages, and load them where a page has one."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

MARK = 'class="lth-playground"'
FOLDER = "playground"


def setup(app: Sphinx) -> ExtensionMetadata:
    """Load the files page by page, and write them when all pages are."""
    sys.path.insert(0, str(app.srcdir))
    app.connect("html-page-context", load)
    app.connect("build-finished", write)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}


def load(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object) -> None:
    """Load style sheet, digits and script, in this order, on a page that has a playground."""
    if MARK in context.get("body", ""):
        app.add_css_file(f"{FOLDER}/playground.css")
        app.add_js_file(f"{FOLDER}/digits.js", priority=800, loading_method="defer")
        app.add_js_file(f"{FOLDER}/playground.js", priority=801, loading_method="defer")


def write(app: Sphinx, error: Exception | None) -> None:
    """Write the files into the folder of the built book."""
    if error is None and app.builder.format == "html":
        # Imported here: what only reads this file's settings needs no torch.
        from lth_lib.workshop.playground import files

        files.write(Path(app.outdir) / "_static" / FOLDER, files.given())
