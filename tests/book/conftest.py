"""A built book, and a browser that cannot reach the network."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

ROOT = Path(__file__).parents[2]

# No name is resolved and the proxy's port is closed, so a page that asks for anything elsewhere fails to get it.
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1400,1000",
    "--proxy-server=127.0.0.1:9",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)


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
    options = webdriver.ChromeOptions()
    for flag in FLAGS:
        options.add_argument(flag)
    options.add_argument(f"--user-data-dir={tmp_path_factory.mktemp('profile')}")
    options.binary_location = program("chromium")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(program("chromedriver")))
    yield driver
    driver.quit()


def program(name: str) -> str:
    """Return where a program is, or say how to install it."""
    found = shutil.which(name)
    assert found, f"{name} is not installed; on Debian: apt-get install chromium chromium-driver"
    return found
