"""The playground as a reader has it: from disk, without a network, by keyboard, on a phone and in the dark."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from axe import AXE, RUN_AXE
from playground import lay
from playing import Playground
from selenium.webdriver import Chrome, Keys
from selenium.webdriver.support.ui import WebDriverWait

from lth_lib.workshop.playground import page

PAGE = """<!doctype html><html lang="en" data-theme="light"><head><meta charset="utf-8"><title>A page</title>
<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">
<link rel="stylesheet" href="playground.css"><script defer src="digits.js"></script>
<script defer src="playground.js"></script></head><body><main class="bd-content"><h1>A page</h1>
<div class="lth-playground"></div></main></body></html>"""
BY = {"early": 0.25, "end": 0.125}
STORED = [{"level": 1, "seed": 101, "ahead": {"dense": BY, "re-initialised": BY, "values permuted": BY}}]
SHORT = {"batch": 30, "steps": 50, "early": 50, "tests": [10, 50], "glimpses": [25, 50], "levels": [1, 2, 3]}
DESKTOP, PHONE = 1400, 390
WIDGET = """
const [text, done] = arguments;
const el = document.querySelector("main").appendChild(document.createElement("div"));
import(URL.createObjectURL(new Blob([text], {type: "text/javascript"}))).then(async ({default: {render}}) => {
  const end = await render({model: {get: (name) => window.lthPlayground[name]}, el});
  end();
  done([el.dataset.ready, el.querySelector("[role=status]").textContent]);
}).catch((error) => done(String(error)));
"""
"""A script that imports the playground as a module, and draws it and takes it away as a widget's front end does."""
WATCH_BAR = """
const bar = document.querySelector("progress");
window.seen = [];
new MutationObserver(() => window.seen.push(bar.value)).observe(bar, {attributeFilter: ["value"]});
"""
STOP_HALFWAY = """
const bar = document.querySelector("progress"), stop = document.querySelector("[name=stop]");
const watch = new MutationObserver(() => { if (bar.value > 0) { watch.disconnect(); stop.click(); } });
watch.observe(bar, {attributeFilter: ["value"]});
"""
"""A script that stops what runs within its first training, however fast the machine."""
HOLD = """
const post = Worker.prototype.postMessage;
Worker.prototype.postMessage = function (asked) { if (asked.command !== "train") post.call(this, asked); };
window.release = () => { Worker.prototype.postMessage = post; };
"""
"""A script that keeps every training from beginning, so that there is time to stop it, until it is released."""


@pytest.fixture(scope="module")
def model() -> dict[str, Any]:
    """Return what the book's page is given, but for a training of fewer steps, judged on fewer digits."""
    whole = page.model(page.setting())
    few = whole["digits"]["labels"][: whole["digits"]["train"] + 200]
    return {"recipe": whole["recipe"] | SHORT, "digits": whole["digits"] | {"labels": few}, "stored": STORED}


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory, model: dict[str, Any]) -> Path:
    folder = tmp_path_factory.mktemp("page")
    lay(folder, model)
    (folder / "index.html").write_text(PAGE, encoding="utf-8")
    return folder / "index.html"


