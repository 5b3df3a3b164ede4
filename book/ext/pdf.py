"""Print the built book as one PDF: each page by Chromium, joined, with an outline and links that stay inside."""

from __future__ import annotations

import base64
import io
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlsplit

import chromium
import yaml
from pypdf import PageObject, PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject
from selenium.webdriver import Chrome
from selenium.webdriver.support.ui import WebDriverWait

ROOT = Path(__file__).parents[2]
TITLE = "The Lottery Ticket Hypothesis: an executable book"
PAPER = {"paperWidth": 8.27, "paperHeight": 11.69, "marginLeft": 0.6, "marginRight": 0.6}
"""A4, in inches; the margins above and below are Chromium's own."""
HOW = {**PAPER, "printBackground": True, "scale": 0.8, "generateDocumentOutline": True}
LIGHT = {"media": "print", "features": [{"name": "prefers-color-scheme", "value": "light"}]}


def chapters(root: Path) -> list[str]:
    """Return the pages of the table of contents, the first page first."""
    contents = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    return [contents["root"], *(chapter["file"] for part in contents["parts"] for chapter in part["chapters"])]


def print_page(browser: Chrome, path: Path) -> bytes:
    """Return a page as PDF, in light colours, once its sliders and mathematics are there."""
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", LIGHT)
    browser.get(path.as_uri())
    WebDriverWait(browser, 30, poll_frequency=0.1).until(lambda _: browser.execute_script(chromium.READY))
    return base64.b64decode(browser.execute_cdp_cmd("Page.printToPDF", HOW)["data"])


def join(printed: Sequence[tuple[Path, bytes]]) -> PdfWriter:
    """Return the printed pages as one document: the outline has each, and links between them lead inside it."""
    writer = PdfWriter()
    writer.add_metadata({"/Title": TITLE})
    starts: dict[Path, PageObject] = {}
    for path, data in printed:
        first = len(writer.pages)
        writer.append(PdfReader(io.BytesIO(data)))
        starts[path] = writer.pages[first]
    for link in file_links(writer):
        redirect(link, starts)
    return writer


def file_links(writer: PdfWriter) -> Iterator[DictionaryObject]:
    """Yield the links of a document that lead to a file of this machine."""
    for page in writer.pages:
        for reference in page.get("/Annots", ()):
            link = reference.get_object()
            if address(link).startswith("file:"):
                yield link


def address(link: DictionaryObject) -> str:
    """Return where a link leads; empty if that is within its own page."""
    return str(link.get("/A", DictionaryObject()).get_object().get("/URI", ""))


def redirect(link: DictionaryObject, starts: dict[Path, PageObject]) -> None:
    """Let a link lead to where its page begins; what is not in the document is a link no longer."""
    target = Path(unquote(urlsplit(urldefrag(address(link)).url).path))
    del link["/A"]
    if target in starts:
        link[NameObject("/Dest")] = ArrayObject([starts[target].indirect_reference, NameObject("/Fit")])


def main(built: Path, out: Path) -> None:
    """Print every page of the book in the folder `built` into the file `out`."""
    paths = [(built / f"{page}.html").resolve() for page in chapters(ROOT)]
    with tempfile.TemporaryDirectory() as profile:
        browser = chromium.start(Path(profile))
        try:
            document = join([(path, print_page(browser, path)) for path in paths])
        finally:
            browser.quit()
    document.write(out)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
