"""A table is sorted by its heads, and filtered by choices and words, by keyboard; without a script it reads whole."""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd
from selenium.webdriver import Chrome, Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import Select

from lth_lib.report.sortable import sortable

SCRIPT = Path(__file__).parents[2] / "book" / "static" / "sortable.js"
TABLE = pd.DataFrame(
    {
        "Method": ["b", "a", "d", "c"],
        "When": ["before", "after", "after", "before"],
        "Bytes": [("900", 900.0), ("1,000", 1000.0), ("–", math.nan), ("20", 20.0)],
    }
)


def page(folder: Path, script: str) -> str:
    """Write a page with one table, whose filter begins with all, and return its address."""
    path = folder / "table.html"
    path.write_text(
        f"<!doctype html><html lang='en'>{sortable(TABLE, caption='All', filters=['When'], search=True)}{script}</html>"
    )
    return path.as_uri()


def shown(browser: Chrome) -> str:
    """Return the names of the rows that a reader sees, in order."""
    rows = browser.find_elements(By.CSS_SELECTOR, "tbody tr")
    return "".join(row.find_element(By.CSS_SELECTOR, "th").text for row in rows if row.is_displayed())


def head(browser: Chrome, name: str) -> WebElement:
    return browser.find_element(By.XPATH, f"//thead//button[starts-with(., '{name}')]")


def test_heads_sort_numbers_from_the_largest_words_from_the_first_and_back(tmp_path: Path, browser: Chrome) -> None:
    browser.get(page(tmp_path, f"<script>{SCRIPT.read_text()}</script>"))
    assert shown(browser) == "badc"
    clicks = [("Bytes", "abcd", "descending"), ("Bytes", "cbad", "ascending")]
    clicks += [("Method", "abcd", "ascending"), ("Method", "dcba", "descending")]
    for name, order, said in clicks:
        head(browser, name).send_keys(Keys.ENTER)
        assert shown(browser) == order
        told = browser.find_elements(By.CSS_SELECTOR, "th[aria-sort]")
        assert [one.get_attribute("aria-sort") for one in told] == [said], "of one column only"


def test_a_choice_leaves_its_rows_and_says_how_many(tmp_path: Path, browser: Chrome) -> None:
    browser.get(page(tmp_path, f"<script>{SCRIPT.read_text()}</script>"))
    choice = browser.find_element(By.CSS_SELECTOR, "select")
    assert choice.accessible_name == "When"
    for value, rows, told in (("after", "ad", "2 of 4 rows"), ("all", "badc", "4 of 4 rows")):
        Select(choice).select_by_visible_text(value)
        assert shown(browser) == rows
        assert browser.find_element(By.CSS_SELECTOR, "output").text == told


def test_all_words_of_a_search_are_in_the_rows_that_stay(tmp_path: Path, browser: Chrome) -> None:
    browser.get(page(tmp_path, f"<script>{SCRIPT.read_text()}</script>"))
    search = browser.find_element(By.CSS_SELECTOR, "input")
    assert search.accessible_name == "Search"
    for typed, rows in (("BEF", "bc"), ("ore 20", "c"), (" nothing", "")):
        search.send_keys(typed)
        assert shown(browser) == rows
        assert browser.find_element(By.CSS_SELECTOR, "output").text == f"{len(rows)} of 4 rows"
    Select(browser.find_element(By.CSS_SELECTOR, "select")).select_by_visible_text("after")
    search.send_keys(Keys.CONTROL, "a", Keys.NULL, Keys.BACKSPACE)
    assert shown(browser) == "ad", "a choice holds beside it"


def test_without_a_script_all_rows_are_there_and_no_filter(tmp_path: Path, browser: Chrome) -> None:
    browser.get(page(tmp_path, ""))
    assert shown(browser) == "badc"
    assert not any(browser.find_element(By.CSS_SELECTOR, one).is_displayed() for one in ("select", "input"))
