"""Series on offer in a browser: added and taken away, seven at most, by keyboard, on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select
from test_explorer_in_browser import (
    opened,
    said,
    table,
    test_a_phone_has_large_targets_readable_text_and_no_violation,
)

from lth_lib.report import explorer

OTHERS = [f"method {number}" for number in range(1, 9)]


@pytest.fixture(params=["light", "dark"])
def page(request: pytest.FixtureRequest, tmp_path: Path, browser: Chrome) -> Iterator[Chrome]:
    """Open an explorer that begins with one series of nine."""
    first = table()
    tickets = first[first["series"] == "winning ticket"]
    rest = [tickets.assign(series=name, accuracy_at_end=0.9 - place / 100) for place, name in enumerate(OTHERS)]
    every = pd.concat([first[first["series"] != "re-initialised"], *rest], ignore_index=True)
    groups = {"winning ticket": "ticket"} | dict.fromkeys(OTHERS, "other")
    found = explorer.html(
        {"": every},
        ["accuracy_at_end"],
        "<p>still</p>",
        name="Methods",
        offer=explorer.Offer(groups, ("winning ticket",)),
    )
    yield opened(found, request.param, tmp_path, browser)
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def offer(page: Chrome) -> Select:
    """Return the choice of what may be added."""
    return Select(page.find_element(By.CSS_SELECTOR, ".lth-arms select"))


def shown(page: Chrome) -> list[str]:
    """Return the series that are shown, by their labels."""
    return [label.text for label in page.find_elements(By.CSS_SELECTOR, ".lth-arms .lth-check")]


def test_a_series_is_added_and_taken_away_and_keeps_the_keyboard(page: Chrome) -> None:
    assert shown(page) == ["dense", "winning ticket"]
    assert [group.get_attribute("label") for group in page.find_elements(By.TAG_NAME, "optgroup")] == ["other"]
    offer(page).select_by_visible_text("method 3")
    assert said(page) == "method 3 is added."
    assert shown(page) == ["dense", "winning ticket", "method 3"]
    page.find_elements(By.CSS_SELECTOR, ".lth-arms input")[1].click()
    assert shown(page) == ["dense", "method 3"]
    assert page.switch_to.active_element.tag_name == "select"
    assert "winning ticket" in [option.text for option in offer(page).options]
    marks = page.find_elements(By.CSS_SELECTOR, ".lth-chart .lth-series polyline")
    assert len(marks) == 1, "what is taken away is not drawn"


def test_no_more_are_shown_than_there_are_looks(page: Chrome) -> None:
    for name in OTHERS[:6]:
        offer(page).select_by_visible_text(name)
    colours = [one.get_attribute("style") for one in page.find_elements(By.CSS_SELECTOR, ".lth-arms svg")]
    assert len({*colours}) == len(shown(page)) == 8
    offer(page).select_by_visible_text(OTHERS[6])
    assert said(page) == "7 series are shown; take one away first."
    assert OTHERS[6] not in shown(page)


def test_a_phone_has_room_for_it(page: Chrome) -> None:
    test_a_phone_has_large_targets_readable_text_and_no_violation(page)
