"""Where the book is published, it is offered as one PDF, and who cites it is given its address."""

from __future__ import annotations

from typing import Any

from notebooks import SETTING, button
from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

PDF = "lottery-tickets.pdf"
"""What `make pdf` makes, and the workflow puts beside the pages."""

ENTRY = "@misc{"


def setup(app: Sphinx) -> ExtensionMetadata:
    """Complete the BibTeX entry when a page is read, and the downloads when it is written."""
    app.setup_extension("notebooks")  # which has the setting
    app.connect("source-read", cite)
    # After the theme, which makes the buttons.
    app.connect("html-page-context", offer, priority=900)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}


def cite(app: Sphinx, page: str, source: list[str]) -> None:
    """Give the BibTeX entry of the first page the address of the repository."""
    if app.config[SETTING] and page == app.config.root_doc:
        source[0] = addressed(source[0], f"https://github.com/{app.config[SETTING]}")


def addressed(text: str, url: str) -> str:
    """Return a text whose BibTeX entry ends with a url."""
    before, begin, entry = text.partition(ENTRY)
    fields, end, after = entry.partition("\n}\n")
    return f"{before}{begin}{fields}\n  url = {{{url}}},{end}{after}"


def offer(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object) -> None:
    """Put the book's PDF last among the downloads of a page that has some."""
    if not app.config[SETTING]:
        return
    link = button(
        "The whole book (PDF)", context["pathto"](PDF, 1), "Download the whole book as one PDF", "fas fa-book"
    )
    for group in context.get("header_buttons", ()):
        if group.get("label") == "download-buttons":
            group["buttons"].append(link)
