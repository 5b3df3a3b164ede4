"""What a reader takes along: notebooks that run elsewhere, and one PDF."""

from __future__ import annotations

import json
import os
import re
import shutil
import site
import subprocess
import sys
import venv
from pathlib import Path
from types import SimpleNamespace

import accessible
import nbformat
import notebooks
import one_table
import pdf
import pytest
import yaml
from pypdf import PdfReader
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait
from sphinx.errors import ConfigError

ROOT = Path(__file__).parents[2]
REQUIREMENTS = (ROOT / "requirements.txt").read_text(encoding="utf-8")
CHAPTER = "book/finding-a-ticket"


def cells(head: str) -> list[str]:
    """Return what stands in the cells of a chapter's notebook that begins with `head`."""
    return [cell.source for cell in notebooks.notebook(ROOT / f"{CHAPTER}.md", head).cells]


def test_a_notebook_of_a_published_book_begins_with_what_fetches_it() -> None:
    head = notebooks.install_cell("someone/tickets", REQUIREMENTS)
    assert "github.com/someone/tickets " in head
    assert "universal_pathlib" in head
    assert "sphinx" not in head
    assert cells(head) == [head, *cells("")]
    assert cells("")[0].startswith("# Finding a ticket")


def test_an_unpublished_book_names_no_repository() -> None:
    assert notebooks.install_cell("", REQUIREMENTS) == ""


def offered(repository: str) -> dict[str, list[str]]:
    """Return where the buttons on a chapter's page lead, by the label of their group."""
    buttons = [{"label": "download-buttons", "buttons": []}]
    app = SimpleNamespace(srcdir=ROOT, config={notebooks.SETTING: repository})
    notebooks.offer(app, CHAPTER, "page.html", {"header_buttons": buttons}, None)
    return {group["label"]: [button["url"] for button in group["buttons"]] for group in buttons}


def test_a_page_offers_its_notebook_and_elsewhere_only_if_it_is_published() -> None:
    (download,) = offered("").pop("download-buttons")
    assert download == notebooks.carried(ROOT / f"{CHAPTER}.md", "")
    assert list(offered("")) == ["download-buttons"]
    colab, binder = offered("someone/tickets").pop("launch-buttons")
    assert colab.endswith(f"/github/someone/tickets/blob/gh-pages/notebooks/{CHAPTER}.ipynb")
    assert binder.endswith(f"/gh/someone/tickets/HEAD?labpath={CHAPTER}.ipynb")


def test_a_notebook_from_disk_is_kept_under_its_name(browser: Chrome, tmp_path: Path) -> None:
    head = notebooks.install_cell("someone/tickets", REQUIREMENTS)
    link = f'<a href="{notebooks.carried(ROOT / f"{CHAPTER}.md", head)}" target="_blank">Notebook</a>'
    (tmp_path / "page.html").write_text(accessible.repair(link), encoding="utf-8")
    browser.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(tmp_path)})
    browser.get((tmp_path / "page.html").as_uri())
    browser.find_element(By.TAG_NAME, "a").click()
    kept = tmp_path / "finding-a-ticket.ipynb"
    WebDriverWait(browser, 10, poll_frequency=0.05).until(lambda _: kept.exists())
    assert [cell.source for cell in nbformat.read(kept, 4).cells] == cells(head)


def test_a_setting_that_is_no_repository_is_refused() -> None:
    notebooks.check(None, {notebooks.SETTING: "someone/tickets"})
    with pytest.raises(ConfigError, match="give owner/name"):
        notebooks.check(None, {notebooks.SETTING: "https://github.com/someone/tickets"})


