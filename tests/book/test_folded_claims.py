"""A link to a claim that is folded away opens it; without a script it leads to its line, which opens by keyboard."""

from __future__ import annotations

from pathlib import Path

from selenium.webdriver import Chrome, Keys
from selenium.webdriver.common.by import By

from lth_lib.report.claims import REPRODUCED, Line
from lth_lib.report.figures import scorecard_html

SCRIPT = Path(__file__).parents[2] / "book" / "static" / "book.js"
LINES = [Line(key, "the paper", "It wins.", "a lot", "a rule", REPRODUCED, "why", anchor=f"c{key}") for key in "12"]


def page(folder: Path, script: str) -> str:
    """Write a page with two claims and a link to the second, and return its address."""
    path = folder / "claims.html"
    path.write_text(f"<!doctype html><html lang='en'><a href='#c2'>it</a>{scorecard_html(LINES)}{script}</html>")
    return path.as_uri()


def unfolded(browser: Chrome) -> list[str | None]:
    """Return the names of the claims that are open."""
    return [one.get_attribute("id") for one in browser.find_elements(By.CSS_SELECTOR, "details[open]")]


def test_a_link_from_this_page_or_another_opens_the_claim(tmp_path: Path, browser: Chrome) -> None:
    address = page(tmp_path, f"<script>{SCRIPT.read_text()}</script>")
    browser.get(address)
    assert unfolded(browser) == []
    browser.find_element(By.CSS_SELECTOR, "a").send_keys(Keys.ENTER)
    assert unfolded(browser) == ["c2"]
    browser.get("about:blank")
    browser.get(f"{address}#c1")
    assert unfolded(browser) == ["c1"]


def test_without_a_script_a_claim_is_there_and_opens_by_keyboard(tmp_path: Path, browser: Chrome) -> None:
    browser.get(f"{page(tmp_path, '')}#c2")
    line = browser.find_element(By.CSS_SELECTOR, "#c2 summary")
    assert line.is_displayed()
    line.send_keys(Keys.ENTER)
    assert unfolded(browser) == ["c2"]
    assert browser.find_element(By.CSS_SELECTOR, "#c2 dl").is_displayed()
