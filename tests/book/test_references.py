"""Every reference is cited on a page, and every citation has its reference."""

from __future__ import annotations

import re

from chapters import ROOT, pages, source


def cited(text: str) -> set[str]:
    """Return the keys that a text cites."""
    found = re.findall(r"\{cite(?::\w+)?\}`([^`]+)`", text)
    return {key.strip() for keys in found for key in keys.split(",")}


def test_the_references_are_those_that_pages_cite() -> None:
    references = re.findall(r"^@\w+\{([^,]+),", (ROOT / "book" / "references.bib").read_text(encoding="utf-8"), re.M)
    assert sorted(references) == sorted(set().union(*(cited(source(page)) for page in pages())))


def test_citations_of_any_kind_are_found() -> None:
    assert cited("{cite}`a,b` and {cite:t}`c`, {cite:p}`d, e`, not {term}`f`") == {"a", "b", "c", "d", "e"}
