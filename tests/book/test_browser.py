"""The built book as a reader has it: opened from disk, without a network and without a kernel."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe import AXE, RUN_AXE
from chapters import notebooks, pages, source
from chromium import READY
from selenium.webdriver import ActionChains, Chrome, Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

UNFOLD = """
const numbers = [...document.querySelectorAll('.lth-numbers')].slice(0, 2);  // all are of one form, and long
[...document.querySelectorAll('details:not(.lth-numbers)'), ...numbers].forEach((one) => { one.open = true; });
document.querySelectorAll('.toggle-button-hidden').forEach((one) => one.click());
"""
FOLD = "document.querySelectorAll('details[open]').forEach((one) => { one.open = false; });"

LONGEST = 200
"""Seconds that axe may take of a page: one has tens of thousands of elements."""

VIEWS = [("light", 1400), ("light", 390), ("dark", 390), ("dark", 1400)]
"""Theme and width; an open page goes from one to the next."""

MADE = ("genindex", "py-modindex", "search")
"""Pages that are in no table of contents."""

LOCAL = ("file:", "data:", "blob:", "about:")


@pytest.fixture
def opened(book: Path, browser: Chrome) -> Callable[[str], Chrome]:
    """Return a function that opens a page and waits until its sliders and mathematics are there."""

    def open_page(page: str) -> Chrome:
        browser.get("about:blank")
        browser.get_log("browser")
        browser.get_log("performance")
        browser.get((book / f"{page}.html").as_uri())
        wait(browser, lambda: browser.execute_script(READY))
        return browser

    return open_page


@pytest.fixture(scope="module", params=[*pages(), *MADE])
def name(request: pytest.FixtureRequest) -> str:
    """Return each page in turn, for all tests of pages."""
    return str(request.param)


@pytest.fixture
def page(name: str, book: Path, browser: Chrome, opened: Callable[[str], Chrome]) -> Chrome:
    """Open a page, unless it is open."""
    return browser if browser.current_url == (book / f"{name}.html").as_uri() else opened(name)


def wait(browser: Chrome, condition: Callable[[], Any]) -> Any:
    """Wait until `condition()` holds and return what it returned."""
    return WebDriverWait(browser, 20, poll_frequency=0.05).until(lambda _: condition())


def settle(browser: Chrome) -> None:
    """Wait until what watches the width has seen it, and nothing moves or changes its colour any more."""
    # The theme waits 300 ms after a change before what is scrolled can be reached by keyboard.
    browser.execute_async_script("const [done] = arguments; requestAnimationFrame(() => setTimeout(done, 400));")
    wait(browser, lambda: browser.execute_script("return document.getAnimations().length === 0"))


def requested(browser: Chrome) -> set[str]:
    """Return every address that the page has asked for."""
    events = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    sent = [event["params"] for event in events if event["method"] == "Network.requestWillBeSent"]
    opened = [event["params"]["url"] for event in events if event["method"] == "Network.webSocketCreated"]
    return {params["request"]["url"] for params in sent} | set(opened)


def test_a_page_is_whole_without_a_network(page: Chrome) -> None:
    requests = requested(page)
    assert page.current_url in requests, "the record of requests is empty"
    assert not {url for url in requests if not url.startswith(LOCAL)}
    errors = [entry["message"] for entry in page.get_log("browser") if entry["level"] == "SEVERE"]
    assert not errors
    shown = "[...document.images].filter(image => !image.hidden)"  # the others are read once they are
    assert page.execute_script(f"return {shown}.every(image => image.complete && image.naturalWidth > 0)")
    assert not page.find_elements(By.CSS_SELECTOR, "mjx-merror"), "a formula is not understood"


def test_axe_finds_no_violation(page: Chrome) -> None:
    page.set_script_timeout(LONGEST)
    page.execute_script(AXE)
    try:
        assert not {(theme, width): found for theme, width in VIEWS if (found := violations(page, theme, width))}
    finally:
        page.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def violations(page: Chrome, theme: str, width: int) -> str:
    """Return what axe says of the open page in a theme and at so many pixels of width, as on a phone."""
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    scheme = [{"name": "prefers-color-scheme", "value": theme}]
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": scheme})
    wait(page, lambda: page.execute_script("return document.documentElement.dataset.theme") == theme)
    page.execute_script(UNFOLD if (theme, width) == VIEWS[2] else FOLD)  # once, where all is narrow and dark
    settle(page)
    return report(page.execute_async_script(RUN_AXE))


def report(violations: list[dict[str, Any]]) -> str:
    """Return what is wrong, and where, a line each."""
    return "\n".join(
        f"{violation['id']}: {violation['help']}\n    {node['html'][:200]}\n    {node['failureSummary'][:300]}"
        for violation in violations
        for node in violation["nodes"][:4]
    )


def test_mathematics_is_typeset(opened: Callable[[str], Chrome]) -> None:
    browser = opened(next(page for page in pages() if source(page).count("$") > 1))
    assert browser.find_elements(By.CSS_SELECTOR, "mjx-container")
    fonts = browser.execute_async_script(
        "const done = arguments[0];"
        "document.fonts.ready.then(f => done([...f].filter(x => x.status === 'loaded').map(x => x.family)))"
    )
    assert any("MJX" in font for font in fonts), "the fonts of the mathematics are not served with the book"


def sliders(browser: Chrome) -> list[WebElement]:
    """Return the pictures with a slider of the open page."""
    return browser.find_elements(By.CSS_SELECTOR, ".lth-frames")


def shown(box: WebElement) -> str:
    """Return the alternative text of the one frame that a slider shows."""
    visible = [image for image in box.find_elements(By.CSS_SELECTOR, "img.lth-frame") if image.is_displayed()]
    assert len(visible) == 1
    assert visible[0].size["width"] > 100
    return visible[0].get_attribute("alt") or ""


def handle_of(box: WebElement) -> WebElement:
    """Return the part of a slider that is focused and dragged."""
    return box.find_element(By.CSS_SELECTOR, "input")


def test_some_page_has_a_slider(opened: Callable[[str], Chrome]) -> None:
    assert any(sliders(opened(page)) for page in notebooks())


def test_every_slider_moves_its_figure_by_keyboard(page: Chrome) -> None:
    for box in sliders(page):
        handle = handle_of(box)
        seen = []
        for key in (Keys.HOME, Keys.ARROW_RIGHT, Keys.ARROW_LEFT, Keys.END):
            handle.send_keys(key)
            seen.append(shown(box))
            assert f": {handle.get_attribute('aria-valuetext')}. " in seen[-1], "figure and slider disagree"
            assert box.find_element(By.CSS_SELECTOR, "strong").text == handle.get_attribute("aria-valuetext")
        assert seen[0] == seen[2] != seen[1], "the arrow keys do not move the figure"
        assert seen[3] != seen[0]
        said = box.find_element(By.CSS_SELECTOR, "[aria-live]")
        # Once the slider rests; on a busy machine it may have rested, and been said, between two keys.
        wait(page, lambda said=said, last=seen[3]: said.get_property("textContent") == last)


def test_every_slider_moves_its_figure_by_mouse(page: Chrome) -> None:
    for box in sliders(page):
        handle = handle_of(box)
        page.execute_script("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", handle)
        end = handle.size["width"] // 2 - 4
        seen = []
        for offset in (end, -end):
            ActionChains(page).move_to_element_with_offset(handle, offset, 0).click().perform()
            seen.append(shown(box))
        assert seen[0] != seen[1], "a click on the track does not move the figure"
        ActionChains(page).move_to_element_with_offset(handle, -end, 0).click_and_hold().move_by_offset(
            2 * end, 0
        ).release().perform()
        assert shown(box) == seen[0], "dragging does not move the figure"


def test_every_slider_has_a_name_and_room_for_a_finger(page: Chrome) -> None:
    for box in sliders(page):
        label = box.find_element(By.CSS_SELECTOR, "label span").text
        handle = handle_of(box)
        assert label
        assert handle.accessible_name == label
        assert handle.aria_role == "slider"
        assert handle.get_attribute("aria-valuetext")
        assert handle.size["height"] >= 44
        texts = [image.get_attribute("alt") for image in box.find_elements(By.CSS_SELECTOR, "img")]
        assert len(set(texts)) == len(texts), "two frames are described by the same words"


def test_what_belongs_to_a_number_is_shown_on_focus_until_escape(opened: Callable[[str], Chrome]) -> None:
    browser = opened("book/initialisation")
    values = browser.find_elements(By.CSS_SELECTOR, ".lth-value:has(.lth-more)")
    every = [(one, one.find_element(By.CSS_SELECTOR, ".lth-more")) for one in values]
    number, more = next(one for one in every if ", n = " in one[1].get_property("textContent"))  # others have a list
    assert more.get_property("offsetHeight") <= 1
    browser.execute_script("arguments[0].focus()", number)
    assert more.get_property("offsetHeight") > 10
    number.send_keys(Keys.ESCAPE)
    assert more.get_property("offsetHeight") == 0
    browser.execute_script("arguments[0].blur(); arguments[0].focus()", number)
    assert more.get_property("offsetHeight") > 10, "it comes back with the reader"


def found(browser: Chrome, book: Path, query: str) -> list[str]:
    """Return the pages that a search finds, in the order in which it shows them."""
    browser.get((book / "search.html").as_uri() + f"?q={query}")
    wait(browser, lambda: "finished" in browser.find_element(By.CSS_SELECTOR, "#search-results .search-summary").text)
    links = browser.execute_script("return [...document.querySelectorAll('#search-results li a')].map(a => a.href)")
    return [urlsplit(link).path.removeprefix(f"{book}/").removesuffix(".html") for link in links]


def test_a_search_finds_what_explains_a_word_before_the_library(book: Path, browser: Chrome) -> None:
    browser.get_log("browser")
    pages_found = found(browser, book, "mask")
    assert not [entry["message"] for entry in browser.get_log("browser") if entry["level"] == "SEVERE"]
    first = pages_found.index("book/api")
    assert pages_found[0] == "book/glossary"
    assert {"book/algebra", "book/initialisation"} <= set(pages_found[:first])
    assert set(pages_found[first:]) == {"book/api"}, "a page stands behind the library"
    assert "book/api" in found(browser, book, "kernels.machine"), "the library is not found"
