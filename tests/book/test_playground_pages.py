"""The playground in the built book: loaded where it is, light, and soon ready."""

from __future__ import annotations

import gzip
from pathlib import Path
from urllib.parse import unquote, urlparse

import pytest
from chapters import pages, source
from selenium.webdriver import Chrome
from selenium.webdriver.support.ui import WebDriverWait

MARK = 'class="lth-playground"'
PLAYED = [page for page in pages() if MARK in source(page)]
LARGEST = 1_500_000
"""Bytes of a page and all that it asks for, over the wire."""
SOON = 1_500
"""Milliseconds after which a page from disk is ready."""

WATCH = """
document.addEventListener("DOMContentLoaded", () => {
  const el = document.querySelector(".lth-playground");
  new MutationObserver(() => { window.readyAt ??= performance.now(); }).observe(el, {attributeFilter: ["data-ready"]});
});
"""


def test_some_page_has_a_playground() -> None:
    assert PLAYED


@pytest.mark.parametrize("page", pages())
def test_its_files_are_loaded_where_it_is_and_nowhere_else(page: str, book: Path) -> None:
    html = (book / f"{page}.html").read_text(encoding="utf-8")
    named = [name for name in ("playground.css", "digits.js", "playground.js") if f"_static/playground/{name}" in html]
    assert len(named) == (3 if page in PLAYED else 0)


@pytest.mark.parametrize("page", PLAYED)
def test_a_page_with_it_is_light_and_soon_ready(page: str, book: Path, browser: Chrome) -> None:
    browser.execute_cdp_cmd("Page.enable", {})
    watching = browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": WATCH})
    took = []
    for _ in range(3):  # the machine may be busy with something else
        browser.get((book / f"{page}.html").as_uri())
        WebDriverWait(browser, 20).until(lambda driver: driver.execute_script("return window.readyAt"))
        took.append(browser.execute_script("return window.readyAt"))
    browser.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", watching)
    loaded = "return [location.href, ...performance.getEntriesByType('resource').map((one) => one.name)]"
    files = {Path(unquote(urlparse(url).path)) for url in browser.execute_script(loaded) if url.startswith("file:")}
    assert any(path.name == "digits.js" for path in files)
    assert sum(len(gzip.compress(path.read_bytes())) for path in files) < LARGEST
    assert min(took) < SOON, took
