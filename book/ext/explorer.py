"""Lay the explorer's script beside the pages, and load it where a page has one."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

MARK = 'class="lth-explorer"'
SCRIPT = "explorer.js"
MOUNT = """
document.querySelectorAll(".lth-explorer").forEach((box) => {
  box.classList.add("lth-runs");
  render({model: JSON.parse(box.querySelector("script").textContent), el: box.querySelector(".lth-live")});
});
"""


def setup(app: Sphinx) -> ExtensionMetadata:
    """Load the script page by page, and write it when all pages are."""
    sys.path.insert(0, str(app.srcdir))
    app.connect("html-page-context", load)
    app.connect("build-finished", write)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}


def load(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object) -> None:
    """Load the script on a page that has an explorer."""
    if MARK in context.get("body", ""):
        app.add_js_file(SCRIPT, loading_method="defer")


def write(app: Sphinx, error: Exception | None) -> None:
    """Write the script into the folder of the built book."""
    if error is None and app.builder.format == "html":
        text = script(Path(app.srcdir) / "book" / "explorer")
        (Path(app.outdir) / "_static" / SCRIPT).write_text(text, encoding="utf-8")


def script(folder: Path) -> str:
    """Return the explorer's modules as the script of a page."""
    from lth_lib.workshop.javascript import classic, joined

    return classic(joined(folder / SCRIPT), MOUNT)
