"""The explorer in a browser, by keyboard and by mouse, on a page of its own: its numbers are the table's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from axe import AXE, RUN_AXE
from explorer import script
from selenium.webdriver import ActionChains, Chrome, Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

from lth_lib.report import explored_curves, explorer
from lth_lib.report.stats import PERCENT, describe, interval
from lth_lib.workshop.javascript import joined

BOOK = Path(__file__).parents[2] / "book"
MODULES = BOOK / "explorer"
COLOURS = {
    "light": ("#f3f4f5", "#48566b", "#d1d5da", "#0a7d91", "#fff", "#222"),
    "dark": ("#29313d", "#9ca4af", "#48566b", "#3fb1c5", "#14181e", "#ced6dd"),
}
"""The theme's colours: surface, muted text, border, link, page and text."""
NAMES = (*(f"--pst-color-{name}" for name in ("surface", "text-muted", "border", "link")), "background", "color")
HEIGHTS = """
const parts = document.querySelectorAll('.lth-explorer label, .lth-explorer summary');
return [...parts].map(part => part.offsetHeight).filter(height => height);
"""
WIDTHS = "return [document.documentElement.scrollWidth, innerWidth];"
SIZES = """
return [...document.querySelectorAll('.lth-chart text')].map(part => parseFloat(getComputedStyle(part).fontSize));
"""

WIDGET = """
const [text, model, live, done] = arguments;
const el = document.querySelector("main").appendChild(document.createElement("div"));
import(URL.createObjectURL(new Blob([text], {type: "text/javascript"}))).then(({default: {render}}) => {
  window.ended = render({model: live ? {get: (name) => model[name]} : model, el});
  done(typeof window.ended);
}, (error) => done(String(error)));
"""
"""A script that imports the explorer as a module, and draws what it is given as a widget's front end does."""


def table(shift: float = 0.0) -> pd.DataFrame:
    """Return a tidy table of a dense network, tickets and re-initialised ones, three replicates each."""
    cells = [("dense", 0, 1.0, 0.98)]
    cells += [("winning ticket", level, 0.8**level, 0.98 + level / 1000) for level in (1, 2, 3)]
    cells += [("re-initialised", level, 0.8**level, 0.97 - level / 1000) for level in (2, 3)]
    rows = [
        (name, level, seed, density, accuracy + shift + seed / 10_000, 1000.0 * (level + 1), level == 3)
        for name, level, density, accuracy in cells
        for seed in range(3)
    ]
    columns = ["series", "level", "seed", "density", "accuracy_at_end", "early_stop", "censored"]
    return pd.DataFrame(rows, columns=columns).assign(iterations_to_dense=np.nan)


def curves(shift: float = 0.0) -> pd.DataFrame:
    """Return learning curves of a dense network and a ticket, three replicates each, from iteration 0 on."""
    rows = [
        (name, seed, at, start + at / 40 + shift + seed / 1000)
        for name, start in (("dense", 0.1), ("winning ticket", 0.2))
        for seed in range(3)
        for at in (0, 10, 20, 30)
    ]
    return pd.DataFrame(rows, columns=["series", "seed", "iteration", "value"])


def opened(found: str, theme: str, folder: Path, browser: Chrome) -> Chrome:
    """Open an explorer in a browser, from disk, at the width of a phone."""
    colours = "; ".join(f"{name}: {value}" for name, value in zip(NAMES, COLOURS[theme], strict=True))
    text = (
        f'<!doctype html><html lang="en" data-theme="{theme}"><head><meta charset="utf-8"><title>t</title>'
        f"<style>html {{ {colours} }}</style>"
        f"<style>{(BOOK / 'static' / 'explorer.css').read_text(encoding='utf-8')}</style></head>"
        f"<body><main><h1>Tickets</h1>{found}</main>"
        f"<script>{script(MODULES)}</script></body></html>"
    )
    (folder / "page.html").write_text(text, encoding="utf-8")
    phone = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", phone)
    browser.get((folder / "page.html").as_uri())
    return browser


