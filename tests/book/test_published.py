"""What is offered where the book is published, and nowhere else: its PDF, and an address to cite."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import published
import pytest
import yaml
from notebooks import SETTING

ROOT = Path(__file__).parents[2]
FIRST = (ROOT / "index.md").read_text(encoding="utf-8")


class Config(dict[str, str]):
    """A build's settings."""

    root_doc = "index"


def read(repository: str, page: str = "index") -> str:
    """Return the text of the first page as a build reads it."""
    source = [FIRST]
    published.cite(SimpleNamespace(config=Config({SETTING: repository})), page, source)
    return source[0]


def test_the_entry_to_cite_has_an_address_only_if_there_is_one() -> None:
    assert read("") == FIRST
    assert read("someone/tickets", "book/speed") == FIRST
    line = "  url = {https://github.com/someone/tickets},\n"
    given = read("someone/tickets")
    assert given.replace(line, "") == FIRST
    assert f"  year = {{2026}},\n{line}}}\n```" in given


@pytest.mark.parametrize(("repository", "offered"), [("", []), ("someone/tickets", ["../lottery-tickets.pdf"])])
def test_the_pdf_is_among_the_downloads_only_if_it_lies_beside_the_pages(repository: str, offered: list[str]) -> None:
    downloads: list[dict[str, str]] = []
    buttons = [{"label": "launch-buttons", "buttons": []}, {"label": "download-buttons", "buttons": downloads}]
    context = {"header_buttons": buttons, "pathto": lambda name, _: f"../{name}"}
    published.offer(SimpleNamespace(config={SETTING: repository}), "book/speed", "page.html", context, None)
    assert [link["url"] for link in downloads] == offered
    assert not buttons[0]["buttons"]


def test_a_page_without_downloads_is_left_alone() -> None:
    context = {"pathto": lambda name, _: name}
    published.offer(SimpleNamespace(config={SETTING: "someone/tickets"}), "search", "search.html", context, None)
    assert "header_buttons" not in context


def test_the_workflow_puts_the_pdf_where_the_pages_look_for_it() -> None:
    made = f"_build/{published.PDF}"
    assert f"book/ext/pdf.py $(html) {made}\n" in (ROOT / "Makefile").read_text(encoding="utf-8")
    flow = yaml.safe_load((ROOT / ".github" / "workflows" / "publish.yml").read_text(encoding="utf-8"))
    said = "\n".join(step.get("run", "") for step in flow["jobs"]["publish"]["steps"])
    made_at, copied, pushed = (said.index(words) for words in ("make pdf", f"cp {made} _build/html/\n", "git push"))
    assert made_at < copied < pushed
