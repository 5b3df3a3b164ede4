"""The playground in the built book: loaded where it is, light, and soon ready."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from chapters import pages, source
from playing import Playground
from selenium.webdriver import Chrome
from selenium.webdriver.support.ui import WebDriverWait

MARK = 'class="lth-playground"'
PLAYED = [page for page in pages() if MARK in source(page)]
OWN = ("playground.css", "digits.js", "playground.js")
LARGEST = 250_000
"""Bytes of all three over the wire: a sixth of what a page may have."""
SOON = 1_000
"""Milliseconds that it needs, once its page is there."""

WATCH = """
document.addEventListener("DOMContentLoaded", () => {
  const el = document.querySelector(".lth-playground");
  new MutationObserver(() => { window.readyAt ??= performance.now(); }).observe(el, {attributeFilter: ["data-ready"]});
});
"""

SCREENS = {"desktop": (1300, 900), "phone": (390, 844)}
NEEDED = ".lth-playground button, .lth-play-said, .lth-play-curves > svg, .lth-play-legend"
"""What a reader presses, reads and watches to find a ticket and race it."""
LOWEST = """
const bottoms = [...document.querySelectorAll(arguments[0])].map((one) => one.getBoundingClientRect().bottom + scrollY);
return Math.max(...bottoms);
"""

SINCE = "return window.readyAt - performance.getEntriesByType('navigation')[0].loadEventEnd"


def test_some_page_has_a_playground() -> None:
    assert PLAYED


@pytest.mark.parametrize("page", pages())
def test_its_files_are_loaded_where_it_is_and_nowhere_else(page: str, book: Path) -> None:
    html = (book / f"{page}.html").read_text(encoding="utf-8")
    named = [name for name in OWN if f"_static/playground/{name}" in html]
    assert named == (list(OWN) if page in PLAYED else [])


def test_its_files_are_light(book: Path) -> None:
    sizes = {name: len(gzip.compress((book / "_static" / "playground" / name).read_bytes())) for name in OWN}
    assert sum(sizes.values()) < LARGEST, sizes


@pytest.mark.parametrize("page", PLAYED)
def test_it_is_ready_soon_after_its_page(page: str, book: Path, browser: Chrome) -> None:
    browser.execute_cdp_cmd("Page.enable", {})
    watching = browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": WATCH})
    took = []
    for _ in range(3):  # the machine may be busy with something else
        browser.get((book / f"{page}.html").as_uri())
        WebDriverWait(browser, 20).until(lambda driver: driver.execute_script("return window.readyAt"))
        took.append(browser.execute_script(SINCE))
    browser.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", watching)
    assert min(took) < SOON, took


@pytest.mark.parametrize("screen", SCREENS)
def test_a_ticket_is_found_and_raced_on_the_second_screen(screen: str, book: Path, browser: Chrome) -> None:
    width, height = SCREENS[screen]
    view = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": screen == "phone"}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", view)
    still = [{"name": "prefers-reduced-motion", "value": "reduce"}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": still})
    browser.get((book / "index.html").as_uri())
    playground = Playground(browser)
    assert playground.script(LOWEST, ".lth-loop") <= height, "what is dragged is on the first"
    playground.press("train", "prune", "race")
    assert playground.said.startswith("The race is over.")
    assert playground.script(LOWEST, NEEDED) <= 2 * height
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
