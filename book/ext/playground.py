"""Lay the playground's files beside the pages, and load them where a page has one."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

MARK = 'class="lth-playground"'
FOLDER = "playground"
MOUNT = """
const given = { get: (name) => window.lthPlayground[name] };
document.querySelectorAll(".lth-playground").forEach((el) => render({ model: given, el }));
"""


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

        lay(Path(app.outdir) / "_static" / FOLDER, files.given())


def lay(folder: Path, model: dict[str, Any]) -> None:
    """Write style sheet, digits and script into a folder, as a page that is opened from disk takes them."""
    from lth_lib.workshop.javascript import classic
    from lth_lib.workshop.playground import files, page

    folder.mkdir(parents=True, exist_ok=True)
    texts = {
        "playground.css": (page.SOURCE / "playground.css").read_text(encoding="utf-8"),
        "digits.js": files.digits(model),
        "playground.js": classic(page.script(), MOUNT),
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