@pytest.fixture(params=["light", "dark"])
def page(request: pytest.FixtureRequest, tmp_path: Path, browser: Chrome) -> Iterator[Chrome]:
    """Open an explorer of two data sets."""
    tables = {"MNIST": table(), "Fashion-MNIST": table(-0.1)}
    found = explorer.html(tables, ("accuracy_at_end", "early_stop"), "<p>still</p>", name="Tickets")
    yield opened(found, request.param, tmp_path, browser)
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


@pytest.fixture(params=["light", "dark"])
def learning(request: pytest.FixtureRequest, tmp_path: Path, browser: Chrome) -> Iterator[Chrome]:
    """Open an explorer of learning curves, of two densities."""
    two = {"21.1 %": curves(), "3.5 %": curves(-0.05)}
    found = explored_curves.html(two, "test_accuracy", "<p>still</p>", name="Learning", sets="Weights", above=0.5)
    yield opened(found, request.param, tmp_path, browser)
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def said(page: Chrome) -> str:
    """Return what the explorer says aloud."""
    return page.find_element(By.CSS_SELECTOR, ".lth-said").text


def chart(page: Chrome) -> WebElement:
    """Return the figure, in focus."""
    found = page.find_element(By.CSS_SELECTOR, ".lth-chart")
    page.execute_script("arguments[0].focus()", found)
    return found


def test_keys_say_each_value_pin_two_densities_and_lead_out(page: Chrome) -> None:
    found = chart(page)
    found.send_keys(Keys.ARROW_RIGHT, Keys.ARROW_LEFT, Keys.ARROW_LEFT)
    expected = describe(interval([0.981, 0.9811, 0.9812]), PERCENT)
    assert said(page) == f"winning ticket, 80 % of the weights: {expected}"
    found.send_keys(Keys.ENTER, Keys.ARROW_RIGHT)
    assert said(page).startswith("winning ticket, 64 % of the weights: 98.21 %")
    assert "98.20; 98.21; 98.22" in page.find_element(By.CSS_SELECTOR, ".lth-each").text
    found.send_keys(Keys.ENTER)
    head = [cell.text for cell in page.find_elements(By.CSS_SELECTOR, ".lth-pinned thead th")]
    assert head == ["Series", "80 % of the weights", "64 % of the weights"]
    found.send_keys(Keys.ARROW_DOWN)
    assert said(page).startswith("re-initialised, 64 % of the weights: 96.81 %")
    found.send_keys(Keys.ESCAPE)
    assert said(page) == ""
    assert page.switch_to.active_element.tag_name == "body"


def test_choices_change_metric_data_and_series(page: Chrome) -> None:
    data, shown = page.find_elements(By.CSS_SELECTOR, ".lth-explorer select")
    shown.send_keys("Early")
    assert said(page) == "Early stop is shown."
    found = chart(page)
    found.send_keys(Keys.ARROW_RIGHT, *[Keys.ARROW_RIGHT] * 3)
    assert said(page).startswith("winning ticket, 51.2 % of the weights: at least 4,000 iterations")
    shown.send_keys("Test")
    data.send_keys("Fashion")
    assert said(page).startswith("winning ticket, 51.2 % of the weights: 88.31 %")
    before = len(page.find_elements(By.CSS_SELECTOR, ".lth-chart polyline"))
    page.find_elements(By.CSS_SELECTOR, ".lth-arms input")[1].click()
    assert len(page.find_elements(By.CSS_SELECTOR, ".lth-chart polyline")) == before - 1


def test_the_mouse_finds_the_mark_beneath_it(page: Chrome) -> None:
    mark = page.find_elements(By.CSS_SELECTOR, ".lth-chart .lth-series path")[0]
    ActionChains(page).move_to_element(mark).perform()
    assert said(page).startswith("winning ticket, 80 % of the weights: 98.11 %")


def test_a_phone_has_large_targets_readable_text_and_no_violation(page: Chrome) -> None:
    assert min(page.execute_script(HEIGHTS)) >= 44
    across, inner = page.execute_script(WIDTHS)
    assert across <= inner
    assert min(page.execute_script(SIZES)) >= 11
    assert violations(page) == []


def violations(page: Chrome) -> list[str]:
    """Return what axe finds when all that can be unfolded is."""
    page.execute_script("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    page.execute_script(AXE)
    return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in page.execute_async_script(RUN_AXE)]


