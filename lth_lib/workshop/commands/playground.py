"""`playground` trains the races that stand beside a reader's own in the book's playground."""

from __future__ import annotations

import argparse
import time
from functools import partial

from lth_lib.workshop.playground import browser, page, races


def run(given: argparse.Namespace) -> int:
    """Try the rates, then race each seed; write after each what is new, and leave what is known."""
    had = races.stored() if races.FILE.exists() and not given.anew else {"trials": [], "races": []}
    if had["races"] and had["recipe"] != races.recipe():
        had["races"] = []
    tried, raced, before = had["trials"], had["races"], had.get("provenance", {}).get("seconds", 0.0)
    began = time.monotonic()
    with browser.opened() as engine:
        about = partial(races.about, browser=engine.browser)
        for row in races.trials(engine, tried):
            tried.append(row)
            races.write(tried, raced, about(before + time.monotonic() - began))
        races.check_rate(tried)
        for rows in races.races(engine, page.setting(), raced):
            raced += rows
            path = races.write(tried, raced, about(before + time.monotonic() - began))
            print(f"Seed {rows[0]['seed']} has raced: {len(raced)} networks are in {path}.")
    return 0
