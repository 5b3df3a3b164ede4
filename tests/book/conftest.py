"""A built book, and a browser that cannot reach the network."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium import webdriver

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "book" / "ext"))

import chromium  # noqa: E402


@pytest.fixture(scope="session")
def book() -> Path:
    """Return the folder of the built book; `make book` builds it unless nothing changed since it did."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    made = subprocess.run(["make", "book"], cwd=ROOT, env=clean, capture_output=True, text=True, check=False)
    last = "\n".join((made.stdout + made.stderr).splitlines()[-60:])
    assert made.returncode == 0, f"`make book` failed, and at its end said:\n{last}"
    return ROOT / "_build" / "html"


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    """Start a browser without a network, which records what its pages say and ask for."""
    driver = chromium.start(tmp_path_factory.mktemp("profile"))
    yield driver
    driver.quit()
