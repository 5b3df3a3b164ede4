"""Repair in the built pages what Sphinx and the theme leave inaccessible; axe-core checks it in the tests."""

from __future__ import annotations

import re
from itertools import count
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

REPAIRS = (
    # Without a script a page has no theme; the style knows that only of one that names none, and makes it light.
    (r'(<html[^>]*) data-theme="auto"', r"\1"),
    # Decorations inside a button that has a name would be read as a second, different one.
    (
        r'<i class="([^"]*)" data-mode="(\w+)"\s+title="[^"]*"></i>',
        r'<i class="\1" data-mode="\2" aria-hidden="true"></i>',
    ),
    # Icons are letters of a font, which nobody can read.
    (r'<(i|span) class="(fas? fa-|fa-solid )([^"]*)">', r'<\1 class="\2\3" aria-hidden="true">'),
    (r'<span class="search-button__kbd-shortcut">', '<span class="search-button__kbd-shortcut" aria-hidden="true">'),
    # What has a visible text is named by it.
    (r'(<button class="[^"]*search-button-field[^"]*") title="Search" aria-label="Search"', r"\1"),
    (r'<summary aria-label="Toggle hidden content">', "<summary>"),
    # What stands beside the page's content has a landmark of its own.
    (r'<div id="pst-primary-sidebar" ', '<div id="pst-primary-sidebar" role="complementary" aria-label="This book" '),
    # A bibliography is a list of items; the role for its entries is deprecated.
    (r'role="doc-biblioentry"', 'role="listitem"'),
    # A notebook that a page carries is to be kept, where the theme would open it in a new window.
    (r'(<a href="data:[^;"]*;name=([^;"]*);[^"]*") target="_blank"', r'\1 download="\2"'),
)

TABLE = r'(<div class="pst-scrollable-table-container")>'
"""Where a table of the text begins: it may scroll and be reached by keyboard, so it needs a role and its own name."""


def setup(app: Sphinx) -> ExtensionMetadata:
    """Repair the pages once all are written."""
    app.connect("build-finished", repair_pages)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}


def repair_pages(app: Sphinx, error: Exception | None) -> None:
    """Apply the repairs to every page, unless the build failed."""
    if error is None and app.builder.format == "html":
        for path in Path(app.outdir).rglob("*.html"):
            text = path.read_text(encoding="utf-8")
            repaired = repair(text)
            if repaired != text:
                path.write_text(repaired, encoding="utf-8")


def repair(text: str) -> str:
    """Return a page's HTML with all repairs."""
    for pattern, replacement in REPAIRS:
        text = re.sub(pattern, replacement, text)
    number = count(1)
    return re.sub(TABLE, lambda found: f'{found[1]} role="region" aria-label="Table {next(number)} of the text">', text)
