"""A term of the glossary is linked to it where a chapter first uses it, and only there."""

from __future__ import annotations

import re

import jupytext
import pytest
from chapters import notebooks, source

GLOSSARY = "book/glossary"
AMBIGUOUS = {"forward", "front", "iteration", "matching", "path", "point", "rate", "reading", "scale", "store"}
EVERYDAY = AMBIGUOUS | {"unit", "weight"}
"""Terms that mean other things too, or that whoever knows PyTorch knows: they may be linked, and need not be."""
PLURALS = {"criterion": "criteria", "density": "densities", "granularity": "granularities", "sparsity": "sparsities"}
LINK = re.compile(r"\{term\}`(?:[^`<]*<)?([^`<>]+)>?`")


def terms() -> list[str]:
    """Return the terms of the glossary."""
    blocks = re.findall(r"```\{glossary\}\n(.*?)```", source(GLOSSARY), re.S)
    return [line for block in blocks for line in block.splitlines() if line and not line.startswith(" ")]


def prose(page: str) -> str:
    """Return the paragraphs of a chapter: no code, heading, takeaways, table, quotation, role or formula."""
    cells = jupytext.reads(source(page), fmt="md:myst").cells
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    text = re.sub(r"^(```|:::).*?^\1$", "", text, flags=re.M | re.S)
    text = re.sub(r"^(#|\||>|<).*$|\[[^\]\n]*\]\([^)]*\)|`[^`]*`", "", text, flags=re.M)
    return re.sub(r"\$\$.*?\$\$|\$[^$\n]*\$", "", text, flags=re.S)


def links(text: str) -> list[str]:
    """Return the terms that a text links to."""
    return LINK.findall(text)


def first_use(term: str, text: str) -> re.Match[str] | None:
    """Return where a text has a term, or more of them; "they are level" is no level."""
    words = r"\s+".join(map(re.escape, term.split()))
    many = re.escape(PLURALS.get(term, f"{term}s"))
    return re.search(rf"(?<!be )(?<!is )(?<!are )(?<![-\w])({words}|{many})(?![-\w])", text, re.I)


def without(terms: list[str], text: str) -> str:
    """Return a text without some terms, so that the ticket of a winning ticket is not taken for another."""
    for term in terms:
        words = r"\s+".join(map(re.escape, term.split()))
        text = re.sub(rf"(?<![-\w]){words}s?(?![-\w])", "", text, flags=re.I)
    return text


@pytest.mark.parametrize("page", notebooks())
def test_a_term_of_several_words_is_linked_where_it_is_first_used(page: str) -> None:
    text, linked = prose(page), links(source(page))
    plain = [term for term in terms() if " " in term and first_use(term, text) and term not in linked]
    assert plain == []


@pytest.mark.parametrize("page", notebooks())
def test_a_term_of_one_word_is_linked_where_it_is_first_used(page: str) -> None:
    several = [term for term in terms() if " " in term]
    text, linked = without(several, prose(page)), links(source(page))
    single = [term for term in terms() if term not in several and term not in EVERYDAY]
    assert [term for term in single if first_use(term, text) and term not in linked] == []


@pytest.mark.parametrize("page", [*notebooks(), GLOSSARY])
def test_a_link_leads_to_a_term_and_none_is_given_twice(page: str) -> None:
    linked = links(source(page))
    assert set(linked) <= set(terms())
    assert page == GLOSSARY or len(linked) == len(set(linked))
