"""Learning curves that begin close, with their early stops, in a browser: one axis for all, and markers by keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from selenium.webdriver import Chrome, Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select
from test_explorer_in_browser import (
    arrows,
    chart,
    curves,
    opened,
    said,
    test_a_phone_has_large_targets_readable_text_and_no_violation,
)

from lth_lib.report import explored_curves
from lth_lib.report.stats import ITERATIONS, PERCENT, describe, interval

TICKS = "return [...document.querySelectorAll('.lth-chart text')].map(one => one.textContent);"


def stops(late: bool) -> pd.DataFrame:
    """Return the early stops of a dense network and a ticket, three replicates each; of the ticket, `late` ones."""
    rows = [("dense", 0, seed, 18 + seed, 0.7) for seed in range(3)]
    rows += [("winning ticket", 1, seed, 14 + 8 * late + seed, 0.8 + 0.05 * late) for seed in range(3)]
    return pd.DataFrame(rows, columns=["series", "level", "seed", "early_stop", "accuracy_at_early_stop"])


@pytest.fixture(params=["light", "dark"])
def page(request: pytest.FixtureRequest, tmp_path: Path, browser: Chrome) -> Iterator[Chrome]:
    """Open an explorer of a dense network and of tickets of two densities, of which the second is seen first."""
    lower = curves()
    lower["value"] -= (lower["series"] == "winning ticket") * 0.02
    found = explored_curves.html(
        {"21.1 %": curves(), "3.5 %": lower},
        "test_accuracy",
        "<p>still</p>",
        name="Learning",
        sets="Weights",
        above=0.5,
        stops={"21.1 %": stops(late=False), "3.5 %": stops(late=True)},
        begin=explored_curves.Begin("3.5 %", close=True),
    )
    yield opened(found, request.param, tmp_path, browser)
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_what_begins_close_is_linear_and_has_one_axis_for_all(page: Chrome) -> None:
    choice = Select(page.find_element(By.CSS_SELECTOR, ".lth-tools select"))
    assert choice.first_selected_option.text == "3.5 %"
    boxes = page.find_elements(By.CSS_SELECTOR, ".lth-tools label:not([hidden]) input")
    assert [box.is_selected() for box in boxes] == [False, True]
    before = page.execute_script(TICKS)
    assert "Training iteration" in before
    assert "50" in before
    assert "40" not in before
    assert arrows(page) == 2
    choice.select_by_visible_text("21.1 %")
    assert page.execute_script(TICKS) == before


def test_an_early_stop_is_found_by_keyboard_and_stays_chosen(page: Chrome) -> None:
    found = chart(page)
    found.send_keys(Keys.ARROW_LEFT, *[Keys.ARROW_RIGHT] * 2)  # iteration 0, then 10, then the stop before 20
    told = describe(interval([18.0, 19.0, 20.0]), ITERATIONS)
    assert said(page) == f"dense, early stop: {told}; 70.00 %"
    assert page.find_element(By.CSS_SELECTOR, ".lth-each").text == "Replicates: 18; 19; 20"
    found.send_keys(Keys.ENTER)
    assert page.find_elements(By.CSS_SELECTOR, ".lth-pinned td") == []
    found.send_keys(Keys.ARROW_DOWN)
    late = describe(interval([22.0, 23.0, 24.0]), ITERATIONS)
    assert said(page) == f"winning ticket, early stop: {late}; 85.00 %"
    Select(page.find_element(By.CSS_SELECTOR, ".lth-tools select")).select_by_visible_text("21.1 %")
    assert said(page).startswith("winning ticket, early stop: 15 iterations")
    assert len(page.find_elements(By.CSS_SELECTOR, ".lth-chart .lth-stop")) == 2


def test_the_series_that_all_have_alike_is_drawn_with_each(page: Chrome) -> None:
    found = chart(page)
    found.send_keys(Keys.ARROW_LEFT)
    expected = describe(interval([0.1, 0.101, 0.102]), PERCENT)
    assert said(page) == f"dense, iteration 0: {expected}; off the axes, below"


def test_a_phone_shows_early_stops_without_a_violation(page: Chrome) -> None:
    test_a_phone_has_large_targets_readable_text_and_no_violation(page)