@pytest.fixture
def opened(browser: Chrome, written: Path) -> Iterator[Callable[..., Playground]]:
    """Return a function that opens the page, for a reader who may wish for less motion."""

    def open_page(motion: str = "no-preference") -> Playground:
        feature = {"name": "prefers-reduced-motion", "value": motion}
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
        browser.get_log("browser")
        browser.get(written.as_uri())
        return Playground(browser)

    yield open_page
    look(browser)
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    assert [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"] == []


@pytest.fixture
def raced(browser: Chrome, opened: Callable[..., Playground]) -> Playground:
    """Return a page on which there has been a race, permuted values too; the same one while nothing else is opened."""
    if browser.execute_script("return window.raced"):
        return Playground(browser)
    playground = opened()
    playground.find("[name=more]").send_keys(Keys.SPACE)
    playground.press("train", "prune", "race")
    playground.script("window.raced = true")
    return playground


def look(browser: Chrome, width: int = DESKTOP, theme: str = "light") -> None:
    """Give the page a width and a theme."""
    view = {"width": width, "height": 1000, "deviceScaleFactor": 1, "mobile": width == PHONE}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", view)
    browser.execute_script("document.documentElement.dataset.theme = arguments[0]", theme)
    drawn = "const svg = document.querySelector('.lth-play-curves svg');"
    drawn += "return !svg || Math.abs(svg.clientWidth - svg.viewBox.baseVal.width) < 1"
    WebDriverWait(browser, 20, poll_frequency=0.02).until(lambda _: browser.execute_script(drawn))


def shares(text: str) -> list[float]:
    return [float(share) for share in re.findall(r"([\d.]+) %", text)]


def test_a_reader_trains_prunes_and_repeats(opened: Callable[..., Playground]) -> None:
    playground = opened()
    assert [playground.off(name) for name in ("train", "prune", "race", "stop")] == [False, True, True, True]
    assert shares(playground.press("train"))[0] > 70, "it has learned to read"
    assert [playground.off(name) for name in ("train", "prune", "race")] == [True, False, True]
    assert shares(playground.press("prune")) == [80.2]
    assert shares(playground.press("repeat")) == [64.3]
    assert playground.off("repeat")


def test_progress_is_of_all_rounds_that_are_repeated(opened: Callable[..., Playground]) -> None:
    playground = opened()
    playground.script(WATCH_BAR)
    playground.press("repeat")
    assert playground.script("return window.seen") == [0, 0.25, 0.5, 0.5, 0.75, 1]


def test_the_same_module_is_a_widget(opened: Callable[..., Playground]) -> None:
    ready, said = opened().browser.execute_async_script(WIDGET, page.script())
    assert ready == "true"
    assert said.startswith("Network 1: 25,100 weights")


def test_it_can_be_stopped_by_keyboard(opened: Callable[..., Playground]) -> None:
    playground = opened()
    playground.script(HOLD)
    playground.find("[name=train]").send_keys(Keys.ENTER)
    playground.until(lambda: not playground.off("stop"))
    playground.find("[name=stop]").send_keys(Keys.ENTER)
    playground.until(lambda: playground.said.startswith("Stopped"))
    playground.script("window.release()")
    assert shares(playground.press("train"))[0] > 70


def test_it_can_be_stopped_and_goes_on_from_what_was_trained(opened: Callable[..., Playground]) -> None:
    playground = opened()
    playground.press("train", "prune")
    playground.script(STOP_HALFWAY)
    playground.find("[name=repeat]").send_keys(Keys.ENTER)
    playground.until(lambda: playground.said.startswith("Stopped"))
    assert playground.off("stop")
    assert shares(playground.press("repeat")) == [64.3]


def test_the_focus_stays_and_what_cannot_be_done_does_nothing(opened: Callable[..., Playground]) -> None:
    playground = opened()
    before = playground.said
    assert playground.press("prune") == before
    playground.press("train")
    assert playground.script("return document.activeElement.name") == "train", "though it can no longer be pressed"
    assert playground.script("return document.querySelectorAll(':disabled').length") == 0


@pytest.mark.parametrize(("motion", "live"), [("no-preference", True), ("reduce", False)])
def test_curves_are_live_unless_less_motion_is_wished(
    opened: Callable[..., Playground], motion: str, live: bool
) -> None:
    playground = opened(motion)
    playground.script(
        "window.seen = 0; new MutationObserver(() => { window.seen += 1; })"
        ".observe(document.querySelector('.lth-play-curves svg'), {childList: true})"
    )
    playground.press("train")
    assert (playground.script("return window.seen") > 1) == live
    assert len(playground.all("polyline")) == 1, "at the end it is drawn"


def test_a_race_is_drawn_told_and_listed(raced: Playground) -> None:
    rows = raced.rows(0)
    (before, *ticket), (_, *again) = ([shares(cell)[0] for cell in row[2:5]] for row in rows[1:3])
    assert shares(raced.said) == [ticket[0], again[0], ticket[1], again[1], before]
    others = ["re-initialised, mean of 3", "values permuted, mean of 3"]
    assert [row[0] for row in rows] == ["dense", "winning ticket", *others]
    assert [row[1] for row in rows] == ["25,100", "20,130", "20,130", "20,130"]
    assert len(raced.all("polyline")) == 8
    assert "race" in (raced.find(".lth-play-curves svg").get_attribute("aria-label") or "")


def test_the_axes_change_what_is_drawn(raced: Playground) -> None:
    drawn = [raced.find(".lth-play-curves svg").get_attribute("innerHTML")]
    for name in ("time", "close"):
        raced.find(f"[name={name}]").send_keys(Keys.SPACE)
        drawn.append(raced.find(".lth-play-curves svg").get_attribute("innerHTML"))
    assert all(one != other for one, other in pairwise(drawn))
    assert "seconds of computing" in drawn[1]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_all_rules_of_axe_hold_after_a_race(raced: Playground, width: int, theme: str) -> None:
    look(raced.browser, width, theme)
    raced.script(AXE)
    found = raced.browser.execute_async_script(RUN_AXE)
    assert [(one["id"], one["nodes"][0]["html"][:200]) for one in found] == []


def test_a_phone_has_room_for_all_of_it(raced: Playground) -> None:
    look(raced.browser, PHONE)
    assert raced.script("return document.documentElement.scrollWidth") <= PHONE
    targets = raced.all("button, select, label:has(input)")
    assert min(target.size["height"] for target in targets) >= 44
    sizes = "return [...document.querySelectorAll('.lth-playground :is(text, td, th, figcaption)')].map((one) => {"
    sizes += "const box = one.ownerSVGElement; const scale = box ? box.clientWidth / box.viewBox.baseVal.width : 1;"
    sizes += "return parseFloat(getComputedStyle(one).fontSize) * (scale || 1); })"
    assert min(raced.script(sizes)) >= 11


def test_its_tables_fit_a_page_and_their_captions_a_phone(raced: Playground) -> None:
    fit = "return [...document.querySelectorAll('.lth-play-table')].every((place) => place.clientWidth >= "
    look(raced.browser)
    assert raced.script(fit + "place.scrollWidth)")
    look(raced.browser, PHONE)
    assert raced.script(fit + "place.querySelector('caption').offsetWidth)")


def test_the_pictures_follow_the_theme(raced: Playground) -> None:
    corner = "return [...document.querySelector('.lth-play-units').getContext('2d').getImageData(0, 0, 1, 1).data]"
    bright = raced.script(corner)
    look(raced.browser, theme="dark")
    raced.until(lambda: sum(raced.script(corner)) < sum(bright))


def test_the_tally_counts_each_race_once_beside_those_stored(raced: Playground) -> None:
    beside = ["+25.0; ahead in 1 of 1", *3 * ["+12.5; ahead in 1 of 1"]]
    assert raced.rows(1)[1] == ["80.2 %: stored", *beside]
    raced.find("[name=more]").send_keys(Keys.SPACE)
    raced.press("race")
    [yours, _] = raced.rows(1)
    assert yours[0] == "80.2 %: yours"
    assert "of 1" in yours[1], "the same race again is no other"
    raced.press("anew", "train", "prune", "race")
    assert "of 2" in raced.rows(1)[0][1], "another network is another race"