@pytest.fixture
def published(tmp_path: Path) -> Path:
    """Return a repository that holds the library."""
    place = tmp_path / "published"
    shutil.copytree(ROOT / "lth_lib", place / "lth_lib", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", place)
    (place / "book" / "results").mkdir(parents=True)
    me = ["-c", "user.name=me", "-c", "user.email=me@localhost"]
    for command in (["init"], ["add", "--all"], [*me, "commit", "--message", "All."]):
        subprocess.run(["git", *command], cwd=place, check=True, capture_output=True)
    return place


def test_the_first_cell_makes_the_library_importable_where_it_is_not(published: Path, tmp_path: Path) -> None:
    # The same packages without the library: a path file of another environment's is not read.
    venv.create(tmp_path / "bare", with_pip=False, symlinks=True)
    python = tmp_path / "bare" / "bin" / "python"
    (folder,) = (tmp_path / "bare" / "lib").glob("python*/site-packages")
    (folder / "packages.pth").write_text("\n".join(site.getsitepackages()))
    head = notebooks.install_cell("someone/tickets", REQUIREMENTS)
    (tmp_path / "cell.ipy").write_text(f"{head}\nfrom lth_lib.environment import HERE\nprint('found in', HERE)\n")
    git = {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{published.as_uri()}.insteadOf",
        "GIT_CONFIG_VALUE_0": "https://github.com/someone/tickets",
    }
    home = {"HOME": str(tmp_path), "PATH": os.environ["PATH"], "PIP_NO_INDEX": "1"}
    program = [python, "-m", "IPython", "--no-banner", "cell.ipy"]
    ran = subprocess.run(program, cwd=tmp_path, env=home | git, capture_output=True, text=True, check=False)
    assert f"found in {tmp_path / 'lottery-tickets'}" in ran.stdout, ran.stdout + ran.stderr


def test_binder_makes_the_notebook_that_its_link_opens(tmp_path: Path) -> None:
    for page in ("index.md", f"{CHAPTER}.md", "book/glossary.md"):
        (tmp_path / page).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / page, tmp_path / page)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").write_text(f'#!/bin/bash\necho "$@" >> {tmp_path}/asked\n')
    (tmp_path / "bin" / "python").chmod(0o755)
    path = f"{tmp_path / 'bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    subprocess.run([ROOT / "binder" / "postBuild"], cwd=tmp_path, env=os.environ | {"PATH": path}, check=True)
    assert {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.ipynb")} == {
        "index.ipynb",
        f"{CHAPTER}.ipynb",
    }
    assert json.loads((tmp_path / f"{CHAPTER}.ipynb").read_text())["nbformat"] == 4
    assert "--editable ." in (tmp_path / "asked").read_text()


def test_the_data_dictionary_has_each_column() -> None:
    assert one_table.dictionary({"level": "How often.", "seed": "Which."}) == (
        "\n`level`\n: How often.\n\n`seed`\n: Which.\n"
    )


def test_printed_pages_are_one_document_whose_links_stay_inside(browser: Chrome, tmp_path: Path) -> None:
    style = (ROOT / "book" / "static" / "book.css").read_text(encoding="utf-8")
    links = '<a href="two.html#there">on</a> <a href="table.csv">table</a> <a href="https://example.org/">out</a>'
    for name, text in {"one": links, "two": "The end."}.items():
        side = '<div class="bd-sidebar-primary">Sidebar</div>'
        head = f"<title>{name}</title><style>{style}</style>"
        (tmp_path / f"{name}.html").write_text(f"{head}{side}<h1>Page {name}</h1><p>{text}</p>")
    paths = [tmp_path / "one.html", tmp_path / "two.html"]
    pdf.join([(path, pdf.print_page(browser, path)) for path in paths]).write(tmp_path / "book.pdf")
    book = PdfReader(tmp_path / "book.pdf")
    assert [entry.title for entry in book.outline if not isinstance(entry, list)] == ["Page one", "Page two"]
    assert "Sidebar" not in "".join(page.extract_text() for page in book.pages)
    found = [reference.get_object() for reference in book.pages[0]["/Annots"]]
    assert [link["/Dest"][0].get_object() for link in found if "/Dest" in link] == [book.pages[1]]
    assert [pdf.address(link) for link in found if pdf.address(link)] == ["https://example.org/"]


@pytest.mark.parametrize("name", ["publish", "weekly"])
def test_a_workflow_makes_what_there_is_to_make(name: str) -> None:
    flow = yaml.safe_load((ROOT / ".github" / "workflows" / f"{name}.yml").read_text(encoding="utf-8"))
    said = [step.get("run", "") for job in flow["jobs"].values() for step in job["steps"]]
    targets = re.findall(r"make (\w+)", "\n".join(said))
    known = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert targets
    assert known is not None
    assert set(targets) <= set(known[1].split())
