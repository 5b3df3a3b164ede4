"""A reader at the playground, for the tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from selenium.webdriver import Chrome, Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

PATIENCE = 60
"""Seconds that a reader waits for what was asked for."""


class Playground:
    """An open page, and what a reader does there."""

    def __init__(self, browser: Chrome) -> None:
        self.browser = browser
        self.until(lambda: self.script("return document.querySelector('.lth-playground').dataset.ready"))

    def until(self, condition: Callable[[], Any]) -> Any:
        return WebDriverWait(self.browser, PATIENCE, poll_frequency=0.02).until(lambda _: condition())

    def script(self, text: str, *given: Any) -> Any:
        return self.browser.execute_script(text, *given)

    def find(self, selector: str) -> WebElement:
        return self.browser.find_element(By.CSS_SELECTOR, f".lth-playground {selector}")

    def all(self, selector: str) -> list[WebElement]:
        return self.browser.find_elements(By.CSS_SELECTOR, f".lth-playground {selector}")

    @property
    def said(self) -> str:
        return self.find("[role=status]").text

    def off(self, name: str) -> bool:
        return self.find(f"[name={name}]").get_attribute("aria-disabled") == "true"

    def press(self, *names: str) -> str:
        """Press buttons by keyboard, each when the last has done its work; return what is said then."""
        for name in names:
            self.find(f"[name={name}]").send_keys(Keys.ENTER)
            self.until(lambda: self.off("stop"))
        return self.said

    def rows(self, table: int) -> list[list[str]]:
        cells = "return [...arguments[0].rows].slice(1).map((row) => [...row.cells].map((cell) => cell.textContent))"
        return self.script(cells, self.all("table")[table])
