"""Offer each chapter as a notebook; where the repository is published, also open it in Colab and on Binder."""

from __future__ import annotations

import base64
import re
import sys
from pathlib import Path
from typing import Any

import jupytext
import nbformat
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ConfigError
from sphinx.util.typing import ExtensionMetadata

FOLDER = "notebooks"
SETTING = "published_repository"
CELL = """\
# Where the library is not installed, as on Colab: fetch it with its stored results, and what it stands on.
import importlib.util
import os
import sys

if importlib.util.find_spec("lth_lib") is None:
    !git clone --quiet --depth 1 https://github.com/{repository} lottery-tickets
    %pip install --quiet {packages}
    sys.path.insert(0, os.path.abspath("lottery-tickets"))
"""


def setup(app: Sphinx) -> ExtensionMetadata:
    """Add the setting; offer the notebooks on the pages, and write them when the book is built."""
    app.add_config_value(SETTING, "", "html")
    app.connect("config-inited", check)
    # After the theme, which makes the buttons.
    app.connect("html-page-context", offer, priority=900)
    app.connect("build-finished", write)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}


def check(app: Sphinx, config: Config) -> None:
    """Refuse a setting that is no name of a repository."""
    given = config[SETTING]
    if given and not re.fullmatch(r"[\w.-]+/[\w.-]+", given):
        raise ConfigError(
            f"{SETTING} was {given!r} in _config.yml; give owner/name, or nothing if it is not published."
        )


def has_code(path: Path) -> bool:
    """Return whether a page is a chapter with code to run."""
    return path.is_file() and "{code-cell}" in path.read_text(encoding="utf-8")


def offer(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object) -> None:
    """Put the notebook among the downloads of a chapter's page, and beside them where it can be opened."""
    path = Path(app.srcdir) / f"{page}.md"
    if not has_code(path):
        return
    buttons = context["header_buttons"]
    link = button("Notebook (.ipynb)", carried(path, head(app)), "Download this chapter as a notebook", "fas fa-code")
    downloads = next(group["buttons"] for group in buttons if group.get("label") == "download-buttons")
    downloads.insert(0, link)
    if app.config[SETTING]:
        group = {"type": "group", "tooltip": "Run this chapter", "icon": "fas fa-rocket", "label": "launch-buttons"}
        buttons.insert(0, {**group, "buttons": launches(app.config[SETTING], page)})


def launches(repository: str, page: str) -> list[dict[str, str]]:
    """Return the buttons that open a page's notebook elsewhere: in Colab what is published, on Binder what it makes."""
    colab = f"https://colab.research.google.com/github/{repository}/blob/gh-pages/{FOLDER}/{page}.ipynb"
    binder = f"https://mybinder.org/v2/gh/{repository}/HEAD?labpath={page}.ipynb"
    return [
        button("Open in Colab", colab, "Run this chapter on a machine of Colab", "fas fa-play"),
        button("Launch on Binder", binder, "Run this chapter on a machine of Binder", "fas fa-play"),
    ]


def button(text: str, url: str, tooltip: str, icon: str) -> dict[str, str]:
    """Return a link as the theme draws it."""
    return {"type": "link", "text": text, "url": url, "tooltip": tooltip, "icon": icon}


def write(app: Sphinx, error: Exception | None) -> None:
    """Write a notebook for each chapter into the folder of the built book, where Colab finds it."""
    if error is not None or app.builder.format != "html":
        return
    root = Path(app.srcdir)
    for page in sorted(app.env.found_docs):
        if has_code(root / f"{page}.md"):
            path = Path(app.outdir) / FOLDER / f"{page}.ipynb"
            path.parent.mkdir(parents=True, exist_ok=True)
            nbformat.write(notebook(root / f"{page}.md", head(app)), path)


def main(repository: str, page: str, out: str) -> None:
    """Write one chapter's notebook as a book published from a repository has it; the weekly workflow runs it."""
    root = Path(__file__).parents[2]
    cell = install_cell(repository, (root / "requirements.txt").read_text(encoding="utf-8"))
    nbformat.write(notebook(root / f"{page}.md", cell), out)


def carried(path: Path, head: str) -> str:
    """Return an address that is itself the notebook: from disk, a browser would open a file's address, not keep it."""
    data = base64.b64encode(nbformat.writes(notebook(path, head)).encode())
    return f"data:application/x-ipynb+json;name={path.stem}.ipynb;base64,{data.decode()}"


def head(app: Sphinx) -> str:
    """Return the first cell of each notebook; empty if the book is not published."""
    return install_cell(app.config[SETTING], (Path(app.srcdir) / "requirements.txt").read_text(encoding="utf-8"))


def notebook(path: Path, head: str) -> nbformat.NotebookNode:
    """Return a chapter as a notebook without outputs; its first cell is `head`, if there is one."""
    made = jupytext.read(path, fmt="md:myst")
    if head:
        made.cells.insert(0, nbformat.v4.new_code_cell(head))
    for number, cell in enumerate(made.cells):
        cell["id"] = f"cell-{number}"  # else drawn by chance, and equal books would differ
    return made


def install_cell(repository: str, requirements: str) -> str:
    """Return the cell that makes a published chapter run where nothing is installed; empty if it is not published.

    Versions are left open: the machine's own packages stay, since a running kernel has them loaded.
    """
    if not repository:
        return ""
    library = requirements.partition("# the library\n")[2].partition("# the book\n")[0]
    packages = " ".join(line.partition("==")[0] for line in library.splitlines())
    return CELL.format(repository=repository, packages=packages)


if __name__ == "__main__":
    main(*sys.argv[1:])
