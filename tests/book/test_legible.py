"""Figures as readers see them: dark on a dark page, and with text that can be read on a phone."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from chapters import notebooks, pages
from chromium import READY
from PIL import Image
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from lth_lib.report.pictures import NIGHT, SMALLEST

SIZES = r"""
return [...document.querySelectorAll('img.lth-frame')].filter(image => image.offsetWidth).map((image) => {
  const svg = decodeURIComponent(image.currentSrc);
  const letters = [...svg.matchAll(/font(?:-size)?: [^;"]*?([\d.]+)px/g)].map(found => Number(found[1]));
  return Math.min(...letters) * image.offsetWidth / Number(svg.match(/viewBox="0 0 ([\d.]+) /)[1]);
});
"""
"""A script that returns, of each picture that is shown, the pixels of its smallest text."""

SMALL = """
const across = '.bd-header-article .btn, .bd-article .toggle-button, .bd-article .copybtn';
const small = (names, side) => [...document.querySelectorAll(names)].filter(one => one.offsetHeight && one[side] < 44);
return [...small(`${across}, .bd-article summary`, 'offsetHeight'), ...small(across, 'offsetWidth')]
  .map(one => one.outerHTML.slice(0, 200));
"""
"""A script that returns what is pressed, copied or folded and too small for a finger."""


@pytest.fixture
def phone(browser: Chrome) -> Iterator[Chrome]:
    """Give the browser the width of a phone for a test."""
    size = {"width": 390, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    yield browser
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def opened(browser: Chrome, path: Path) -> None:
    """Open a page, and wait until it is whole."""
    browser.get(path.as_uri())
    WebDriverWait(browser, 20, poll_frequency=0.05).until(lambda _: browser.execute_script(READY))


@pytest.mark.parametrize("page", pages())
def test_on_a_phone_a_page_fits_and_is_large_enough_to_read_and_touch(page: str, book: Path, phone: Chrome) -> None:
    opened(phone, book / f"{page}.html")
    assert all(size >= SMALLEST for size in phone.execute_script(SIZES))
    over = phone.execute_script("const one = document.documentElement; return one.scrollWidth - one.clientWidth")
    assert over == 0, "it scrolls to one side"
    assert phone.execute_script(SMALL) == []


def test_some_page_has_a_picture(book: Path, phone: Chrome) -> None:
    opened(phone, book / "book/structure.html")
    assert "book/structure" in notebooks()
    assert phone.execute_script(SIZES)


@pytest.mark.parametrize("page", notebooks())
def test_the_numbers_of_every_figure_are_folded_under_it_unless_it_is_a_picture(page: str, book: Path) -> None:
    text = (book / f"{page}.html").read_text(encoding="utf-8")
    for figure in re.findall(r'<figure class="lth-figure">.*?</figure>', text, flags=re.S):
        told = figure.partition("<figcaption")[2]
        assert told.startswith(' class="lth-picture"') != ('<details class="lth-numbers">' in figure), told


def light(browser: Chrome) -> float:
    """Return how light the first picture that is shown is, from 0 to 1."""
    first = next(one for one in browser.find_elements(By.CSS_SELECTOR, "img.lth-frame") if one.is_displayed())
    return float(np.asarray(Image.open(io.BytesIO(first.screenshot_as_png)).convert("L")).mean() / 255)


def test_pictures_follow_the_page_from_light_to_dark(book: Path, browser: Chrome) -> None:
    scheme = [{"name": "prefers-color-scheme", "value": "light"}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": scheme})
    opened(browser, book / "book/structure.html")
    assert light(browser) > 0.9
    browser.execute_script("document.documentElement.dataset.theme = 'dark'")
    WebDriverWait(browser, 5).until(lambda _: light(browser) < 0.2)
    ground = browser.execute_script("return getComputedStyle(document.body).backgroundColor")
    assert ground == f"rgb({NIGHT}, {NIGHT}, {NIGHT})"
