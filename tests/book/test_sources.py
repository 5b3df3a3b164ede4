"""Chapters declare, compute and draw: what they show is analysed by the library, where it is tested."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import jupytext
import pytest
from chapters import notebooks, source

STILL = {"book/claims"}
"""Chapters that may still define functions of their own."""


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


@pytest.mark.parametrize("page", [page for page in notebooks() if page not in STILL])
def test_a_chapter_defines_no_function(page: str) -> None:
    assert list(functions(ast.parse(code(page)))) == []


def test_a_function_would_be_found_wherever_it_is() -> None:
    text = "if x:\n    def a(): ...\nb = lambda: 0\nclass C:\n    def method(self): ...\nasync def c(): ..."
    assert list(functions(ast.parse(text))) == ["a", "b", "c"]
