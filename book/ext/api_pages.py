"""Make the API pages from the docstrings: one section for each module of the library."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

PACKAGE = "lth_lib"
PAGE = "book/api"


def setup(app: Sphinx) -> ExtensionMetadata:
    """Write the API page's sections when it is read, and plain docstrings as reStructuredText."""
    sys.path.insert(0, str(app.srcdir))
    app.connect("source-read", add_sections)
    app.connect("autodoc-process-docstring", plain_docstring)
    app.connect("env-before-read-docs", always_read)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}


def always_read(app: Sphinx, env: object, docnames: list[str]) -> None:
    """Read the API page at each build: its sources are the library's."""
    if app.env.found_docs and PAGE in app.env.found_docs and PAGE not in docnames:
        docnames.append(PAGE)


def add_sections(app: Sphinx, docname: str, source: list[str]) -> None:
    """Append one section for each module to the API page."""
    if docname == PAGE:
        source[0] += "\n" + "\n".join(section(name) for name in modules(Path(app.srcdir)))


def modules(root: Path) -> list[str]:
    """Return the name of every module to document: a folder that says what it offers stands for its files.

    Nothing is imported here: a module that cannot be imported is a warning of autodoc, which names it.
    """
    library = root / PACKAGE
    paths = [path for path in sorted(library.rglob("*.py")) if path.stem != "__main__" and _describes_itself(path)]
    offered = {path.parent for path in paths if path.stem == "__init__" and _offers(path)} - {library}
    inside = [path for path in paths if path.stem == "__init__" or not offered & set(path.parents)]
    shown = [path for path in inside if path != library / "__init__.py"]
    return [".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__") for path in shown]


def _describes_itself(path: Path) -> bool:
    return ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) is not None


def _offers(path: Path) -> bool:
    return re.search(r"^__all__\b", path.read_text(encoding="utf-8"), re.MULTILINE) is not None


def section(module: str) -> str:
    """Return the section of one module: its sentence, then what it defines."""
    return f"""
## `{module}`

```{{eval-rst}}
.. automodule:: {module}
   :members:
```
"""


def plain_docstring(app: Sphinx, what: str, name: str, target: object, options: object, lines: list[str]) -> None:
    """Turn a docstring in plain prose with `code` in backticks into reStructuredText.

    Outside backticks nothing is markup, so an asterisk or an underscore cannot break the build.
    """
    lines[:] = [plain_line(line) for line in lines]


def plain_line(line: str) -> str:
    """Escape what reStructuredText would take for markup, except in backticks."""
    parts = re.split(r"(``?[^`]+``?)", line)
    return "".join(_code(part) if part.startswith("`") else _escape(part) for part in parts)


def _code(part: str) -> str:
    return f"``{part.strip('`')}``"


def _escape(part: str) -> str:
    return re.sub(r"([*|\\]|_(?=\W|$))", r"\\\1", part)
