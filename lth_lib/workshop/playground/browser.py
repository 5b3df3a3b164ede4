"""A browser runs the playground's engine without its page."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from lth_lib.spec import refuse
from lth_lib.workshop.playground import page

SECONDS = 1800
"""What one call of the engine may take."""

RUN = """
const [given, seed, levels, done] = arguments;
races(given, seed, levels).then(done);
"""


class Engine:
    """The engine in a browser that is open."""

    def __init__(self, driver: Any) -> None:
        """Take a driver of selenium's."""
        driver.set_script_timeout(SECONDS)
        self.driver = driver
        self.browser = " ".join(driver.capabilities[key] for key in ("browserName", "browserVersion"))

    def __call__(self, given: dict[str, Any], seed: int, levels: Sequence[int]) -> list[dict[str, Any]]:
        """Return the races of a seed: a row for each network."""
        return list(self.ask(RUN, given, seed, list(levels)))

    def ask(self, script: str, *arguments: Any) -> Any:
        """Return what a script calls its last argument with; it may use all names of the engine."""
        return self.driver.execute_async_script(page.engine() + script, *arguments)


@contextmanager
def opened() -> Iterator[Engine]:
    """Open a browser that nobody sees, for as long as the engine is needed."""
    # Imported here: only who makes races, or tests the book, has a browser to drive.
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    browser, driver = (shutil.which(name) for name in ("chromium", "chromedriver"))
    if not (browser and driver):
        refuse("Races are trained in a browser, and there is none; on Debian: apt-get install chromium chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    for flag in ("--headless=new", "--no-sandbox", "--disable-gpu"):
        options.add_argument(flag)
    session = webdriver.Chrome(options=options, service=Service(driver))
    try:
        yield Engine(session)
    finally:
        session.quit()
