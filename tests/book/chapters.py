"""The chapters of the book, as the tests find them."""

from __future__ import annotations

from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]


def pages() -> list[str]:
    """Return every page of the table of contents, the first page first."""
    contents = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    return [contents["root"], *(chapter["file"] for part in contents["parts"] for chapter in part["chapters"])]


def source(page: str) -> str:
    """Return the text of a page."""
    return (ROOT / f"{page}.md").read_text(encoding="utf-8")


def notebooks() -> list[str]:
    """Return the pages that have code to execute."""
    return [page for page in pages() if "{code-cell}" in source(page)]
