"""A page is light and there at once: what it loads is weighed as it is sent, what it computes from disk is timed."""

from __future__ import annotations

import gzip
import json
import time
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from chapters import notebooks, pages
from chromium import READY
from selenium.webdriver import Chrome

MOST = 1_500_000
"""Bytes of a page with all it loads, each file compressed by gzip."""
LONGEST = 1.5
"""Seconds that a page computes until it is whole, sliders and mathematics too."""


def opened(browser: Chrome, path: Path) -> float:
    """Open a page, and return how many seconds it computed until it was ready; other work is not the page's."""
    browser.get("about:blank")
    browser.get_log("performance")
    browser.execute_cdp_cmd("Performance.disable", {})
    browser.execute_cdp_cmd("Performance.enable", {"timeDomain": "threadTicks"})
    began = time.perf_counter()
    browser.get(path.as_uri())
    while not browser.execute_script(READY):
        time.sleep(0.01)
        assert time.perf_counter() - began < 30, f"{path} is never ready"
    metrics = browser.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]
    return float(next(one["value"] for one in metrics if one["name"] == "TaskDuration"))


def sent(path: Path) -> int:
    """Return the bytes of a file that are sent."""
    return len(gzip.compress(path.read_bytes(), 6))


def loaded(browser: Chrome) -> set[Path]:
    """Return the files that the open page has asked for."""
    events = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    urls = [event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"]
    return {Path(unquote(urlsplit(url).path)) for url in urls if url.startswith("file:")}


@pytest.mark.parametrize("page", [*pages(), "genindex", "search"])
def test_a_page_is_light_and_there_at_once(page: str, book: Path, browser: Chrome) -> None:
    path = book / f"{page}.html"
    seconds = opened(browser, path)
    weights = {file.name: sent(file) for file in loaded(browser)}
    largest = sorted(weights.items(), key=lambda one: -one[1])[:5]
    told = f"{page}: {sum(weights.values()):,} bytes, of which {largest}; ready after {seconds:.2f} s"
    print(told)
    assert path.name in weights, "the record of requests is empty"
    assert sum(weights.values()) <= MOST, told
    assert 0 < seconds <= LONGEST, told


@pytest.mark.parametrize("page", notebooks())
def test_no_page_carries_the_player_of_live_sliders(page: str, book: Path) -> None:
    assert "vnd.jupyter.widget" not in (book / f"{page}.html").read_text(encoding="utf-8")
