"""The loop's slider moves by keyboard, says where it is, and draws what it says; without a script it is not there."""

from __future__ import annotations

from pathlib import Path

from selenium.webdriver import Chrome, Keys
from selenium.webdriver.common.by import By

from lth_lib.report.figures import loop_html
from lth_lib.workshop import twenty

SCRIPT = Path(__file__).parents[2] / "book" / "static" / "loop.js"


def page(folder: Path, script: str) -> str:
    """Write a page with the loop alone, and return its address."""
    path = folder / "loop.html"
    path.write_text(f"<!doctype html><html lang='en'>{loop_html(twenty.moments(), name='Drag')}{script}</html>")
    return path.as_uri()


def gone(browser: Chrome) -> int:
    return len(browser.find_elements(By.CSS_SELECTOR, "line.lth-gone"))


def test_the_slider_steps_through_all_moments_by_keyboard(tmp_path: Path, browser: Chrome) -> None:
    browser.get(page(tmp_path, f"<script>{SCRIPT.read_text()}</script>"))
    slider = browser.find_element(By.CSS_SELECTOR, "input")
    assert slider.accessible_name == "Drag"
    seen, said = [gone(browser)], []
    for _ in range(3 * twenty.ROUNDS + 1):
        slider.send_keys(Keys.ARROW_RIGHT)
        seen.append(gone(browser))
        said.append(slider.get_attribute("aria-valuetext"))
        assert browser.find_element(By.CSS_SELECTOR, ".lth-here").text == said[-1].split(".")[0]
    assert seen == [0, 0, 4, 4, 4, 7, 7, 7, 10, 10, 10]
    assert f"{20 - seen[-1]} of 20 weights" in said[-1]


def test_without_a_script_the_first_moment_is_shown_and_no_slider(tmp_path: Path, browser: Chrome) -> None:
    browser.get(page(tmp_path, ""))
    assert browser.find_element(By.CSS_SELECTOR, "svg").is_displayed()
    assert not browser.find_element(By.CSS_SELECTOR, "input").is_displayed()
    assert "20 of 20 weights" in browser.find_element(By.CSS_SELECTOR, "p").text
