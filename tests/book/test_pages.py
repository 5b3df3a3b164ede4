"""Chapters declare, compute and draw, and their text is text: what they show is analysed by the library, and tested."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import pairwise

import jupytext
import pytest
from chapters import notebooks, source
from nbformat import NotebookNode


def code(page: str) -> str:
    """Return the code of a chapter."""
    return "\n\n".join(
        cell.source for cell in jupytext.reads(source(page), fmt="md:myst").cells if cell.cell_type == "code"
    )


def functions(node: ast.AST) -> Iterator[str]:
    """Yield the functions that a source defines, but for methods: a reader is shown how to write a class."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield child.name
        elif isinstance(child, ast.Assign) and isinstance(child.value, ast.Lambda):
            yield ast.unparse(child.targets[0])
        elif not isinstance(child, ast.ClassDef):
            yield from functions(child)


def folded(page: str) -> str:
    """Return the code of a chapter that a reader is not shown at once."""
    cells = jupytext.reads(source(page), fmt="md:myst").cells
    return "\n\n".join(cell.source for cell in cells if cell.cell_type == "code" and cell.metadata.get("tags"))


@pytest.mark.parametrize("page", notebooks())
def test_a_chapter_defines_no_function_but_to_show_a_formula(page: str) -> None:
    assert list(functions(ast.parse(folded(page)))) == []
    assert len(list(functions(ast.parse(code(page))))) <= 3


def test_a_function_would_be_found_wherever_it_is() -> None:
    text = "if x:\n    def a(): ...\nb = lambda: 0\nclass C:\n    def method(self): ...\nasync def c(): ..."
    assert list(functions(ast.parse(text))) == ["a", "b", "c"]


def glued(page: str) -> list[str]:
    """Return the names that a chapter glues, a name for each time."""
    calls = [node for node in ast.walk(ast.parse(code(page))) if isinstance(node, ast.Call)]
    names = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "glue"]
    return [keyword.arg for call in names for keyword in call.keywords]


@pytest.mark.parametrize("page", notebooks())
def test_every_number_that_has_a_name_is_told(page: str) -> None:
    cells = jupytext.reads(source(page), fmt="md:myst").cells
    told = re.findall(r"\{glue:\}`(\w+)`", "\n".join(cell.source for cell in cells if cell.cell_type == "markdown"))
    assert sorted(glued(page)) == sorted(set(told))


@pytest.mark.parametrize("page", notebooks())
def test_a_sentence_has_one_interval_at_most(page: str) -> None:
    measured = set(re.findall(r"(\w+)=measured\(", code(page)))
    cells = jupytext.reads(source(page), fmt="md:myst").cells
    prose = "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    told = [re.findall(r"\{glue:\}`(\w+)`", sentence) for sentence in re.split(r"(?<=[.!?])\s+|\n\n", prose)]
    assert [names for names in told if len(measured.intersection(names)) > 1] == []


@pytest.mark.parametrize("page", notebooks())
def test_no_code_holds_a_sentence(page: str) -> None:
    calls = [node for node in ast.walk(ast.parse(code(page))) if isinstance(node, ast.Call)]
    shown = [argument for call in calls if ast.unparse(call.func) in ("Markdown", "print") for argument in call.args]
    assert [ast.unparse(text) for text in shown if isinstance(text, ast.JoinedStr | ast.Constant)] == []


LISTS = ("index", "book/not-here", "book/laboratory-notes")
"""Pages to look things up in: they have no takeaways."""


@pytest.mark.parametrize("page", [page for page in notebooks() if page not in LISTS])
def test_what_a_chapter_says_in_short_follows_its_first_paragraph(page: str) -> None:
    _, text = re.split(r"^(?=# )", source(page), maxsplit=1, flags=re.M)
    heading, _, box, *_ = re.split(r"\n{2,}", text)
    assert heading.startswith("# ")
    assert re.match(r"(:::|```)\{admonition\} Key takeaways\n:class: tip$", box)


@pytest.mark.parametrize("page", notebooks())
def test_no_heading_is_followed_by_folded_code(page: str) -> None:
    cells = [cell for cell in jupytext.reads(source(page), fmt="md:myst").cells if not removed(cell)]
    bare = [text.source for text, code in pairwise(cells) if headed(text) and code.metadata.get("tags")]
    assert bare == []


WIDEST = 77
"""Letters that a line of code has room for in the column of a page that is 1,300 pixels wide."""


def shown(page: str) -> str:
    """Return the code of a chapter that a reader is shown at once."""
    cells = jupytext.reads(source(page), fmt="md:myst").cells
    return "\n\n".join(cell.source for cell in cells if cell.cell_type == "code" and not cell.metadata.get("tags"))


@pytest.mark.parametrize("page", notebooks())
def test_code_that_is_shown_is_no_wider_than_its_column(page: str) -> None:
    assert [line for line in shown(page).splitlines() if len(line) > WIDEST] == []


def removed(cell: NotebookNode) -> bool:
    """Return whether a reader is not shown a cell."""
    return bool({"remove-cell", "remove-input"} & {*cell.metadata.get("tags", [])})


def headed(cell: NotebookNode) -> bool:
    """Return whether a cell of text ends with a heading."""
    return cell.cell_type == "markdown" and cell.source.splitlines()[-1].startswith("#")
