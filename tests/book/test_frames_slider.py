"""Pictures that a slider shows: by keyboard, said once it rests; the first alone without a script; scrolled if wide."""

from __future__ import annotations

from pathlib import Path

import matplotlib.pyplot as plt
import pytest
from selenium.webdriver import Chrome, Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from lth_lib.report import widgets

STATIC = Path(__file__).parents[2] / "book" / "static"
MOVES = """
const [slider, said] = arguments;
const before = said.textContent;
slider.value = 2;
slider.dispatchEvent(new Event('input'));
return said.textContent !== before;
"""
"""A script that moves a slider, and returns whether anything new is said at once."""
LABELS = ["100 %", "51.3 %", "21 %"]


def page(folder: Path, script: bool) -> str:
    """Write a page with three pictures alone, and return its address."""
    drawn = [plt.figure(figsize=(7, 2)) for _ in LABELS]
    for place, figure in enumerate(drawn):
        figure.subplots().plot([0, place])
    inside = widgets.shown(drawn, LABELS, name="Density", alt=["Flat.", "Up.", "Steep."], caption="", start=1)
    head = f"<style>{(STATIC / 'book.css').read_text()}</style>"
    run = f"<script>{(STATIC / 'frames.js').read_text()}</script>" if script else ""
    path = folder / "frames.html"
    path.write_text(f"<!doctype html><html lang='en'><meta charset='utf-8'>{head}{inside['text/html']}{run}</html>")
    return path.as_uri()


def seen(browser: Chrome) -> list[str | None]:
    """Return what is said of the pictures that are seen."""
    images = browser.find_elements(By.CSS_SELECTOR, "img")
    return [image.get_attribute("alt") for image in images if image.is_displayed()]


def test_the_slider_shows_one_picture_and_says_it_once_it_rests(tmp_path: Path, browser: Chrome) -> None:
    browser.get(page(tmp_path, script=True))
    slider, said = browser.find_element(By.CSS_SELECTOR, "input"), browser.find_element(By.CSS_SELECTOR, "[aria-live]")
    assert (slider.accessible_name, slider.aria_role) == ("Density", "slider")
    assert seen(browser) == ["Density: 51.3 %. Up."]
    slider.send_keys(Keys.ARROW_RIGHT)
    assert seen(browser) == ["Density: 21 %. Steep."]
    assert slider.get_attribute("aria-valuetext") == "21 %"
    slider.send_keys(Keys.HOME)
    assert seen(browser) == ["Density: 100 %. Flat."]
    WebDriverWait(browser, 5).until(lambda _: said.get_property("textContent") == "Density: 100 %. Flat.")
    assert not browser.execute_script(MOVES, slider, said), "it is said while the slider still moves"


def test_without_a_script_the_first_picture_is_shown_and_no_slider(tmp_path: Path, browser: Chrome) -> None:
    browser.get(page(tmp_path, script=False))
    assert seen(browser) == ["Density: 51.3 %. Up."]
    assert not browser.find_element(By.CSS_SELECTOR, "input").is_displayed()


@pytest.mark.parametrize(("width", "wide"), [(1400, False), (390, True)])
def test_what_is_wider_than_the_screen_is_scrolled_by_keyboard(
    tmp_path: Path, browser: Chrome, width: int, wide: bool
) -> None:
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    browser.get(page(tmp_path, script=True))
    place = browser.find_element(By.CSS_SELECTOR, ".lth-wide")
    WebDriverWait(browser, 5).until(lambda _: (place.get_attribute("tabindex") == "0") == wide)
    assert place.get_attribute("role") == ("region" if wide else "group")
    assert browser.execute_script("return document.documentElement.scrollWidth") == width
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
