"""A browser that cannot reach the network, and when a page of the book is all there in it."""

from __future__ import annotations

import shutil
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.chrome.service import Service

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

READY = """
const count = (selector) => document.querySelectorAll(selector).length;
return document.readyState === 'complete'
    && !count('.lth-turn[hidden], .lth-live:empty, .lth-playground:not([data-ready])')
    && count('mjx-container') >= count('.math');
"""
"""A script that returns whether a page's sliders, explorers, playground and mathematics are there."""


def start(profile: Path) -> webdriver.Chrome:
    """Start a browser without a network, which records what its pages say and ask for."""
    options = webdriver.ChromeOptions()
    for flag in FLAGS:
        options.add_argument(flag)
    options.add_argument(f"--user-data-dir={profile}")
    options.binary_location = program("chromium")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    return webdriver.Chrome(options=options, service=Service(program("chromedriver")))


def program(name: str) -> str:
    """Return where a program is, or say how to install it."""
    found = shutil.which(name)
    if found is None:
        raise SystemExit(f"{name} is not installed; on Debian: apt-get install chromium chromium-driver")
    return found