def test_used_it_has_no_violation_either(page: Chrome) -> None:
    chart(page).send_keys(Keys.ARROW_RIGHT, Keys.ENTER, Keys.ARROW_RIGHT, Keys.ENTER)
    for each in page.find_elements(By.CSS_SELECTOR, ".lth-tools label:not([hidden]) input"):
        each.click()
    assert page.find_element(By.CSS_SELECTOR, ".lth-pinned button").size["height"] >= 44
    assert violations(page) == []


def test_used_curves_have_no_violation_either(learning: Chrome) -> None:
    chart(learning).send_keys(Keys.ARROW_RIGHT, Keys.ENTER)
    assert violations(learning) == []


def test_the_still_is_for_paper_and_where_no_script_runs(page: Chrome) -> None:
    still, live = (page.find_element(By.CSS_SELECTOR, one) for one in (".lth-still", ".lth-live"))
    assert live.is_displayed()
    assert not still.is_displayed()
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    seen = still.is_displayed(), live.is_displayed()
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    assert seen == (True, False)


def arrows(page: Chrome) -> int:
    """Return how many arrows point to what is off the axes."""
    return len(page.find_elements(By.CSS_SELECTOR, ".lth-chart .lth-off"))


def test_curves_are_walked_by_iteration_and_what_is_off_the_axes_is_said(learning: Chrome) -> None:
    found = chart(learning)
    found.send_keys(Keys.ARROW_LEFT, Keys.ARROW_LEFT)
    start = "dense, iteration 0: " + describe(interval([0.1, 0.101, 0.102]), PERCENT)
    assert said(learning) == f"{start}; off the axes, to the left"
    assert arrows(learning) == 2
    found.send_keys(Keys.ARROW_RIGHT, Keys.ARROW_DOWN, Keys.ENTER)
    expected = describe(interval([0.45, 0.451, 0.452]), PERCENT)
    assert said(learning) == f"iteration 10 pinned. winning ticket, iteration 10: {expected}"
    assert [cell.text for cell in learning.find_elements(By.CSS_SELECTOR, ".lth-pinned td")][1] == expected
    horizontal, above = learning.find_elements(By.CSS_SELECTOR, ".lth-tools label:not([hidden]) input")
    above.click()
    assert said(learning) == f"winning ticket, iteration 10: {expected}; off the axes, below"
    horizontal.click()
    assert arrows(learning) == 2  # iteration 0 has its place again, but lies below
    above.click()
    assert (said(learning), arrows(learning)) == (f"winning ticket, iteration 10: {expected}", 0)


def test_a_phone_shows_curves_without_a_violation(learning: Chrome) -> None:
    test_a_phone_has_large_targets_readable_text_and_no_violation(learning)
    learning.find_element(By.CSS_SELECTOR, ".lth-explorer select").send_keys("3.5")
    found = chart(learning)
    found.send_keys(Keys.ARROW_LEFT, Keys.ARROW_LEFT, Keys.ARROW_RIGHT)
    assert said(learning).startswith("dense, iteration 10: 30.10 %")


@pytest.mark.parametrize("live", [True, False], ids=["a widget's model", "plain JSON"])
def test_the_same_modules_draw_as_a_widgets_front_end(live: bool, tmp_path: Path, browser: Chrome) -> None:
    page = opened("", "light", tmp_path, browser)
    model = explorer.model({"MNIST": table(), "Fashion-MNIST": table(-0.1)}, ["accuracy_at_end"], name="Tickets")
    assert page.execute_async_script(WIDGET, joined(MODULES / "explorer.js"), model, live) == "function"
    chart(page).send_keys(Keys.ARROW_LEFT)
    assert said(page).startswith("winning ticket, 80 % of the weights: 98.11 %")
    page.find_element(By.CSS_SELECTOR, "select").send_keys("Fashion")
    assert said(page).startswith("winning ticket, 80 % of the weights: 88.11 %")
    assert page.find_element(By.CSS_SELECTOR, ".lth-tools").text.splitlines()[-2].startswith("Test accuracy")
    assert page.execute_script("window.ended()") is None
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
